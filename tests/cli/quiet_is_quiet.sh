#!/usr/bin/env bash
# --quiet prints nothing when all is well, also on a terminal, and errors all the same.
source tests/cli/_lib.sh

orrery run "${short[@]}" --quiet
succeeded
expect "run --quiet" "" "$out"
orrery run "${short[@]}" --quiet -o run
succeeded
expect "run --quiet -o" "" "$out"
orrery compare "${short[@]}" --vary seed=1,2 --quiet -o compare
succeeded
expect "compare --quiet" "" "$out"
[[ -s run/summary.json && -s compare/compare.json ]] || fail "files of quiet runs"
command="$(printf '%q ' "$program" run "${short[@]}" --quiet)"
expect "run --quiet on a terminal" "" "$(TERM=xterm script -qec "$command" /dev/null </dev/null)"

orrery run nowhere.yaml --quiet
refused "nowhere.yaml: error: *"
orrery run "${short[@]}" --quiet -o /proc/nothing/here
broke "orrery: error: cannot create directory *"

# Asked for both, JSON wins: it was asked for.
orrery run "${short[@]}" --quiet --json
succeeded
expect_json "--quiet --json" "$scratch/out" '.jobs | length == 1'

finish
