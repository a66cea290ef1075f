#!/usr/bin/env bash
# A disk that fills up in the middle of a comparison: the variants that were written stay, nothing half-written is left, and the
# reason is given.
if [[ ${1-} != inside ]]; then
  for unshare in "unshare -m" "unshare -rm"; do
    $unshare mount -t tmpfs -o size=64k none /mnt 2>/dev/null && exec $unshare bash "$0" inside
  done
fi
source tests/cli/_lib.sh
[[ ${1-} == inside ]] || skip "no right to mount a small disk"

mkdir disk
mount -t tmpfs -o size=96k none disk
trap 'umount "$scratch/here/disk"; rm -rf "$scratch"' EXIT

# The directory of one variant takes about 60 KiB.
orrery compare "${short[@]}" --vary seed=1,2,3 -j 1 -o disk/out
expect "exit code" 3 "$status"
expect_like "message" "*orrery compare: error: variant seed=2: cannot write *: No space left on device*" "$err"
expect_like "the table is printed all the same" "*seed=1*seed=2*seed=3*" "$out"
expect_json "the first variant" disk/out/seed=1/summary.json '.provenance.seed == 1'
for file in $(find disk -name '*.json'); do
  jq . "$file" >/dev/null || fail "half a file: $file"
done
expect "leftovers" "" "$(find disk -name '*.tmp')"

# A run, with an earlier one in its place.
rm -r disk/out
orrery run "${short[@]}" -o disk/run
succeeded
before=$(checksums disk/run)
head -c 1M /dev/zero >disk/filler 2>/dev/null
orrery run "${short[@]}" --seed 2 -o disk/run
broke "orrery: error: cannot write *disk/run*: No space left on device"
expect "the earlier run" "$before" "$(checksums disk/run)"
orrery run "${short[@]}" -o disk/new
broke "orrery: error: cannot *disk/new*: No space left on device"

finish
