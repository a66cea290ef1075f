#!/usr/bin/env bash
# A run that is short against what waits in it, or that has not come to rest, says so; longer ones do not.
source tests/cli/_lib.sh

cat >buffer.yaml <<'YAML'
# Large writes fill the buffer of a drive; once it is full they take several times as long.
scenario: buffer
system: device
storage: {servers: 1, ssds_per_server: 1, ssd: p4510-2tb-steady}
workload:
  - {name: j, rw: randrw, rwmixread: 60, bs: 128k, iodepth: 64, ramp_time: 2ms, runtime: 30ms}
YAML
doubts='(.notes | map(select(test("too short for what waits|not in steady state|not settled"))) | length)'
orrery run buffer.yaml --json
expect_json "30 ms" "$scratch/out" "$doubts > 0"
orrery run buffer.yaml
expect_like "the table" "*note: *too short for what waits*" "$out"
orrery run buffer.yaml --json --set workload.j.runtime=3s --set workload.j.ramp_time=1s
expect_json "3 s" "$scratch/out" "$doubts == 0"

cat >queue.yaml <<'YAML'
# A closed loop that asks for 2,000 reads at once, each of which takes as long as it takes to serve them all.
scenario: queue
system: device
storage: {servers: 1, ssds_per_server: 1}
workload:
  - {name: j, rw: randread, bs: 128k, iodepth: 2000, ramp_time: 0s, runtime: 200ms}
YAML
orrery run queue.yaml --json
expect_json "200 ms" "$scratch/out" "$doubts > 0"
orrery run queue.yaml --json --set workload.j.ramp_time=200ms --set workload.j.runtime=4s
expect_json "4 s" "$scratch/out" "$doubts == 0"

# No percentile lies beyond what was measured.
orrery run p4510 --json --set workload.0.runtime=20ms --set workload.0.iodepth=1
expect_json "percentiles" "$scratch/out" '[.jobs[] | .read, .write | select(. != null) | .lat_ns, .clat_ns |
  select(. != null and .percentile != null) | . as $l | $l.percentile[] | . >= $l.min and . <= $l.max] | all and length > 0'

finish
