#!/usr/bin/env bash
# An open loop that arrives faster than it is served is reported as saturated; no latency of it is quoted.
source tests/cli/_lib.sh

overload=(rpc-4k --set workload.0.runtime=5ms --set workload.0.iodepth=1 --set workload.0.rate_iops=1M)

orrery run "${overload[@]}"
succeeded
row=$(grep '^rpc .*write' <<<"$out" | head -1)
expect_like "row of the job" "*SATURATED*" "$row"
expect_like "times in the row of the job" "rpc  write+([^u])" "$row"
expect_like "offered and done" "*rpc write: offered 1.00M IOPS, done 76.4k IOPS*" "$out"
expect_like "time by stage" "!(*mean per I/O*)" "$out"

orrery run "${overload[@]}" --json
succeeded
expect_json "flags" "$scratch/out" '.jobs[0] | .saturated and .write.saturated and .write.offered_iops == 1e6 and .write.iops < 1e5'
expect_json "the backlog grows" "$scratch/out" '.jobs[0].in_flight_growth > 4000'
expect_json "a note" "$scratch/out" '.notes | any(contains("saturated"))'

# Below its capacity the same job has a latency, and a closed loop has one however deep it is.
orrery run "${overload[@]}" --set workload.0.rate_iops=10k --json
expect_json "a light load" "$scratch/out" '.jobs[0] | (.saturated | not) and .write.lat_ns.mean > 13000 and (.write.iops / 10000 - 1 | fabs < 0.05)'
orrery run rpc-4k --set workload.0.runtime=5ms --set workload.0.iodepth=64 --json
expect_json "a closed loop" "$scratch/out" '.jobs[0] | .saturated | not'

# Beside others it is named, has no latency and no ratio of one.
orrery compare "${overload[@]}" --vary workload.0.rate_iops=10k,1M --json
succeeded
expect_json "in a comparison" "$scratch/out" '.rows[] | select(.group == "rpc write" and .metric == "mean")
  | .values[1] == "saturated" and .ratios[1] == null and (.values[0] | type == "number")'
orrery compare "${overload[@]}" --vary workload.0.rate_iops=10k,1M
expect_like "in the table of a comparison" "*mean*SATURATED*" "$out"

finish
