#!/usr/bin/env bash
# Several commands that write to one directory at once leave the files of one of them; labels that would be files get other names.
source tests/cli/_lib.sh

# at_once COMMAND...: each with the option -o d; prints how many ended with 0 and with 3.
at_once() {
  local command jobs=() codes=() fine=0 refused=0
  for command in "$@"; do
    # shellcheck disable=SC2086
    "$program" $command -o d --quiet 2>>"$scratch/err" &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do
    wait "$job"
    case $? in 0) ((++fine)) ;; 3) ((++refused)) ;; *) fail "neither done nor refused: ${*}" ;; esac
  done
  ((fine > 0)) || fail "none was done: $*"
  expect "messages, one each" "$refused" "$(grep -c "another orrery is writing to d" "$scratch/err")"
}

longer=(rpc-4k --set workload.0.runtime=40ms)
for seed in 1 2 3 4; do
  orrery run "${longer[@]}" --seed $seed -o "run-$seed"
  (cd "run-$seed" && cat scenario.yaml summary.json latency.csv timeline.csv hangs.csv) | sha256sum >>whole
done
: >"$scratch/err"
at_once "run ${longer[*]} --seed "{1,2,3,4}
(cd d && cat scenario.yaml summary.json latency.csv timeline.csv hangs.csv) | sha256sum >mine
grep -qxFf mine whole || fail "the files are of several runs"
rm -r d
: >"$scratch/err"
at_once "compare ${longer[*]} --vary seed=1,2" "compare ${longer[*]} --vary seed=1,2 --set workload.0.iodepth=3"
expect_json "the comparison" d/compare.json '[.variants[].summary.jobs[0]["job options"].iodepth] | unique | length == 1'
expect "runs of one comparison" 1 "$(jq -r '.jobs[0]["job options"].iodepth' d/seed=*/summary.json | sort -u | wc -l)"
jq -e --slurpfile all d/compare.json '. == $all[0].variants[0].summary' d/seed=1/summary.json >/dev/null ||
  fail "compare.json and seed=1 are of different comparisons"
rm -r d
: >"$scratch/err"
at_once "blast ${short[*]} --kinds link_down" "blast ${short[*]} --kinds link_down --seed 2"

# Labels are anything a scenario takes as a value.
orrery compare "${short[@]}" --vary title=compare.json,compare.csv,../x,a/b,a_b,Same,same,..,-o,y -o labels
succeeded
expect_json "the comparison" labels/compare.json '.variants | length == 10'
[[ -f labels/compare.json && -f labels/compare.csv ]] || fail "compare.json and compare.csv are files"
expect "a directory for each variant" 10 "$(find labels -name summary.json | wc -l)"
orrery compare "${short[@]}" --vary "title=$(printf 'x%.0s' {1..3000}),y" -o long
succeeded
expect "a directory for each variant" 2 "$(find long -name summary.json | wc -l)"

# What stands in the way is said before anything runs.
mkdir -p blocked/compare.json in-the-way/latency.csv
endless=(rpc-4k --set workload.0.runtime=100d)
orrery compare "${endless[@]}" --vary seed=1,2 -o blocked
broke "orrery: error: cannot write blocked/compare.json: Is a directory"
orrery run "${endless[@]}" -o in-the-way
broke "orrery: error: cannot write in-the-way/latency.csv: Is a directory"

finish
