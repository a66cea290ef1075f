#!/usr/bin/env bash
# A standard error or output that cannot be written changes no exit code of bad input, ends no program and spoils no file.
source tests/cli/_lib.sh

commands=("run nosuch.yaml" "compare nosuch.yaml" "blast nosuch.yaml" "fleet nosuch.yaml" "lint nosuch.yaml" "list nosuch"
  "validate --only nosuch" "run" "nosuch" "run rpc-4k --seed x" "blast rpc-4k --kinds nosuch")
for command in "${commands[@]}"; do
  for how in '2>/dev/full' '2>&-' '>&-' '>&- 2>&-' '<&- >&- 2>&-' '2>&1 >/dev/full'; do
    (eval "exec \"\$program\" $command $how" >"$scratch/out" 2>"$scratch/err")
    expect "orrery $command $how: exit code" 2 $?
  done
done
for how in '2>/dev/full' '2>&-'; do
  (eval "exec \"\$program\" $how")
  expect "orrery $how: exit code" 2 $?
  (eval "exec \"\$program\" run ${short[*]} --quiet $how")
  expect "orrery run $how: exit code" 0 $?
done

# Nothing that is printed ends up in a file that took the number of a closed stream.
"$program" run "${short[@]}" -o whole >/dev/null
"$program" compare "${short[@]}" --vary seed=1,2 -o compared >/dev/null
for how in '>&- 2>&-' '<&- >&- 2>&-'; do
  (eval "exec \"\$program\" run ${short[*]} -o closed $how")
  expect "orrery run $how: exit code" 3 $?
  expect "files of a run that can say nothing" "$(checksums whole)" "$(checksums closed)"
  (eval "exec \"\$program\" compare ${short[*]} --vary seed=1,2 -o closed-too $how")
  expect "orrery compare $how: exit code" 3 $?
  expect "files of a comparison that can say nothing" "$(checksums compared)" "$(checksums closed-too)"
done

finish
