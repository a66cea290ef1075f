#include "models/ebs/tables.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace orrery {

namespace {
double burst_of(double per_second, Duration burst) {
  return std::max(1.0, per_second * to_seconds(burst));
}
}  // namespace

Qos::Qos(Calendar& calendar, const QosLimits& limits)
    : calendar_(calendar),
      iops_(calendar, limits.iops ? limits.iops->per_second() : 0,
            limits.iops ? burst_of(limits.iops->per_second(), limits.burst) : 0),
      bytes_(calendar, limits.bandwidth ? limits.bandwidth->bytes_per_second() : 0,
             limits.bandwidth ? burst_of(limits.bandwidth->bytes_per_second(), limits.burst) : 0) {}

Task<> Qos::admit(Io& io) {
  co_await iops_.take(1);
  co_await bytes_.take(static_cast<double>(io.length.count()));
  io.ledger.charge_wait(stage::kQos, calendar_.now());
}

SegmentRange SegmentTable::first_part(Bytes offset, Bytes length) const {
  const auto index = static_cast<std::size_t>(offset / segment_);
  ORRERY_INVARIANT(index < segments_.size(), "segment table", "an I/O beyond the volume's end");
  const Bytes within = offset % segment_;
  const Bytes room = std::min({sector_ - within % sector_, segment_ - within, largest_rpc_});
  return {segments_[index].id, within, std::min(room, length), segments_[index].server};
}

int SegmentTable::parts_of(Bytes offset, Bytes length) const {
  int count = 0;
  for (Bytes done{}; done < length; ++count)
    done += first_part(offset + done, length - done).length;
  return count;
}

}  // namespace orrery
