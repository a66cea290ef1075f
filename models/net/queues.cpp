#include "models/net/queues.hpp"

namespace orrery {

const Declarations& QueueProfile::declarations() {
  static const Declarations all =
      Declare<QueueProfile>("a queue class of a fabric's ports")
          .field("schedule", &QueueProfile::schedule,
                 "strict: before all weighted classes; weighted: by deficit round robin")
          .one_of({"strict", "weighted"})
          .field("weight", &QueueProfile::weight, "share of what strict classes leave, if weighted",
                 between(1, 1000))
          .field("mark_from", &QueueProfile::mark_from,
                 "queueing time at which ECN marking begins; 0s: never marks", any_latency())
          .field("mark_to", &QueueProfile::mark_to, "queueing time from which all are marked",
                 any_latency())
          .field("mark_probability", &QueueProfile::mark_probability,
                 "probability of a mark just below mark_to", between(0, 1))
          .field("lossless", &QueueProfile::lossless, "stopped upstream (PFC) before it overflows")
          .build();
  return all;
}

QueueProfiles plain_queues() {
  QueueProfiles all;
  for (QueueProfile& queue : all) queue.schedule = "strict";
  return all;
}

}  // namespace orrery
