#!/usr/bin/env bash
# What is wrong on the command line is one message that names the argument.
source tests/cli/_lib.sh

# bad PATTERN ARGUMENT...
bad() {
  local pattern=$1
  shift
  orrery "$@"
  refused "$pattern"
}

# Commands and options.
bad "orrery: error: unknown argument 'rnu' (did you mean 'run'[?])" rnu first-light
bad "orrery: error: no command 'xyzzy'" xyzzy
bad "orrery run: error: FILE is required" run
bad "orrery run: error: unknown argument '--quite' (did you mean '--quiet'[?])" run first-light --quite
bad "orrery run: error: *--zzzz*" run first-light --zzzz
bad "orrery run: error: *extra*" run first-light extra
bad "orrery run: error: --output: *missing" run first-light -o
bad "orrery compare: error: --processes: *" compare first-light -j 0
bad "orrery compare: error: --vary: *missing" compare first-light --vary
bad "orrery list: error: unknown name 'lunna' (did you mean 'luna'[?])" list lunna
orrery
expect "no arguments: exit code" 2 "$status"
expect "no arguments: standard output" "" "$out"
expect_like "no arguments: usage" "*Usage: orrery*" "$err"

# Options that would say nothing together.
bad "orrery fleet: error: --vary excludes --explain" fleet fleet-conflicts --explain pod/x --vary seed=1,2
bad "orrery fleet: error: *--explain*" fleet fleet-conflicts --explain pod/x -o d
bad "orrery blast: error: --output excludes --dry-run" blast first-light --dry-run -o d
bad "orrery list: error: NAME excludes --markdown" list luna --markdown
[[ -e d ]] && fail "a directory of what was refused"

# Files.
bad "no/where.yaml: error: cannot read file 'no/where.yaml'" run no/where.yaml
bad "first-lihgt: error: no such file, * (did you mean 'first-light'[?])" run first-lihgt
bad "first-lihgt: error: no such file, * (did you mean 'first-light'[?])" compare first-lihgt
bad "first-lihgt: error: no such file, * (did you mean 'first-light'[?])" lint first-lihgt
bad ".: error: *" run .
for command in run compare blast lint; do
  bad "/tmp: error: cannot read file '/tmp': Is a directory" "$command" /tmp
done
bad "FILE: error: *" run ""

# Overrides; columns count within the argument.
for command in run compare; do
  bad "--set iodepth:1:1: error: expected path.to.key=value" "$command" rpc-4k --set iodepth
  bad "--set =5:1:1: error: expected path.to.key=value" "$command" rpc-4k --set =5
  bad "--set seeed=5:1:1: error: unknown key 'seeed' (did you mean 'seed'[?])" "$command" rpc-4k --set seeed=5
  bad "--set workload.0.iodepth=none:1:20: error: iodepth: expected an integer *" \
    "$command" rpc-4k --set workload.0.iodepth=none
  bad "--set workload.rpcc.bs=4k:1:10: error: unknown item of 'workload' 'rpcc' (did you mean 'rpc'[?])" \
    "$command" rpc-4k --set workload.rpcc.bs=4k
  bad "--set workload.1.bs=4k:1:10: error: 'workload' has * there is no item 1" \
    "$command" rpc-4k --set workload.1.bs=4k
  bad "--set profiles.luna.windwo=1KiB:1:15: error: unknown parameter * (did you mean 'window'[?])" \
    "$command" rpc-4k --set profiles.luna.windwo=1KiB
  bad "--set seed.x=1:1:6: error: 'seed' is *" "$command" first-light --set seed.x=1
done
bad "--set a..b=1:1:3: error: 'a..b' is no path of keys" run rpc-4k --set a..b=1
bad "--set .a=1:1:1: error: '.a' is no path of keys" run rpc-4k --set .a=1
bad "--set workload.-1.rw=read:1:10: error: unknown item of 'workload' '-1'" run rpc-4k --set workload.-1.rw=read
bad "--set workload.999999999999.rw=read:1:10: error: 'workload' has 1 item, there is no item 999999999999" \
  run rpc-4k --set workload.999999999999.rw=read
bad "--set seed=:1:6: error: seed: expected an integer *" run rpc-4k --set seed=
bad "*there are no volumes that a job could run on" run rpc-4k --set volumes.per_server=0
bad "*there are no volumes that a job could run on" run first-light --set volumes.per_server=0
bad "--set faults=\[{list: f.csv}]:1:10: error: a list of faults is read before anything is set" \
  run rpc-4k --set 'faults=[{list: f.csv}]'
for seed in -1 1.5 9223372036854775808 x ""; do bad "*: error: *--seed*" run rpc-4k --seed "$seed"; done
bad "*18446744073709551615*" run rpc-4k --seed 18446744073709551615

# What a comparison varies.
bad "--vary seed:1:1: error: expected path.to.key=value,value,..." compare rpc-4k --vary seed
bad "--vary seed=:1:6: error: a value is empty" compare rpc-4k --vary seed=
bad "--vary seed=1,,2:1:8: error: a value is empty" compare rpc-4k --vary seed=1,,2
bad "--vary seed=1,2,1:1:10: error: value '1' is there twice" compare rpc-4k --vary seed=1,2,1
bad "--vary seed=1:1:6: error: nothing to compare: 'seed' has one value" compare rpc-4k --vary seed=1
bad "--vary seed=3,4:1:1: error: this key is varied twice" compare rpc-4k --vary seed=1,2 --vary seed=3,4
bad "--vary seeed=1,2:1:1: error: unknown key 'seeed' (did you mean 'seed'[?])" compare rpc-4k --vary seeed=1,2
bad "--vary frontend.stack=luna,lunar:1:21: error: unknown value for stack 'lunar' (did you mean 'luna'[?])" \
  compare rpc-4k --vary frontend.stack=luna,lunar
printf 'scenario: s\nsystem: rpc\nworkload: [{name: w}]\n' >s.yaml
bad "s.yaml: error: nothing to compare: *" compare s.yaml

# What a validation is asked for.
bad "--only nothing-like-it*: error: unknown entry *" validate --only 'nothing-like-it*'
bad "--only rpc-lunna-25g: error: * (did you mean 'rpc-luna-25g'[?])" validate --only rpc-lunna-25g
bad "--only nosuch: error: unknown entry 'nosuch'" validate --only nosuch
expect_like "the hint of many names" "*hint: the nearest of *" "$err"
expect "the hint of many names: ten of them" 10 "$(grep -o 'hint: .*' <<<"$err" | cut -d: -f3 | tr ',' '\n' | wc -l)"

# A data directory that is none.
ORRERY_DATA=$PWD orrery list
refused "ORRERY_DATA=$PWD: error: no directory scenarios/profiles in there"

finish
