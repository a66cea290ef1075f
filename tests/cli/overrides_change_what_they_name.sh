#!/usr/bin/env bash
# --set and --seed, seen in the resolved scenario that a run leaves behind.
source tests/cli/_lib.sh

# resolved ARGUMENT... runs and prints the resolved scenario.
resolved() {
  rm -rf run
  orrery run "${short[@]}" "$@" --quiet -o run
  succeeded >&2
  cat run/scenario.yaml
}
# has LINE TEXT
has() { grep -qxF -- "$1" <<<"$2" || fail "$ran: no line '$1' in the resolved scenario"; }

plain=$(resolved)
has "    iodepth: 1" "$plain"
has "seed: 1" "$plain"
has "    window: 64KiB" "$plain"

has "    iodepth: 4" "$(resolved --set workload.0.iodepth=4)"
has "    iodepth: 5" "$(resolved --set workload.rpc.iodepth=5)"
has "    window: 32KiB" "$(resolved --set profiles.luna.window=32KiB)"
has "    window: 32KiB" "$(resolved --set 'profiles={luna: {window: 32KiB}}')"
has "  stack: kernel_tcp" "$(resolved --set frontend.stack=kernel_tcp)"
has "title: \"a = b, c: 'd'\"" "$(resolved --set "title=\"a = b, c: 'd'\"")"
has "    bs: 8k" "$(resolved --set 'workload=[{name: one, rw: randwrite, bs: 8k, runtime: 1ms}]')"

has "    window: 32KiB" "$(resolved --set 'variants={small: {profiles: {luna: {window: 32KiB}}}}' --set variant=small)"
has "    window: 16KiB" "$(resolved --set 'variants={small: {profiles: {luna: {window: 32KiB}}}}' --set variant=small \
  --set profiles.luna.window=16KiB)"
orrery run "${short[@]}" --set profiles.kernel-6.0.submit=1us
expect "a profile with a dot in its name: exit code" 0 "$status"
orrery run "${short[@]}" --set include=no-such.yaml
refused "--set include=no-such.yaml:1:1: error: files are included before anything is set"
orrery compare "${short[@]}" --vary include=a.yaml,b.yaml
refused "--vary include=a.yaml,b.yaml:1:1: error: files are included before anything is set"

# The last one wins, and --seed over --set.
has "    iodepth: 7" "$(resolved --set workload.0.iodepth=6 --set workload.0.iodepth=7)"
has "seed: 7" "$(resolved --set seed=6 --seed 7)"
has "seed: 9223372036854775807" "$(resolved --seed 9223372036854775807)"

# Options may stand before the file and between others.
orrery run --set seed=5 rpc-4k --set workload.0.runtime=2ms --quiet --set workload.0.iodepth=2 -o before
succeeded
has "seed: 5" "$(<before/scenario.yaml)"
has "    iodepth: 2" "$(<before/scenario.yaml)"
orrery compare --vary seed=1,2 --vary frontend.stack=luna,wire rpc-4k --set workload.0.runtime=2ms --json
succeeded
expect_json "variants of options before the file" "$scratch/out" '.variants | length == 4'

# A job by its name and one that is not there.
orrery run ebs-production-mix --set workload.4k.iodepth=0
refused "--set workload.4k.iodepth=0:1:21: error: iodepth: must be at least 1, got '0'"
orrery run ebs-production-mix --set workload.5k.iodepth=1
refused "--set workload.5k.iodepth=1:1:10: error: unknown item of 'workload' '5k' (did you mean '4k'[?])"
orrery run ebs-production-mix --set workload.2.iodepth=1
refused "--set workload.2.iodepth=1:1:10: error: *"

# What was overridden says so, where and by what.
orrery run "${short[@]}" --set profiles.luna.window=32KiB --json
expect_json "source of an overridden parameter" "$scratch/out" \
  '.provenance.parameters.luna.window | .value == "32KiB" and .kind == "scenario" and (.source | contains("profiles.luna.window=32KiB"))'
expect_json "source of another" "$scratch/out" '.provenance.parameters.luna.tcp_ip_header.kind != "scenario"'

# Any runtime that is more than nothing will do.
for runtime in 1ps 99ps 101ps 1us; do
  orrery run rpc-4k --set workload.0.runtime=$runtime --set workload.0.ramp_time=0s --quiet
  succeeded
done

# An override that changes nothing is noted.
orrery run "${short[@]}" --set profiles.solar.window=32KiB --set backend.stack=luna --json
expect_json "notes of what changes nothing" "$scratch/out" \
  '[.notes[] | select(contains("`backend` changes nothing") or contains("'"'solar'"' is not used here"))] | length == 2'

finish
