#!/usr/bin/env bash
# validate: entries by name, their verdicts as a table, as JSON and as a file, and what the exit code says.
source tests/cli/_lib.sh

orrery validate --only rpc-luna-25g --only 'rpc-*-25g' --json
succeeded
expect_json "entries" "$scratch/out" 'map(.id) | sort == ["rpc-kernel-25g", "rpc-luna-25g"]'
expect_json "fields" "$scratch/out" 'all((.id | type == "string") and (.kind | IN("CAL", "VAL", "derived"))
  and (.verdict | IN("ok", "off", "hit", "miss")) and (.published > 0) and (.simulated > 0)
  and ((.simulated / .published / .ratio - 1) | fabs < 1e-9) and (.load | length > 0) and (.source | length > 0))'
expect_json "an interval around the simulated value" "$scratch/out" \
  'all(.interval[0] <= .simulated + 1e-9 and .simulated <= .interval[1] + 1e-9)'

orrery validate --only rpc-luna-25g
succeeded
expect_like "table" "*Calibrated (CAL): 1 ok*rpc-luna-25g*13.1 us*13.1*ok*" "$out"
orrery validate --only rpc-luna-25g --quiet -o report.md
succeeded
expect "quiet" "" "$out"
grep -q '^| `rpc-luna-25g` |.*| \*\*ok\*\* |' report.md || fail "no row in report.md"
orrery validate --only rpc-luna-25g --quiet -o report.json
expect_json "report.json" report.json 'length == 1 and .[0].id == "rpc-luna-25g"'

# Entries of one's own: a figure far off is a failed check if it is calibrated, and none if it is a prediction.
mkdir data data/scenarios
cp -r "$sources"/scenarios/{library,profiles} data/scenarios
mkdir data/scenarios/validation
export ORRERY_DATA=$PWD/data
entries() { cat >data/scenarios/validation/mine.yaml; }
entries <<'END'
title: Mine
load: one at a time
replications: 1
runs: {luna: {scenario: rpc-4k, set: [workload.0.runtime=2ms]}}
entries:
  - {id: far, source: s, figure: f, value: 5, unit: us, kind: CAL, metric: "luna:jobs.0.write.lat_ns.mean / 1000", within: 1, reason: r}
  - {id: farther, source: s, figure: f, value: 5, unit: us, kind: VAL, metric: "luna:jobs.0.write.lat_ns.mean / 1000", within: 1, reason: r, miss: m}
END
orrery validate --only far --json
expect "calibrated and off: exit code" 1 "$status"
expect_json "calibrated and off" "$scratch/out" '.[0].verdict == "off"'
orrery validate --only farther --json
expect "predicted and missed: exit code" 0 "$status"
expect_json "predicted and missed" "$scratch/out" '.[0].verdict == "miss" and .[0].miss == "m" and .[0].interval == null'

entries <<'END'
title: Mine
load: one at a time
replications: 1
entries:
  - {id: a, source: s, figure: f, value: 5, kind: CAL, metric: "luna:jobs.0.wirte.iops", within: 1, reason: r,
     runs: {luna: {scenario: rpc-4k, set: [workload.0.runtime=2ms]}}}
END
orrery validate
refused "*/mine.yaml:5:64: error: no figure 'jobs.0.wirte.iops' in run 'luna' *"

entries <<'END'
title: Mine
entries:
  - {id: a, source: s, figure: f, value: 5, kind: CAL, metric: "1", within: 1, reason: r}
END
orrery validate
refused "*/mine.yaml:3:5: error: a: \`load\` must say under which load"

entries <<'END'
title: Mine
load: l
runs: {luna: {scenario: rpc-44k}}
entries:
  - {id: a, source: s, figure: f, value: 5, kind: CAL, metric: "luna:x", within: 1, reason: r}
END
orrery validate
refused "rpc-44k: error: * (did you mean 'rpc-4k'[?])"

finish
