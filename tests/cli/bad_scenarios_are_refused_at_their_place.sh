#!/usr/bin/env bash
# Whatever is wrong in a file is one message at its line and column, the same from run, compare and lint.
source tests/cli/_lib.sh

# bad PATTERN <<TEXT: a scenario with a ^ before the place of the mistake; the message is like the pattern.
bad() {
  local text before last newlines place command
  IFS= read -r -d '' text
  before=${text%%^*}
  newlines=${before//[!$'\n']/}
  last=${before##*$'\n'}
  place=s.yaml:$((${#newlines} + 1)):$((${#last} + 1))
  printf '%s' "${text/^/}" >s.yaml
  for command in "run" "compare --vary seed=1,2" "lint"; do
    # shellcheck disable=SC2086
    orrery $command s.yaml
    refused "$place: error: $1"
  done
}

bad "unknown key 'iodpeth' (did you mean 'iodepth'[?])" <<'END'
scenario: s
system: rpc
workload:
  - {name: w, ^iodpeth: 4}
END

bad "unknown key 'wokload' (did you mean 'workload'[?])" <<'END'
scenario: s
system: rpc
^wokload: []
END

bad "unknown key 'serverz' (did you mean 'servers'[?])" <<'END'
scenario: s
system: rpc
compute:
  racks: 1
  ^serverz: 1
workload: [{name: w}]
END

bad "unknown parameter * 'windwo' (did you mean 'window'[?])" <<'END'
scenario: s
system: rpc
workload: [{name: w}]
profiles:
  luna:
    ^windwo: 64KiB
END

bad "missing key 'system' *" <<'END'
^scenario: s
workload: [{name: w}]
END

bad "unknown value for system 'ebbs' (did you mean 'ebs'[?])" <<'END'
scenario: s
system: ^ebbs
workload: [{name: w}]
END

# Columns are of characters, not of bytes.
bad "runtime: expected a duration such as 95us, got '5KiB'" <<'END'
scenario: s
system: rpc
workload:
  - {name: "größer als µ", runtime: ^5KiB}
END

bad "runtime: expected a duration such as 95us, got '5'" <<'END'
scenario: s
system: rpc
workload: [{name: w, runtime: ^5}]
END

bad "servers: must be at least 1, got '0'" <<'END'
scenario: s
system: ebs
compute: {servers: 1}
storage: {servers: ^0}
workload: [{name: w}]
END

bad "rate_iops: must be at least 1e-06, got '-5k'" <<'END'
scenario: s
system: rpc
workload:
  - name: w
    rate_iops: ^-5k
END

bad "iodepth: must be at least 1, got '0'" <<'END'
scenario: s
system: rpc
workload: [{name: w, iodepth: ^0}]
END

bad "unknown profile 'clos-25gg' (did you mean 'clos-25g'[?])" <<'END'
scenario: s
system: rpc
frontend: {fabric: ^clos-25gg}
workload: [{name: w}]
END

bad "unknown profile 'lunna' (did you mean 'luna'[?])" <<'END'
scenario: s
system: rpc
workload: [{name: w}]
profiles: {^lunna: {window: 64KiB}}
END

bad "profile 'luna' is one of a luna, not of a leaf_spine" <<'END'
scenario: s
system: rpc
frontend: {fabric: ^luna}
workload: [{name: w}]
END

bad "duplicate key 'seed'" <<'END'
scenario: s
seed: 1
system: rpc
^seed: 2
END

bad "tab used for indentation" <<'END'
scenario: s
system: rpc
compute:
^	servers: 1
END

bad "invalid YAML: *" <<'END'
scenario: s
system: rpc^: ebs
END

bad "the quotes do not end" <<'END'
scenario: s
system: rpc
workload: [{name: w}]
title: ^"a title
END

bad "a second document in the file" <<'END'
scenario: s
^---
system: rpc
END

bad "a scenario is a mapping of keys, got a list" <<'END'
^- scenario
- s
END

bad "value '2' is there twice" <<'END'
scenario: s
system: rpc
workload: [{name: w}]
compare: {seed: [1, 2, ^2]}
END

bad "two jobs are called 'w'" <<'END'
scenario: s
system: rpc
workload:
  - {name: w}
  - {name: ^w}
END

# Files that hold no text of a scenario at all.
for contents in '' '\n\n' '# only a comment\n'; do
  # shellcheck disable=SC2059
  printf "$contents" >s.yaml
  for command in run lint "compare --vary seed=1,2"; do
    # shellcheck disable=SC2086
    orrery $command s.yaml
    refused "s.yaml:1:1: error: a scenario is a mapping of keys, got nothing"
  done
done
head -c 4096 "$program" >s.yaml
for command in run lint "compare --vary seed=1,2"; do
  # shellcheck disable=SC2086
  orrery $command s.yaml
  refused "s.yaml:1:1: error: control character U+007F"
done
printf 'scenario: s\nsystem: r\xffpc\n' >s.yaml
orrery run s.yaml
refused "s.yaml:2:10: error: not UTF-8 *"

# Includes: the file that is wrong is named, not the one that was asked for.
printf 'include: b.yaml\nscenario: a\n' >a.yaml
printf 'system: rpc\ninclude: [a.yaml]\n' >b.yaml
printf 'scenario: c\ninclude: nowhere.yaml\n' >c.yaml
printf 'include: e.yaml\nscenario: d\nworkload: [{name: w}]\n' >d.yaml
printf 'system: rpc\nseed: minus one\n' >e.yaml
for command in run lint "compare --vary seed=1,2"; do
  # shellcheck disable=SC2086
  {
    orrery $command a.yaml
    refused "b.yaml:2:11: error: include cycle: a.yaml -> b.yaml -> a.yaml"
    orrery $command c.yaml
    refused "c.yaml:2:10: error: cannot read file 'nowhere.yaml'"
    orrery $command d.yaml
    refused "e.yaml:2:7: error: seed: expected an integer *"
  }
done

# Every bad file of several is reported, and the good ones all the same.
printf 'scenario: s\nsystem: rpc\nworkload: [{name: w}]\n' >s.yaml
orrery lint c.yaml s.yaml d.yaml
expect "lint of two bad files: exit code" 2 "$status"
expect "lint of a good file" "s.yaml: scenario 's', ok" "${out%$'\n'}"
expect "lint of two bad files: messages" 2 "$(grep -c ': error: ' "$scratch/err")"

finish
