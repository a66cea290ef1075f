#!/usr/bin/env bash
# A cache or a journal that was emptied, cut off or overwritten costs a run and nothing else.
source tests/cli/_lib.sh
export XDG_CACHE_HOME=$PWD/cache

validate=(validate --only rpc-luna-25g --json)
orrery "${validate[@]}"
succeeded
wanted=$out
entry=$(find cache -name '*.json' | head -n 1)
cp "$entry" kept
for spoil in ': >"$entry"' 'head -c 100 kept >"$entry"' 'printf "{}\n" >"$entry"' 'head -c 9999 /dev/zero >"$entry"' \
  'printf "[1, 2" >"$entry"' 'rm "$entry"; mkdir "$entry"' \
  'rm "$entry"; mkfifo "$entry"' 'rm "$entry"; ln -s /dev/full "$entry"'; do
  eval "$spoil"
  orrery "${validate[@]}"
  succeeded
  expect "after $spoil" "$wanted" "$out"
  rm -rf "$entry"
  cp kept "$entry"
done
: >"$entry"
orrery "${validate[@]}" --fresh
succeeded
cmp kept "$entry" || fail "--fresh leaves a spoilt entry"
chmod 000 cache/orrery
orrery "${validate[@]}"
succeeded
chmod 755 cache/orrery

kinds=(--kinds link_down)
orrery blast "${short[@]}" "${kinds[@]}" -o blast
succeeded
wanted=$(<blast/blast.csv)
runs=$(wc -l <blast/done.jsonl)
cp blast/done.jsonl kept
for spoil in 's/.*/{"run":/' 's/.*//' 's/"kind":"link_down"/"kind":7/' 's/"row":{.*/"row":{}}/'; do
  sed "2$spoil" kept >blast/done.jsonl
  orrery blast "${short[@]}" "${kinds[@]}" -o blast
  succeeded
  expect_like "after $spoil" "*; $((runs - 1)) are done already*1 lines of blast/done.jsonl are spoilt*" "$out"
  expect "after $spoil: blast.csv" "$wanted" "$(<blast/blast.csv)"
done
: >blast/done.jsonl
orrery blast "${short[@]}" "${kinds[@]}" -o blast
succeeded
expect "after it was emptied" "$wanted" "$(<blast/blast.csv)"

orrery run "${short[@]}" -o run
: >run/scenario.yaml
: >run/summary.json
orrery run "${short[@]}" -o run
succeeded
expect_json "the run" run/summary.json '.jobs | length == 1'

finish
