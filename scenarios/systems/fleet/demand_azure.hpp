// The trace azure-2020: virtual machines, and the fractions of a machine that their types take.
#pragma once

#include "scenarios/systems/fleet/demand_table.hpp"
#include "scenarios/systems/fleet/demand_trace_pods.hpp"

namespace orrery {

// Table vm, with vmType in `types`.
void read_azure_2020(const DemandSource& source, const TraceText& table, const TraceText& types,
                     TracePods& pods, DemandDraft& draft);

}  // namespace orrery
