#!/usr/bin/env bash
# A run that cannot write says why and ends with 3; what stood in its directory before stays as it was.
source tests/cli/_lib.sh

orrery run "${short[@]}" -o run --seed 1
succeeded
before=$(checksums run)

# The same scenario may write there again.
orrery run "${short[@]}" -o again --seed 1
orrery run "${short[@]}" -o again --seed 2
succeeded
expect_json "the second run" again/summary.json '.provenance.seed == 2'

# Another scenario may not, nor may any where somebody wrote a scenario of his own.
orrery run p4510 -o run
refused "run/scenario.yaml:2:11: error: run holds results of scenario 'rpc-4k', not of 'p4510'"
orrery compare "${short[@]}" --vary seed=1,2 -o out
succeeded
orrery compare p4510 --vary seed=2,3 -o out
refused "out/compare.json:1:1: error: out holds results of scenario 'rpc-4k', not of 'p4510'"
rm out/compare.json out/compare.csv
orrery compare p4510 --vary seed=2,3 -o out
refused "out/seed=2/scenario.yaml:2:11: error: out/seed=2 holds results of scenario 'rpc-4k', not of 'p4510'"
mkdir own
printf 'scenario: rpc-4k\n' >own/scenario.yaml
orrery run "${short[@]}" -o own
refused "own/scenario.yaml:1:1: error: this file was not written by a run *"
expect "a scenario of somebody's own" "scenario: rpc-4k" "$(<own/scenario.yaml)"
expect "files beside it" "scenario.yaml" "$(ls own)"

# Nor may any command where a file of somebody's own has the name of a result.
for name in summary.json latency.csv compare.json compare.csv blast.json blast.csv; do
  mkdir mine
  printf 'mine\n' >"mine/$name"
  case $name in
    compare*) orrery compare "${short[@]}" --vary seed=1,2 -o mine ;;
    blast*) orrery blast "${short[@]}" --kinds link_down -o mine ;;
    *) orrery run "${short[@]}" -o mine ;;
  esac
  refused "mine/$name:1:1: error: this file was not written by *"
  expect "$name of somebody's own" "mine" "$(<mine/$name)"
  expect "files beside it" "$name" "$(ls mine)"
  rm -r mine
done

# A resolved scenario may be larger than one that people write; its directory stays its own.
printf 'scenario: many\nsystem: rpc\nworkload: [{name: w, runtime: 1ms}]\n' >many.yaml
mkdir many
{
  printf '# Resolved by orrery: every default written out.\nscenario: many\nworkload:\n'
  for i in $(seq 19000); do printf '  - {name: j%s, a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1}\n' "$i"; done
} >many/scenario.yaml
orrery run many.yaml -o many --quiet
succeeded

# Where there can be no directory, nothing is simulated first.
printf 'a file\n' >file
endless=(rpc-4k --set workload.0.runtime=100d)
for path in file file/below /proc/nothing/here ""; do
  orrery run "${endless[@]}" -o "$path"
  broke "orrery: error: cannot create directory $path: *"
  orrery compare "${endless[@]}" --vary seed=1,2 -o "$path"
  broke "orrery: error: cannot create directory $path: *"
done
expect "the file in the way" "a file" "$(<file)"
ln -s loop loop
for path in loop loop/below "$(printf 'x%.0s' {1..300})" "$(printf 'x/%.0s' {1..3000})"; do
  for command in run "compare --vary seed=1,2" "blast --kinds link_down"; do
    # shellcheck disable=SC2086
    orrery $command "${endless[@]}" -o "$path"
    broke "orrery: error: cannot *: *"
  done
done
for name in summary.json hangs.csv; do
  mkdir special
  mkfifo "special/$name"
  orrery run "${endless[@]}" -o special
  broke "orrery: error: cannot * special/$name: no regular file"
  rm -r special
done

# Files that become too large in the middle, as on a full disk.
limited() { (
  trap '' XFSZ
  ulimit -f 8
  "$program" "$@" >"$scratch/out" 2>"$scratch/err"
); }
ran="a run with limited files"
status=0
limited run "${short[@]}" -o run --seed 2 || status=$?
err=$(<"$scratch/err")
broke "orrery: error: cannot write run/summary.json: File too large"
expect "the earlier run, and nothing else" "$before" "$(checksums run)"

# As somebody who may not write there.
if ((EUID == 0)) && setpriv --reuid 65534 --clear-groups test -x "$program" 2>/dev/null; then
  chmod 755 "$scratch" .
  setpriv --reuid 65534 --clear-groups "$program" run "${short[@]}" -o run >"$scratch/out" 2>"$scratch/err"
  status=$? err=$(<"$scratch/err") ran="a run of somebody else"
  broke "orrery: error: cannot write into directory run: Permission denied"
fi

finish
