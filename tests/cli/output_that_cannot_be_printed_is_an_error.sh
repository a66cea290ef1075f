#!/usr/bin/env bash
# A full disk behind standard output is said and ends with 3; a reader that leaves early is no error. Files are written either way.
source tests/cli/_lib.sh

# into_full ARGUMENT...
into_full() {
  status=0
  "$program" "$@" >/dev/full 2>"$scratch/err" || status=$?
  err=$(<"$scratch/err") ran="orrery $* >/dev/full"
  broke "orrery: error: cannot write to standard output: No space left on device"
}
into_full run "${short[@]}" -o run
into_full run "${short[@]}" --json
into_full compare "${short[@]}" --vary seed=1,2 -o compare
into_full compare "${short[@]}" --vary seed=1,2 --json
into_full blast "${short[@]}" --kinds link_down
into_full blast "${short[@]}" --dry-run
into_full fleet fleet-conflicts --disks lightpool --set fleet.runtime=1h
into_full fleet fleet-conflicts --disks lightpool --set fleet.runtime=1h --json
into_full validate --only rpc-luna-25g -o report.md
into_full list
into_full list luna
into_full schema
into_full lint p4510
into_full --help
into_full run --help
into_full --version
expect_json "the run's summary" run/summary.json '.checks | all(.ok)'
expect_json "the comparison" compare/compare.json '.variants | length == 2'
grep -q rpc-luna-25g report.md || fail "no report.md"

# Nothing to print, nothing that can fail.
for command in "run" "compare --vary seed=1,2"; do
  # shellcheck disable=SC2086
  "$program" $command "${short[@]}" --quiet >/dev/full 2>"$scratch/err"
  expect "$command --quiet into a full disk: exit code" 0 $?
  expect "$command --quiet" "" "$(<"$scratch/err")"
done

status=0
"$program" list >&- 2>"$scratch/err" || status=$?
err=$(<"$scratch/err") ran="orrery list >&-"
broke "orrery: error: cannot write to standard output: Bad file descriptor"

# A reader that leaves before everything was written.
for command in "list" "schema" "run ${short[*]} --json" "run ${short[*]} -o piped"; do
  # shellcheck disable=SC2086
  "$program" $command 2>"$scratch/err" | head -c 1 >/dev/null
  expect "$command | head: exit codes" "0 0" "${PIPESTATUS[*]}"
  expect "$command | head: standard error" "" "$(<"$scratch/err")"
done
expect "files of a run whose table nobody read" "hangs.csv latency.csv scenario.yaml summary.json timeline.csv" "$(names_in piped)"

finish
