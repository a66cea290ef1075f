#!/usr/bin/env bash
# What a run leaves behind: four files that parse, fio's fields, stages that add up to the latency, and where numbers come from.
source tests/cli/_lib.sh

orrery run first-light --set workload.mix.runtime=10ms --set workload.mix.ramp_time=2ms -o run
succeeded
expect_like "the table says where files are" $'*\nwritten to run\n' "$out"
expect "files of a run directory" "hangs.csv latency.csv scenario.yaml summary.json timeline.csv" "$(names_in run)"

holds() { expect_json "$1" run/summary.json "$2"; }

holds "names" '.scenario == "first-light" and .system == "ebs" and .agent == "host" and (.title | length > 0)'
holds "one job with both directions" '.jobs | length == 1 and (.[0] | has("read") and has("write"))'
holds "fio's fields of a job" '.jobs[0] | .jobname == "mix" and .groupid == 0 and .error == 0 and ."job options".rw == "randrw"'
holds "fio's fields of a direction" '[.jobs[0].read, .jobs[0].write] | all(
  [.iops, .bw_bytes, .bw, .io_bytes, .io_kbytes, .total_ios, .runtime] | all(type == "number" and . > 0))'
holds "fio's fields of a latency" '[.jobs[0] | (.read, .write) | .lat_ns, .clat_ns] | all(
  .N > 0 and .min > 0 and .min <= .mean and .mean <= .max and .stddev >= 0 and
  (.percentile."50.000000" | . > 0))'
holds "percentiles rise" '[.jobs[0] | (.read, .write) | .lat_ns.percentile
  | to_entries | sort_by(.key | tonumber) | map(.value)] | all(. == sort)'
holds "bytes are of 4 KiB each" '[.jobs[0].read, .jobs[0].write] | all(
  .io_bytes == 4096 * .total_ios and ((.bw_bytes / .iops - 4096) | fabs) < 1e-6)'
holds "directions add up to the job" '.jobs[0] | ((.read.iops + .write.iops) / .iops - 1 | fabs) < 1e-9'
holds "I/Os are conserved" '.jobs[0].ios | .arrived == .done + .failed + .in_flight and .failed == 0'
holds "latency = submission + completion" '[.jobs[0].read, .jobs[0].write] | all(
  ((.slat_ns.mean + .clat_ns.mean) / .lat_ns.mean - 1 | fabs) < 1e-9)'
holds "stages add up to the latency" '[.jobs[0].read, .jobs[0].write] | all(. as $side |
  ([.stages[] | .wait_ns.mean + .service_ns.mean] | add) / $side.lat_ns.mean - 1 | fabs < 1e-9)'
holds "a stage's total is its wait and its service" '[.jobs[0].write.stages[]] | length > 5 and all(
  (.wait_ns.mean + .service_ns.mean - .total_ns.mean) | fabs < 1e-6)'
holds "all checks hold" '(.checks | map(.name)) == ["ios_conserved", "stages_add_up", "littles_law", "packets_conserved"]
  and (.checks | all(.ok))'
holds "stations" '(.stations | length > 10) and (.stations | map(.name) | unique | length) == (.stations | length)
  and (.stations | all(.utilisation >= 0 and .utilisation <= 1 and .servers > 0 and .mean_queue >= 0))'
holds "ports" '.ports | length > 10 and all(.packets > 0 and .drops == 0 and .utilisation <= 1)'
holds "provenance" '.provenance | .seed == 1 and .events > 1000 and (.scenario_hash | test("^[0-9a-f]{16}$"))'
holds "every parameter says where it comes from" '[.provenance.parameters[][]] | length > 30 and all(
  (.value | length > 0) and (.source | length > 0) and (.kind | IN("measured", "datasheet", "paper", "assumed", "scenario")))'

expect "columns of latency.csv" "job,direction,kind,up_to_ns,count,cumulative" "$(head -1 run/latency.csv)"
for direction in read write; do
  expect "latency.csv: I/Os of $direction" "$(jq ".jobs[0].$direction.lat_ns.N" run/summary.json)" \
    "$(awk -F, -v d=$direction '$2 == d && $3 == "lat" {n += $5} END {print n}' run/latency.csv)"
  expect "latency.csv: the last cumulative share of $direction" 1 \
    "$(awk -F, -v d=$direction '$2 == d && $3 == "lat" {last = $6} END {print last}' run/latency.csv)"
done
expect "columns of timeline.csv" "time_ms,job,direction,completed,failed,bytes,lat_mean_ns,lat_max_ns,in_flight" \
  "$(head -1 run/timeline.csv)"
expect "timeline.csv: everything that was done" "$(jq '.jobs[0].ios.done' run/summary.json)" \
  "$(awk -F, 'NR > 1 {n += $4} END {print n}' run/timeline.csv)"

# The resolved scenario is one, and gives the same result.
orrery lint run/scenario.yaml
succeeded
orrery run run/scenario.yaml --json
succeeded
without_sources='del(.provenance.parameters[][]["source", "kind", "role"])'
expect "result of the resolved scenario" "$(jq "$without_sources" run/summary.json | sha256sum)" \
  "$(jq "$without_sources" "$scratch/out" | sha256sum)"

# --json prints what the file holds.
orrery run first-light --set workload.mix.runtime=10ms --set workload.mix.ramp_time=2ms --json -o json
succeeded
cmp -s json/summary.json "$scratch/out" || fail "--json is not what summary.json holds"
cmp -s json/summary.json run/summary.json || fail "--json changes summary.json"

# A device alone and an RPC have no stages of an EBS cluster, but the same files.
for scenario in p4510 rpc-4k; do
  orrery run $scenario --set workload.0.runtime=2ms --quiet -o $scenario
  succeeded
  expect_json "stages of $scenario" $scenario/summary.json '.jobs[0] | (.read, .write) | select(. != null) | . as $side |
    ([.stages[].total_ns.mean] | add) / $side.lat_ns.mean - 1 | fabs < 1e-9'
done

finish
