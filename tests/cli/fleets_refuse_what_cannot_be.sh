#!/usr/bin/env bash
# What a fleet cannot be is one message at its line and column; what an input gets wrong is counted and told.
source tests/cli/_lib.sh

# bad PATTERN NODES DEMAND [FLEET [REST]]: the parts of a scenario, with a ^ before the place of the mistake.
bad() {
  local text before last newlines place
  text="scenario: s
system: fleet
fleet: {runtime: 1h${4:-}}
nodes:
  - {$2}
demand:
  - {$3}
${5:-}"
  before=${text%%^*}
  newlines=${before//[!$'\n']/}
  last=${before##*$'\n'}
  place=s.yaml:$((${#newlines} + 1)):$((${#last} + 1))
  printf '%s\n' "${text/^/}" >s.yaml
  for command in fleet lint; do
    orrery "$command" s.yaml
    refused "$place: error: $1"
  done
}

node='shape: n, count: 4, cpu: 8, memory: 64GiB, disk: 1TB'
pods='generator: uniform, pods: 3, cpu: 1, memory: 1GiB, disk: 1GiB'

bad "cpu: must be *" "shape: n, count: 4, cpu: ^0, memory: 64GiB, disk: 1TB" "$pods"
bad "memory: must be *" "shape: n, count: 4, cpu: 8, memory: ^0B, disk: 1TB" "$pods"
bad "count: must be *" "shape: n, count: ^0, cpu: 8, memory: 64GiB, disk: 1TB" "$pods"
bad "unknown plug-in 'resource_fit' (did you mean 'resources_fit'?)" "$node" "$pods" ", node_filters: ^[resource_fit]"
bad "the weight of 'antstor' is a whole number, got 'x'" "$node" "$pods" ", node_scores: ^[antstor=x]"
bad "plug-in 'basic' is there twice" "$node" "$pods" ", pool_filters: ^[basic, basic]"
bad "no node matches 'm-*'" "$node" "$pods" "" "events:
  - ^{kind: node_dead, node: m-*, at: 1s}"
bad "5 of the 4 nodes that match 'n-*'" "$node" "$pods" "" "events:
  - ^{kind: node_drain, node: n-*, count: 5}"
bad "with an annual_rate, nodes and times are drawn by it" "$node" "$pods" "" "events:
  - {kind: node_dead, annual_rate: 2, count: ^1}"
bad "*trace.csv*" "$node" "file: ^trace.csv, format: huawei-east-1"

bad "groups wait for each other: a -> b -> a" "$node" "$pods" "" "volume_groups:
  - {name: a, size: 1TiB, after: ^b}
  - {name: b, size: 1TiB, after: a}"
bad "groups wait for each other: a -> a" "$node" "$pods" "" "volume_groups: [{name: a, size: 1TiB, after: ^a}]"
bad "unknown volume group 'c'*" "$node" "$pods" "" "volume_groups: [{name: a, size: 1TiB, after: ^c}]"
bad "two groups are called 'a'" "$node" "$pods" "" "volume_groups:
  - {name: a, size: 1TiB}
  - {name: ^a, size: 1TiB}"
bad "the smallest part of 'a' is larger than its largest, 1GiB" "$node" "$pods" "" \
  "volume_groups: [{name: a, size: 1TiB, min_part: ^2GiB, max_part: 1GiB}]"
bad "4 parts of 1GiB cannot make the 1TiB of 'a'" "$node" "$pods" "" \
  "volume_groups: [{name: a, size: ^1TiB, max_part: 1GiB, max_count: 4}]"
bad "no pod matches 'x/*'" "$node" "$pods" "" "snapshots: [{pods: ^x/*, size: 1GiB, at: 1s}]"

# What is done every so often is not done without end at one instant.
bad "check_period: must be at least 1ms, got '0s'" "$node" "$pods" "" "profiles: {liteio-control: {check_period: ^0s}}"
bad "rebalance_period: must be at least 1s, got '1ms'" "$node" "$pods" "" "profiles: {liteio-control: {rebalance_period: ^1ms}}"
bad "stage_retry_first: must be at least 1ms, got '0s'" "$node" "$pods" "" "profiles: {kubernetes: {stage_retry_first: ^0s}}"

bad "node_visit: must be *" "$node" "$pods" "" "profiles: {kubernetes: {node_visit: ^1d}}"
bad "unknown profile 'liteio-contrl' (did you mean 'liteio-control'?)" "$node" "$pods" "" "profiles: {^liteio-contrl: {heartbeat: 1s}}"

# The same scenario is no business of commands that need I/O.
printf '%s\n' "scenario: s" "system: fleet" "fleet: {runtime: 1h}" "nodes: [{$node}]" "demand: [{$pods}]" >s.yaml
orrery compare s.yaml
refused "s.yaml: error: a fleet has no I/O to compare*"
orrery blast s.yaml
refused "s.yaml: error: a fleet has no I/O that could be hit*"
orrery fleet first-light
refused "*first-light.yaml: error: a scenario of system ebs, not of a fleet*"
orrery fleet s.yaml --disks lightpool --explain pod/nobody
refused "--explain: error: unknown pod 'nobody'*"
orrery fleet s.yaml --disks lightpool --explain ""
refused "--explain: error: a pod's name is needed"
orrery fleet s.yaml --disks lightpool --explain pod/
refused "--explain: error: a pod's name is needed"
bad "'db:Never' is no taint" "$node, taints: ^[db:Never]" "$pods"
printf '%s\n' "scenario: s" "system: fleet" "fleet: {runtime: 1h}" "nodes: [{$node}]" "demand: [{$pods}]" >s.yaml

# Pods that no node could ever hold are counted once and not tried again.
printf '%s\n' "scenario: s" "system: fleet" "fleet: {runtime: 1h}" "nodes: [{$node}]" \
  "demand: [{generator: uniform, pods: 3, cpu: 9, memory: 1GiB, disk: 1GiB}]" >s.yaml
orrery fleet s.yaml --disks lightpool --json --quiet
succeeded
expect_json "impossible pods" "$scratch/out" \
  '.[].fleet | .pods.impossible == 3 and .pods.waiting == 0 and .scheduling.attempts == 3'

# A trace that goes back in time: the row is left out, counted, and named with its line.
printf '%s\n' "vmid,cpu,memory,time,type" "1,4,8,10,0" "2,4,8,5,0" "3,4,8,20,0" >trace.csv
printf '%s\n' "scenario: s" "system: fleet" "fleet: {runtime: 1h}" "nodes: [{$node}]" \
  "demand: [{file: trace.csv, format: huawei-east-1, disk: 1GiB}]" >s.yaml
orrery fleet s.yaml --disks lightpool
expect_like "broken rows" "*2 pods asked for, 1 of 3 rows of input broken*" "$out"
expect_like "the place of a broken row" "*trace.csv:3*" "$out"

finish
