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
refused "out/seed=2/scenario.yaml:2:11: error: out/seed=2 holds results of scenario 'rpc-4k', not of 'p4510'"
mkdir own
printf 'scenario: rpc-4k\n' >own/scenario.yaml
orrery run "${short[@]}" -o own
refused "own/scenario.yaml:1:1: error: this file was not written by a run *"
expect "a scenario of somebody's own" "scenario: rpc-4k" "$(<own/scenario.yaml)"
expect "files beside it" "scenario.yaml" "$(ls own)"

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
