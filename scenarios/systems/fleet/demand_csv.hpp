// Pods from public traces, in the columns in which they are published.
//
//   alibaba-gpu-v2025  a line of names, then an instance per row: instance_sn, role, app_name,
//                      cpu_request (cores), memory_request and disk_request (GiB),
//                      max_instance_per_node (-1: any), creation_time, deletion_time (seconds;
//                      empty: before the start, after the end). GPUs and RDMA are not modelled.
//   alibaba-v2017      container_event, without a line of names: ts, event (Create, Remove),
//                      instance_id, machine_id, plan_cpu, plan_mem, plan_disk, cpuset. CPU in cores
//                      (assumed; `node_cpu` scales it), memory and disk normalised.
//   azure-2020         lines of names; vm(vmId, tenantId, vmTypeId, priority, starttime, endtime),
//                      in days, the start negative for who was there before, the end empty or NULL
//                      for who stays; and vmType(id, vmTypeId, machineId, core, memory, hdd, ssd,
//                      nic), fractions of a machine. The disk is the ssd.
//   huawei-east-1      a line of names; vmid, cpu (cores), memory (taken as GiB), time (seconds),
//                      type (0 create, 1 delete)
//
// Formats of events (v2017, huawei) must be in order of time. A row that cannot be used is skipped
// and goes to the books; columns that nobody knows are noted.
#pragma once

#include <cstdint>

#include "scenarios/systems/fleet/demand_draft.hpp"
#include "scenarios/systems/fleet/demand_table.hpp"

namespace orrery {

// `types` is azure-2020's second table. Throws InputError where a column is missing or no row can
// be used.
void read_trace(const DemandSource& source, const TraceText& table, const TraceText* types,
                std::uint32_t storage_class, DemandDraft& draft);

}  // namespace orrery
