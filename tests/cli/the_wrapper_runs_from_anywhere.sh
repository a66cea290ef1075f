#!/usr/bin/env bash
# ./orrery from another directory, with a relative scenario, and through symbolic links.
[[ $(realpath -- "$ORRERY_BIN") == "$PWD/build/release/bin/orrery" ]] || {
  echo "SKIPPED: ./orrery runs the release, which is not what is tested here"
  exit 77
}
source tests/cli/_lib.sh

# Whatever has to be built is built here.
"$sources/orrery" --version >/dev/null 2>&1

mkdir -p "a directory/deep" bin
cp "$sources/scenarios/library/rpc-4k.yaml" "a directory/mine.yaml"
cd "a directory/deep" || exit 1
program=$sources/orrery
orrery run ../mine.yaml --set workload.0.runtime=2ms -o ../out
succeeded
expect_like "table" "rpc-4k: *written to ../out*" "$out"
expect_json "summary" ../out/summary.json '.scenario == "rpc-4k"'

ln -s "$sources/orrery" ../../bin/absolute
ln -s absolute ../../bin/chained
ln -s "$(realpath --relative-to="$scratch/here/bin" "$sources")/orrery" ../../bin/relative
for link in absolute chained relative; do
  program=../../bin/$link
  orrery run ../mine.yaml --set workload.0.runtime=2ms --json
  succeeded
  cmp -s "$scratch/out" ../out/summary.json || fail "another result through the $link link"
done
PATH=$scratch/here/bin:$PATH program=chained
orrery list scenarios
succeeded

# Exit codes and messages are the program's own.
program=$sources/orrery
orrery run ../nowhere.yaml
refused "../nowhere.yaml: error: *"
orrery run "../mine.yaml" --set iodepth=1
refused "--set iodepth=1:1:1: error: unknown key 'iodepth'*"

finish
