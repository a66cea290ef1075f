#!/usr/bin/env bash
# A moment of a fleet becomes a scenario of system pool, which says the same when it is run by itself.
source tests/cli/_lib.sh

cat >fleet.yaml <<'Y'
scenario: small
system: fleet
fleet: {runtime: 4h}
nodes:
  - {shape: db, count: 12, cpu: 104, memory: 768GiB, disk: 46.08TB}
demand:
  - {generator: uniform, pods: 30, cpu: 16, memory: 64GiB, disk: 12TB, over: 1h}
Y

orrery fleet fleet.yaml --io 2h -o out
succeeded
expect_like "the table" "*remote  read *a remote read takes*written to out/io.yaml*" "$out"
expect "what is written" io.yaml "$(names_in out)"

orrery fleet fleet.yaml --io 2h --json
succeeded
printf '%s' "$out" >fleet.json
expect_json "the moment" fleet.json '.fleet.at == "2h" and .fleet.ended_s == 7200'
expect_json "the sample" fleet.json '(.sample.nodes | length) == 8 and
  .sample.local_volumes > 0 and .sample.remote_volumes > 0 and
  .sample.volumes == .sample.local_volumes + .sample.remote_volumes and
  .fleet.volumes >= .sample.volumes + .sample.left_out'
mean() { printf '[.io.jobs[] | select(.jobname == "%s")][0].%s.lat_ns.mean' "$1" "$2"; }
for direction in read write; do
  expect_json "what a remote disk costs" fleet.json \
    "($(mean remote $direction)) - ($(mean local $direction)) | . > 20000 and . < 120000"
done

orrery lint out/io.yaml
succeeded
orrery run out/io.yaml --json
succeeded
printf '%s' "$out" >run.json
jq .io.jobs fleet.json >here.json
jq .jobs run.json >there.json
expect "the scenario by itself" "$(<here.json)" "$(<there.json)"

# The whole fleet, and no more than it has.
orrery fleet fleet.yaml --io --io-nodes 64 --io-read 100 --json
succeeded
printf '%s' "$out" >whole.json
expect_json "all of it" whole.json '.sample.left_out == 0 and .sample.volumes == .fleet.volumes and
  .fleet.at == "4h" and ([.io.jobs[].write.total_ios // 0] | add) == 0'

# Local disks only: nothing to compare with.
orrery fleet fleet.yaml --io --disks local_only --json
succeeded
printf '%s' "$out" >local.json
expect_json "local disks" local.json '[.io.jobs[].jobname] == ["local"]'

orrery fleet fleet.yaml --io soon
refused "--io soon:1:1: error: TIME: expected a duration such as 95us, got 'soon'"
orrery fleet fleet.yaml --io 0s
refused "--io 0s:1:1: error: TIME: must be more than 0*"
orrery fleet fleet.yaml --io 5h
refused "--io 5h:1:1: error: the fleet runs for 4h"
orrery fleet fleet.yaml --io 1ms
refused "--io 1ms:1:1: error: at 1ms no volume of a running pod lies in a pool"
orrery fleet fleet.yaml --io --disks ebs
refused "*: error: with disks: ebs volumes lie in a block store, not in pools of nodes"
orrery fleet fleet.yaml --io --vary fleet.policy=plugin,ideal
refused "orrery fleet: error: *"
orrery fleet fleet.yaml --io-nodes 4
refused "orrery fleet: error: --io-nodes requires --io"

# Somebody's own file stays.
mkdir mine
echo "scenario: mine" >mine/io.yaml
orrery fleet fleet.yaml --io -o mine
refused "mine/io.yaml:1:1: error: this file was not written by orrery fleet and would be overwritten"
expect "what was there" "scenario: mine" "$(<mine/io.yaml)"

finish
