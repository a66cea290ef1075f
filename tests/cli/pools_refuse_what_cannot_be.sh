#!/usr/bin/env bash
# Volumes and operations of a pool that cannot be are one message at their line and column.
source tests/cli/_lib.sh

# bad PATTERN VOLUME [OPERATION [HEAD]]: lines with a ^ before the place of the mistake.
bad() {
  local text before last newlines place
  text="scenario: s
system: pool
compute: {servers: 2, racks: 1, node: pool-25g, ssd: p4510-2tb, ssds_per_server: 1}
storage: {servers: 2, racks: 1, node: pool-25g, ssd: p4510-2tb, ssds_per_server: 2}
logical_volumes:
  - {name: db, host: compute-0, on: storage-0, size: 100GiB}
  $2
operations: [${3:-}]
workload: [{name: w, runtime: 5ms}]
${4:-}"
  before=${text%%^*}
  newlines=${before//[!$'\n']/}
  last=${before##*$'\n'}
  place=s.yaml:$((${#newlines} + 1)):$((${#last} + 1))
  printf '%s\n' "${text/^/}" >s.yaml
  for command in run lint; do
    orrery "$command" s.yaml
    refused "$place: error: $1"
  done
}

bad "a volume of 8TiB is larger than the pool of storage-0, which has *" \
  "- {name: v, host: compute-0, on: storage-0, size: ^8TiB}"
bad "a volume of 8TiB is larger than any pool" "- {name: v, host: compute-0, size: ^8TiB}"
bad "storage-0 has * free, too little for compute-0/v as it is laid out over the SSDs" \
  "- {name: v, host: compute-0, on: storage-0, size: ^3700GiB}"
bad "unknown node 'storage-9'*" "- {name: v, host: compute-0, on: ^storage-9, size: 1GiB}"
bad "unknown node 'compute-7'*" "- {name: v, host: ^compute-7, size: 1GiB}"
bad "two volumes are called 'compute-0/db'" "- {name: ^db, host: compute-0, size: 1GiB}"
bad "compute-0 cannot reach storage-0 by zero_copy: it is another node" \
  "- {name: v, host: compute-0, on: storage-0, path: ^zero_copy, size: 1GiB}"
bad "compute-0 is compute-0's own pool: remote_tcp leads to other nodes" \
  "- {name: v, host: compute-0, on: compute-0, path: ^remote_tcp, size: 1GiB}"
bad "* has no RDMA NIC" "- {name: v, host: compute-0, on: storage-1, path: ^remote_rdma, size: 1GiB}" "" \
  "profiles: {pool-25g: {rdma_nic: false}}"
bad "a chain of 9 snapshots is deeper than the 8 that an engine keeps" \
  "- {name: v, host: compute-0, size: 1GiB, snapshots: ^9}"
bad "storage-0 has no SSDs for that" \
  "- {name: v, host: compute-0, on: storage-0, size: 1GiB, tier: ^capacity, thin: true}"
bad "a clone is as large as its origin: 100GiB" \
  "- {name: v, host: compute-0, size: ^1GiB, clone_of: db}"
bad "compute-0 has one SSD: a mirror needs two, or two nodes" \
  "- {name: v, host: compute-0, size: 1GiB, raid: ^raid1}"
bad "no volume before this one is called 'nothing'" \
  "- {name: v, host: compute-0, size: 1GiB, clone_of: ^nothing}"
bad "a native volume has no engine: no thin provisioning, snapshots or tiers" \
  "- {name: v, host: compute-0, size: 1GiB, path: ^native, thin: true}"
bad "a volume on several nodes needs raid: linear, raid0 or raid1" \
  "- {name: v, host: compute-0, on: ^[storage-0, storage-1], size: 1GiB}"
bad "a cached volume needs \`cache\`, the size of its cache" \
  "- {name: v, host: compute-0, size: 1GiB, tier: ^cached}"

bad "compute-0/db is on storage-0 already: a migration to the same node moves nothing" "" \
  "{kind: hot_migration, volume: compute-0/db, to: ^storage-0, at: 1ms}"
bad "unknown node 'storage-3'*" "" "{kind: hot_migration, volume: compute-0/db, to: ^storage-3, at: 1ms}"
bad "unknown volume 'compute-0/dp'*" "" "{kind: hot_migration, volume: ^compute-0/dp, at: 1ms}"
bad "unknown node 'storrage-0'*" "" "{kind: hot_upgrade, node: ^storrage-0, at: 1ms}"
bad "compute-0/db has 100GiB: making it smaller would cut off what jobs use" "" \
  "{kind: resize, volume: compute-0/db, size: ^1GiB, at: 1ms}"
bad "a hot_upgrade needs \`node\`" "" "{kind: ^hot_upgrade, at: 1ms}"
bad "a hot_migration needs \`volume\`" "" "{kind: ^hot_migration, at: 1ms}"
bad "factor: must be more than 1, got '0.5'" "" "" "faults: [{kind: slow_ssd, target: storage-0/ssd-0, at: 1ms, factor: ^0.5}]"
bad "unknown SSD 'storage-0/ssd-7'*" "" "" "faults: [{kind: slow_ssd, target: ^storage-0/ssd-7, at: 1ms, factor: 2}]"
bad "unknown variant 'fast'*" "" "" "variants: {slow: {seed: 2}}
variant: ^fast"

# Sharing limits.
cat >s.yaml <<'Y'
scenario: s
system: pool
compute: {servers: 4, racks: 1, node: pool-25g}
storage: {servers: 1, racks: 1, node: pool-25g, ssd: p4510-2tb, ssds_per_server: 12}
volumes: {per_server: 1, size: 100GiB}
workload: [{name: w, runtime: 5ms}]
Y
orrery lint s.yaml
refused "s.yaml:5:32: error: no pool may take compute-3/volume-0: all with room for 100GiB serve 3 volumes or 5 nodes of others"
orrery run s.yaml --quiet --set pool.max_remote_volumes=4
expect "with a higher limit" 0 "$status"

finish
