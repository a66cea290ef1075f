#!/usr/bin/env bash
# A blast goes on where it was interrupted; what it writes does not depend on interruptions or on how many processes it takes.
source tests/cli/_lib.sh

kinds=(--kinds link_down,switch_down)
lines() { [[ -f $1 ]] && wc -l <"$1" || echo 0; }

orrery blast "${short[@]}" "${kinds[@]}" -j 1 -o one
succeeded
expect "files" "blast.csv blast.json done.jsonl" "$(names_in one)"
runs=$(lines one/done.jsonl)
expect "a line per run" "$runs" "$(($(lines one/blast.csv) - 1))"
expect_like "what it says first" "rpc-4k: $runs failures, from 1.00 ms on for good, *" "$out"
orrery blast "${short[@]}" "${kinds[@]}" -j 3 --quiet -o three
succeeded
expect "nothing printed" "" "$out"
cmp one/blast.csv three/blast.csv || fail "blast.csv depends on the number of processes"
cmp one/blast.json three/blast.json || fail "blast.json depends on the number of processes"

# Half of it, and a line that was being written.
mkdir half
head -n $((runs / 2)) one/done.jsonl >half/done.jsonl
before=$(<half/done.jsonl)
tail -n 1 one/done.jsonl | head -c 40 >>half/done.jsonl
orrery blast "${short[@]}" "${kinds[@]}" -o half
succeeded
expect_like "what it says first" "*; $((runs / 2)) are done already*" "$out"
expect "lines" "$runs" "$(lines half/done.jsonl)"
expect "the lines that were there" "$before" "$(head -n $((runs / 2)) half/done.jsonl)"
cmp one/blast.csv half/blast.csv || fail "blast.csv depends on interruptions"

# All of it: nothing is run again.
before=$(checksums one)
orrery blast "${short[@]}" "${kinds[@]}" -o one
succeeded
expect_like "what it says first" "*; $runs are done already*" "$out"
expect "all files" "$before" "$(checksums one)"

# Killed in the middle.
longer=(rpc-4k --set workload.0.runtime=150ms)
enough() { (($(lines killed/done.jsonl) >= 3)); }
env --default-signal "$program" blast "${longer[@]}" "${kinds[@]}" -j 1 --quiet -o killed &
blast=$!
wait_until enough
kill -KILL $blast
wait $blast 2>/dev/null
[[ -e killed/blast.csv ]] && fail "a table of half the failures"
orrery blast "${longer[@]}" "${kinds[@]}" -o killed
succeeded
orrery blast "${longer[@]}" "${kinds[@]}" -o whole
succeeded
cmp killed/blast.csv whole/blast.csv || fail "blast.csv differs after SIGKILL"

# Other settings run anew beside what is there; another scenario is refused.
orrery blast "${short[@]}" "${kinds[@]}" --seed 2 -o one
succeeded
expect "lines of both" $((2 * runs)) "$(lines one/done.jsonl)"
expect_json "the seed" one/blast.json '.seed == 2'
orrery blast ebs-4k-write-light --kinds server_down --set workload.0.runtime=6ms --set workload.1.runtime=6ms -o one
refused "one/blast.json:1:1: error: one holds results of scenario 'rpc-4k', not of 'ebs-4k-write-light'"
rm one/blast.json one/blast.csv
orrery blast ebs-4k-write-light --kinds server_down --set workload.0.runtime=6ms --set workload.1.runtime=6ms -o one
refused "one/done.jsonl:1:1: error: these are results of scenario 'rpc-4k', not of 'ebs-4k-write-light'"

# What would be run, without running it.
orrery blast "${short[@]}" "${kinds[@]}" --dry-run --json
succeeded
expect_json "the list" "$scratch/out" "length == $runs and all(test(\"^(link|switch)_down frontend/\"))"
orrery blast "${short[@]}" --pairs 5 --json
succeeded
expect_json "pairs" "$scratch/out" '.failures | length == 5 and all(.second_component != .component)'

# What is wrong on the command line.
orrery blast "${short[@]}" --kinds link_donw
refused "--kinds: error: unknown kind of failure 'link_donw' (did you mean 'link_down'[?])"
orrery blast "${short[@]}" --at 1x
refused "--at 1x:1:1: error: *"
orrery blast "${short[@]}" --at 1h
refused "--at: error: the run is over before the failure begins"
orrery blast "${short[@]}" --among nothing
refused "--among: error: *"
orrery blast p4510
refused "p4510: error: a device stands alone*"

finish
