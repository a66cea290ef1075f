#include "tests/docs/rack_apart.hpp"

namespace orrery::control {

void RackApart::keep(const PoolTable& table, const VolumeRequest& request, const VolumeLimits&,
                     Candidates& candidates) const {
  if (request.host == kNoNode) return;
  const std::string* rack = find_label(table.node[request.host]->labels, label_);
  if (rack == nullptr) return;
  candidates.drop_listed(table.labelled({label_, *rack}), Reason::other);
}

}  // namespace orrery::control
