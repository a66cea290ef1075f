#!/usr/bin/env bash
# Devices, named pipes and directories are no files, wherever one is named: nothing waits for them, or reads them to no end.
source tests/cli/_lib.sh

mkfifo pipe
mkdir directory
for command in run lint "compare --vary seed=1,2" "fleet --disks lightpool"; do
  # shellcheck disable=SC2086
  for file in pipe /dev/zero; do
    orrery $command "$file"
    refused "$file: error: cannot read file '$file': no regular file"
  done
  # shellcheck disable=SC2086
  orrery $command directory
  refused "directory: error: cannot read file 'directory': Is a directory"
done

fleet="scenario: f
system: fleet
fleet: {runtime: 1h}
nodes: [{shape: n, count: 2, cpu: 8, memory: 16GiB, disk: 1TB}]"
for format in kubernetes alibaba-gpu-v2025; do
  printf '%s\ndemand:\n  - {format: %s, file: pipe}\n' "$fleet" "$format" >f.yaml
  orrery fleet --disks lightpool f.yaml
  refused "f.yaml:6:*: error: cannot read file 'pipe': no regular file"
done

# Profiles lie beside the scenario.
mkdir profiles
mkfifo profiles/mine.yaml
printf 'scenario: s\nsystem: rpc\nfrontend: {profile: mine}\nworkload: [{name: w, runtime: 1ms}]\n' >s.yaml
orrery run s.yaml
refused "*profiles/mine.yaml: error: cannot read file '*': no regular file"

# A pipe that the caller holds is read: what another program prints.
sed 's/mine/luna/' s.yaml >t.yaml
for command in run lint; do
  status=0
  "$program" "$command" <(cat t.yaml) >out 2>err || status=$?
  expect "$command of what a program prints" 0 "$status$(<err)"
done

# Too large is said without reading it all.
truncate -s 3G huge.yaml
orrery lint huge.yaml
refused "huge.yaml: error: larger than 8 MiB"

finish
