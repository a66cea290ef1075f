#!/usr/bin/env bash
# The same scenario and seed: the same files to the byte, from anywhere, on a terminal or not, in one process or several.
source tests/cli/_lib.sh

args=(first-light --set workload.mix.runtime=20ms --set workload.mix.ramp_time=2ms)
same() {
  local file
  for file in summary.json latency.csv timeline.csv scenario.yaml; do
    cmp -s "$1/$file" "$2/$file" || fail "$1/$file and $2/$file differ"
  done
}

orrery run "${args[@]}" -o first
succeeded
orrery run "${args[@]}" -o second
same first second

orrery run "${args[@]}" -o other --seed 2
expect_json "another seed" other/summary.json '.provenance.seed == 2'
expect "another seed: the same latency" no \
  "$([[ $(jq .jobs[0].write.lat_ns.mean other/summary.json) == "$(jq .jobs[0].write.lat_ns.mean first/summary.json)" ]] && echo yes || echo no)"
expect "another seed: the same scenario" no \
  "$([[ $(jq .provenance.scenario_hash other/summary.json) == "$(jq .provenance.scenario_hash first/summary.json)" ]] && echo yes || echo no)"

# On a terminal, where there are colours and a progress bar; there may be none to be had.
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  command="$(printf '%q ' "$program" run "${args[@]}" -o terminal)"
  TERM=xterm script -qec "$command" /dev/null </dev/null >"$scratch/out"
  expect_like "the progress bar" $'*first-light [[]*%*\r\033[[]K*' "$(<"$scratch/out")"
  expect_like "colours" $'*\033[[]1mfirst-light\033[[]0m*' "$(<"$scratch/out")"
  same first terminal
fi

# From elsewhere, as a file.
mkdir -p elsewhere/deep
(cd elsewhere/deep && "$program" run "$sources/scenarios/library/first-light.yaml" "${args[@]:1}" --quiet -o there)
same first elsewhere/deep/there
cp "$sources/scenarios/library/first-light.yaml" mine.yaml
orrery run mine.yaml "${args[@]:1}" --quiet -o mine
same first mine

# Variants, however many processes there are.
for processes in 1 2 5; do
  orrery compare "${args[@]}" -j $processes -o "compare-$processes"
  succeeded
  expect "table with $processes process(es)" "${table=${out/compare-$processes/DIR}}" "${out/compare-$processes/DIR}"
done
for file in compare.json compare.csv; do
  cmp -s compare-1/$file compare-2/$file && cmp -s compare-1/$file compare-5/$file || fail "$file differs"
done
same compare-1/luna compare-5/luna
same compare-1/solar compare-5/solar

# A variant is the run of its own.
expect "results of a variant" "$(jq -S 'del(.provenance.parameters)' first/summary.json | sha256sum)" \
  "$(jq -S 'del(.provenance.parameters)' compare-1/luna/summary.json | sha256sum)"

# Validation too.
orrery validate --only 'rpc-*-25g' --json -j 1
validation=$out
orrery validate --only 'rpc-*-25g' --json -j 4
expect "validation on several processes" "$validation" "$out"

finish
