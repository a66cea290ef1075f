#!/usr/bin/env bash
# list, schema, lint, --help and --version speak of everything there is, and of nothing else.
source tests/cli/_lib.sh

expect "a library to test with" yes "$( (($(ls "$sources"/scenarios/library/*.yaml | wc -l) > 3)) && echo yes)"
overview=$("$program" list)
for list in models profiles scenarios; do
  orrery list $list
  succeeded
  names=$(awk 'NR > 1 && /^[^ ]/ {print $1}' <<<"$out")
  if [[ $list != models ]]; then
    directory=$sources/scenarios/${list/scenarios/library}
    expect "list $list" "$(cd "$directory" && ls ./*.yaml | sed 's,./,,; s,.yaml,,' | sort)" "$(sort <<<"$names")"
  fi
  for name in $names; do
    grep -q "^$name " <<<"$overview" || fail "list: no $name of $list"
    orrery list "$name"
    succeeded
    expect_like "list $name" "*$name*" "$out"
  done
done
for section in compute storage frontend backend ebs volumes workload; do
  orrery list $section
  succeeded
  expect_like "list $section" "*key *value *default *limits *meaning*" "$out"
done
orrery list luna
expect_like "parameters of LUNA with their source" "*window*64KiB*paper*" "$out"
for width in 40 60 200; do
  out=$(COLUMNS=$width "$program" list scenarios)
  expect "list on $width columns: longest line within them" yes "$( (($(wc -L <<<"$out") <= width)) && echo yes)"
done
orrery list --markdown
succeeded
for word in workload iodepth luna tcp_ip_header p4510-4tb; do expect_like "reference: $word" "*$word*" "$out"; done

# The schema knows the keys of every scenario of the library.
orrery schema
succeeded
schema=$scratch/schema.json
cp "$scratch/out" "$schema"
expect_json "a schema" "$schema" '."$schema" | startswith("http")'
expect_json "unknown keys are refused" "$schema" '.additionalProperties == false'
for file in "$sources"/scenarios/library/*.yaml; do
  keys=$(sed -n 's/^\([a-z_]*\):.*/\1/p' "$file" | jq -Rn '[inputs]')
  expect_json "keys of ${file##*/}" "$schema" "(.properties | keys) as \$known | $keys | length > 3 and all(IN(\$known[]))"
done
orrery run "${short[@]}" --json
expect_json "keys of a job" "$schema" "(.properties.workload.items.properties | keys) as \$known
  | $(jq '.jobs[0]."job options" | keys' "$scratch/out") | length > 3 and all(IN(\$known[]))"

# Everything that comes with the program is right.
orrery lint "$sources"/scenarios/*/*.yaml
succeeded
expect "files found right" "$(ls "$sources"/scenarios/*/*.yaml | wc -l)" "$(grep -c ', ok' <<<"$out")"

# Help and version.
help=$("$program" --help)
for command in run compare blast fleet lint list schema validate; do
  for width in 60 80 120; do
    expect "$command --help: lines longer than $width" "" \
      "$(COLUMNS=$width "$program" $command --help | awk -v most=$width 'length > most && !/vary profiles/')"
  done
  orrery $command --help
  succeeded
  expect_like "$command --help" "*Usage: orrery $command*orrery $command*" "$out"
  expect_like "--help names $command" $'*\n  '"$command *" "$help"
done
orrery --version
succeeded
expect_like "--version" "orrery [0-9]*.[0-9]*" "$out"

finish
