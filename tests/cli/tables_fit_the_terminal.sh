#!/usr/bin/env bash
# Nothing that is printed for people is wider than a terminal of 80 columns, and no figure is left out for that.
source tests/cli/_lib.sh

# fits ARGUMENT...: at 80 columns, and at 120.
fits() {
  local width widest
  for width in 80 120; do
    COLUMNS=$width orrery "$@"
    expect "$ran: exit code" 0 "$status"
    widest=$(wc -L <"$scratch/out")
    ((widest <= width)) || fail "$ran: $widest columns of $width" "$(awk '{ print length, $0 }' "$scratch/out" | sort -rn | head -1)"
  done
}

fits list
for file in "$sources"/scenarios/library/*.yaml "$sources"/scenarios/profiles/*.yaml; do
  fits list "$(basename "$file" .yaml)"
done
for section in $(jq -r '.properties | to_entries[] | select(.value.type == "object" or .value.type == "array") | .key
    | select(IN("compare", "include", "variants", "profiles") | not)' <("$program" schema)); do
  fits list "$section"
done

# Whatever the system.
fits run first-light --set workload.mix.runtime=10ms --set workload.mix.ramp_time=2ms
fits compare first-light --set workload.mix.runtime=10ms --set workload.mix.ramp_time=2ms
fits compare first-light --set workload.mix.runtime=5ms --set workload.mix.ramp_time=1ms --vary frontend.stack=luna,solar \
  --vary workload.mix.rate_iops=5k,20k
fits compare pool-fio-cases --set workload.0.runtime=5ms --set workload.0.ramp_time=1ms --vary pool.path=native,remote_tcp
fits run databases --set applications.0.runtime=50ms --set applications.0.ramp_time=10ms --set applications.1.runtime=50ms \
  --set applications.1.ramp_time=10ms
fits run solar-failover --set workload.0.runtime=100ms
fits run hot-upgrade --set workload.0.runtime=1200ms --set workload.1.runtime=1200ms --set applications.0.runtime=1200ms
fits blast first-light --set workload.mix.runtime=10ms --set workload.mix.ramp_time=2ms --kinds link_down --among 'frontend/*spine*'
fits fleet fleet-conflicts --set nodes.0.count=20 --set demand.0.pods=30 --set demand.1.pods=30
fits fleet fleet-conflicts --set nodes.0.count=20 --set demand.0.pods=30 --set demand.1.pods=30 --disks lightpool --explain pod/db/db-7
fits fleet fleet-conflicts --set nodes.0.count=20 --set demand.0.pods=30 --set demand.1.pods=30 --disks lightpool --io 5min
fits validate --only 'rpc-luna-25g'

finish
