#!/usr/bin/env bash
# Where no I/O that arrived in the measured span ended in it, or none arrived, there is no latency, and a note says why.
source tests/cli/_lib.sh

deep=(rpc-4k --set workload.0.iodepth=17841 --set frontend.stack=kernel_tcp)
orrery run "${deep[@]}"
succeeded
row=$(grep '^rpc .*write' <<<"$out")
expect_like "times in the row of the job" "rpc  write *B/s *( )-*( )-*( )-*( )-" "$row"
expect_like "a note" "*note: job rpc: no I/O that arrived in the measured*latencies are longer than*" "$(tr -s '\n ' ' ' <<<"$out")"
orrery run "${deep[@]}" --json
expect_json "in JSON" "$scratch/out" '.jobs[0].write | .total_ios > 0 and .lat_ns == {min: null, max: null, mean: null, stddev: null, N: 0}
  and .clat_ns == .lat_ns and .intervals.lat_mean_ns == null'
orrery compare "${deep[@]}" --vary workload.0.iodepth=1,17841 --json
expect_json "in a comparison" "$scratch/out" '.rows[] | select(.group == "rpc write" and .metric == "mean")
  | (.values[0] | type == "number") and .values[1] == null and .ratios[1] == null'

# Not one: neither a table nor a list of all that was not reached.
for runtime in 1ps 20us; do
  orrery run first-light --set workload.0.ramp_time=0s --set workload.0.runtime=$runtime
  succeeded
  expect_like "a note" "*note: job mix: no I/O arrived within the runtime"$'\n' "$out"
  expect "other notes" 1 "$(grep -c '^note: ' <<<"$out")"
  expect "a table without rows" "" "$(grep IOPS <<<"$out")"
done

# What a saturated job has of latencies is in no file.
orrery run rpc-4k --set workload.0.runtime=5ms --set workload.0.iodepth=1 --set workload.0.rate_iops=1M -o out
succeeded
expect_json "a saturated job" out/summary.json '.jobs[0].write | .saturated and .lat_ns == null and .clat_ns == null
  and .slat_ns == null and .stages == null and .components == null and .slowest == null
  and (.intervals | has("lat_mean_ns") | not) and .iops > 0'
expect "latency.csv of a saturated job" "job,direction,kind,up_to_ns,count,cumulative" "$(cat out/latency.csv)"

finish
