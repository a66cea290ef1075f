#!/usr/bin/env bash
# A comparison runs every variant under the same arrivals; its rows and ratios follow from the summaries it holds.
source tests/cli/_lib.sh

orrery compare first-light --set workload.mix.runtime=10ms --set workload.mix.ramp_time=2ms --json -o out
succeeded
cmp -s out/compare.json "$scratch/out" || fail "--json is not what compare.json holds"
holds() { expect_json "$1" out/compare.json "$2"; }

holds "variants, in order" '.variants | map(.label) == ["kernel_tcp", "luna", "solar"]'
holds "settings" '.variants | map(.settings) == [{"frontend.stack": "kernel_tcp"}, {"frontend.stack": "luna"}, {"frontend.stack": "solar"}]'
holds "the same arrivals" '[.variants[].summary.jobs[0].ios.arrived] | (unique | length == 1) and .[0] > 500'
holds "different latencies" '[.variants[].summary.jobs[0].write.lat_ns.mean] | unique | length == 3'
holds "one seed" '[.variants[].summary.provenance.seed] | unique == [1]'
holds "a value, a ratio and an interval per variant" '.rows | length > 20 and all(
  (.values | length == 3) and (.ratios | length == 3) and (.intervals | length == 3))'
holds "ratios are to the first variant" '[.rows[] | select(.unit != "") | .values as $v | .ratios as $r | range(3)
  | select(($v[0] | type) == "number" and ($v[.] | type) == "number" and $v[0] != 0)
  | ($v[.] / $v[0] - $r[.]) | fabs < 1e-12] | length > 40 and all'
holds "no ratio where there is no value" '[.rows[] | .values as $v | .ratios as $r | range(3)
  | select(($v[.] | type) != "number") | $r[.] == null] | all'
for metric in 'IOPS .iops' 'bandwidth .bw_bytes' 'mean .lat_ns.mean' 'p50 .lat_ns.percentile."50.000000"'; do
  for side in read write; do
    holds "row ${metric% *} of $side" "([.variants[].summary.jobs[0].$side${metric#* }])
      == (.rows[] | select(.group == \"mix $side\" and .metric == \"${metric% *}\") | .values)"
  done
done
holds "row of a stage" '([.variants[].summary.jobs[0].write.stages.fn.total_ns.mean])
  == (.rows[] | select(.group == "mix write, mean per stage" and .metric == "fn") | .values)'
holds "row of what was in use" '([.variants[].summary.resources.compute_cores_used])
  == (.rows[] | select(.metric == "host cores") | .values)'

# Every variant has its run directory, with the summary that was compared.
for label in kernel_tcp luna solar; do
  expect "summary of $label" "$(jq ".variants[] | select(.label == \"$label\").summary" out/compare.json | sha256sum)" \
    "$(jq . out/$label/summary.json | sha256sum)"
  [[ -s out/$label/latency.csv && -s out/$label/timeline.csv && -s out/$label/scenario.yaml ]] || fail "files of $label"
done

# The table for spreadsheets has the same numbers.
expect "columns of compare.csv" "group,metric,unit,variant,value,ratio" "$(head -1 out/compare.csv)"
expect "lines of compare.csv" "$(jq '.rows | length * 3 + 1' out/compare.json)" "$(wc -l <out/compare.csv)"
expect "a line of compare.csv" "$(jq -r '.rows[] | select(.group == "mix write" and .metric == "mean")
  | "mix write,mean,ns,solar,\(.values[2]),\(.ratios[2])"' out/compare.json)" \
  "$(grep '^mix write,mean,ns,solar,' out/compare.csv)"

# Axes are combined, and the scenario's own give way to them.
orrery compare "${short[@]}" --vary frontend.stack=luna,wire --vary workload.0.iodepth=1,4 --json
succeeded
expect_json "combinations" "$scratch/out" \
  '.variants | map(.label) == ["luna iodepth=1", "luna iodepth=4", "wire iodepth=1", "wire iodepth=4"]'

# Systems of different kinds stand side by side too.
orrery compare first-light --set workload.mix.runtime=5ms --set workload.mix.ramp_time=1ms --vary system=ebs,rpc,device
succeeded
expect_like "systems of different kinds" "*ebs*rpc*device*" "$out"

# Labels that would be the same file name have directories of their own.
orrery compare "${short[@]}" --vary "title=a b,a_b" --quiet -o titles
succeeded
expect "directories" "a_b a_b-2 compare.csv compare.json" "$(names_in titles)"
expect "their titles" "a b,a_b" "$(jq -rs 'map(.title) | join(",")' titles/a_b/summary.json titles/a_b-2/summary.json)"

finish
