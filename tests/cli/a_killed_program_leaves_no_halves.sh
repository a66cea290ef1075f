#!/usr/bin/env bash
# Killed in the middle: no file that looks whole and is not, no processes left behind, earlier results as they were.
source tests/cli/_lib.sh

endless=10000s
gone() { [[ -z $(children_of "$1") ]]; }
is_ended() { [[ ! -e /proc/$1/stat || $(<"/proc/$1/stat") == *") Z "* ]] 2>/dev/null; }
start() { env --default-signal "$program" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null & }

declare -A code=([TERM]=143 [INT]=130 [KILL]=137)

orrery run "${short[@]}" -o earlier
succeeded
before=$(checksums earlier)

for signal in TERM INT KILL; do
  # A run: its directory is there before it starts.
  start run rpc-4k --set workload.0.runtime=$endless -o "run-$signal"
  wait_until test -d "run-$signal"
  kill -$signal $!
  wait $!
  expect "run ended by SIG$signal: exit code" "${code[$signal]}" $?
  expect "run ended by SIG$signal: files" "" "$(find "run-$signal" -type f ! -name '*.tmp')"

  # A run in the place of an earlier one.
  start run rpc-4k --set workload.0.runtime=$endless -o earlier
  wait_until test -e "/proc/$!/exe"
  sleep 0.05
  kill -$signal $!
  wait $!
  expect "the earlier run after SIG$signal" "$before" "$(checksums earlier | grep -v '[.]tmp$')"

  # A comparison with one variant done and one that never will be.
  start compare rpc-4k --vary workload.0.runtime=1ms,$endless -j 2 -o "compare-$signal"
  compare=$!
  wait_until test -e "compare-$signal/runtime=1ms/timeline.csv"
  children=$(children_of $compare)
  expect "variants still running" 1 "$(wc -w <<<"$children")"
  kill -$signal $compare
  wait $compare
  expect "comparison ended by SIG$signal: exit code" "${code[$signal]}" $?
  for child in $children; do wait_until is_ended "$child"; done
  expect "files of the variant that was done" "hangs.csv latency.csv scenario.yaml summary.json timeline.csv" \
    "$(names_in "compare-$signal/runtime=1ms")"
  expect_json "the variant that was done" "compare-$signal/runtime=1ms/summary.json" '.jobs[0].write.iops > 0'
  expect "files of the other" "" "$(find "compare-$signal/runtime=$endless" -type f ! -name '*.tmp')"
  expect "files of the comparison" "" "$(find "compare-$signal" -maxdepth 1 -type f ! -name '*.tmp')"
done

# A variant alone that is killed: the others are compared, and the program says what happened.
start compare rpc-4k --vary workload.0.runtime=1ms,$endless,2ms -j 3 -o out
compare=$!
wait_until test -e out/runtime=1ms/timeline.csv && wait_until test -e out/runtime=2ms/timeline.csv
kill -KILL "$(children_of $compare)"
wait $compare
expect "comparison without a variant: exit code" 3 $?
expect "comparison without a variant: message" \
  "orrery compare: error: variant runtime=$endless: its process was ended by signal 9 (Killed)" "$(<"$scratch/err")"
expect_json "variants that are left" out/compare.json '.variants | map(.label) == ["runtime=1ms", "runtime=2ms"]'
expect_like "the table of those" "*runtime=1ms*runtime=2ms*" "$(<"$scratch/out")"

finish
