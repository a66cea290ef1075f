// Where the volumes of a pool lie: what was placed by hand, and the rest by a policy that is good
// enough for an I/O scenario.
//
// The policy puts a volume on its host's own pool if it has room, unless its path is a remote one,
// else on the fullest other pool that has room and does not serve too many others yet (LiteIO:
// filters, then 100 x used / total, fuller first; ties to storage nodes and the lower number). No
// pool serves more than `max_remote_volumes` volumes of other nodes or more than
// `max_sharing_nodes` of these.
#pragma once

#include <string>
#include <vector>

#include "scenarios/systems/pool/planned_volume.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

struct Scenario;

// The volumes of a scenario whose `logical_volumes` and `operations` have been read; the latter are
// checked against the plan. Throws InputError for what cannot be.
std::vector<PlannedVolume> plan_pool(const TextNode& root, const Scenario& scenario);
// Reads `logical_volumes` and `operations`.
std::vector<LogicalVolumeSpec> logical_volumes_in(const TextNode& root);
std::vector<OperationSpec> operations_in(const TextNode& root);

}  // namespace orrery
