#!/usr/bin/env bash
# Counts and rates that no memory holds are bad input, refused at once and at their place.
source tests/cli/_lib.sh
# A sanitizer's build takes terabytes of addresses of its own.
limit=$((2 * 1024 * 1024))
(ulimit -v "$limit" && "$program" --version >/dev/null 2>&1) && ulimit -v "$limit"

# bad PLACE-AND-MESSAGE SETTING...
bad() {
  local pattern=$1 settings=()
  shift
  for setting in "$@"; do settings+=(--set "$setting"); done
  orrery run first-light "${settings[@]}"
  refused "$pattern"
}

bad "--set workload.0.rate_iops=1e30:1:22: error: rate_iops: must be *" workload.0.rate_iops=1e30
bad "--set workload.0.rate_iops=1e13:1:22: error: rate_iops: must be *" workload.0.rate_iops=1e13
bad "--set workload.0.rate_iops=1M:1:22: error: rate_iops of 1e+06 in 1000 threads on 16 volumes is more than *" \
  workload.0.rate_iops=1M workload.0.numjobs=1000
bad "--set workload.0.iodepth=1048576:1:20: error: iodepth of 1048576 * on 16 volumes *" \
  workload.0.numjobs=1000 workload.0.iodepth=1048576
bad "--set volumes.per_server=100000:1:20: error: 100000 volumes on 4 compute servers *" volumes.per_server=100000
bad "--set workload.0.bs=100GiB:1:15: error: an I/O of 107374182400 bytes is larger than 64 MiB" workload.0.bs=100GiB
bad "--set workload.0.bs=1000:1:15: error: an I/O of 1000 bytes is not a multiple of 512*" workload.0.bs=1000
bad "--set storage.servers=4096:1:17: error: each of 4096 storage servers is connected to each*" \
  storage.servers=4096 storage.racks=256
bad "--set compute.racks=5:1:15: error: 5 racks for 4 compute servers*" compute.racks=5

# A file says the same as an argument, to lint as to run.
printf 'scenario: s\nsystem: rpc\nworkload:\n  - {name: w, rate_iops: 1e30}\n' >s.yaml
for command in run lint; do
  orrery "$command" s.yaml
  refused "s.yaml:4:26: error: rate_iops: must be at most *"
done

# Long runs are no bad input, and messages have any size.
printf 'scenario: s\nsystem: rpc\nworkload:\n  - {name: w, bs: 64, rate_iops: 1M, runtime: 100d}\n' >s.yaml
orrery lint s.yaml
succeeded

finish
