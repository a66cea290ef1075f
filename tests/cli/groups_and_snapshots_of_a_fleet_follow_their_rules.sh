#!/usr/bin/env bash
# Volume groups: parts on nodes of their own, ready together, one after the other, hit by any of their nodes. Snapshots: one per volume,
# out of its reserve.
source tests/cli/_lib.sh

cat >s.yaml <<'EOF'
scenario: s
system: fleet
fleet: {runtime: 1d, disks: lightpool}
nodes: [{shape: worker, count: 12, cpu: 96, memory: 768GiB, disk: 20TB}]
storage_classes: [{name: db, position: PreferLocal}]
demand:
  - {generator: uniform, name: db, pods: 10, cpu: 8, memory: 32GiB, disk: 1TiB, snapshot_reserved: 200GiB, storage_class: db, over: 1h}
volume_groups:
  - {name: first, size: 48TiB, min_part: 1TiB, max_part: 8TiB, max_count: 8, at: 2h, for: 6h}
  - {name: second, size: 48TiB, min_part: 1TiB, max_part: 8TiB, max_count: 8, after: first}
  - {name: too-much, size: 300TiB, min_part: 1TiB, max_part: 30TiB, max_count: 12, at: 3h}
snapshots:
  - {pods: db/*, size: 100GiB, at: 3h, for: 1h}
  - {pods: db/*, size: 100GiB, at: 210min}
  - {pods: db/*, size: 201GiB, at: 5h}
  - {pods: db/*, size: 100GiB, at: 6h, for: 1h, then: merge}
EOF
orrery run s.yaml --json --quiet
succeeded
expect_json "groups" "$scratch/out" \
  '.fleet.groups | .asked_for == 3 and .became_ready == 2 and .parts >= 12 and .degraded == 0 and .plans_without_room >= 1'
# Seen at the first look, a minute after it was asked for.
expect_json "time to ready" "$scratch/out" '.fleet.groups.to_ready_s | .min >= 59.9 and .max <= 60.1'
# The second snapshot of each volume comes while it has one, the third is larger than the reserve; an lvstore cannot merge.
expect_json "snapshots" "$scratch/out" \
  '.fleet.snapshots | .made == 20 and .refused == 20 and .merges_failed == 10'
expect_json "checks" "$scratch/out" '[.checks[].ok] | all'

orrery run s.yaml --json --quiet \
  --set 'events=[{kind: agent_dead, node: "*", at: 4h, for: 1h}]'
succeeded
expect_json "groups whose nodes are gone" "$scratch/out" '.fleet.groups.degraded == 2'

finish
