#!/usr/bin/env bash
# What the tests of the program share. A test sources this first and calls `finish` last; in between it works in an empty
# directory of its own.
#
#   orrery run first-light       runs the program; exit code in $status, what it printed in $out and $err
#   expect WHAT WANTED GOT       and the other checks below count what is not as it should be
set -u
export LC_ALL=C.UTF-8
unset NO_COLOR COLUMNS ORRERY_DATA
program=$(realpath -- "${ORRERY_BIN:?the program to test}")
sources=$PWD
scratch=$(mktemp -d)
mkdir "$scratch/here"
cd "$scratch/here" || exit 1
trap 'rm -rf "$scratch"' EXIT
failures=0

# A scenario that is done in milliseconds.
short=(rpc-4k --set workload.0.runtime=2ms)

orrery() {
  status=0
  "$program" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
  ran="orrery $*"
  out=$(cat "$scratch/out"; echo .) out=${out%.}
  err=$(cat "$scratch/err"; echo .) err=${err%.}
}

fail() {
  failures=$((failures + 1))
  printf 'FAILED: %s\n' "$1"
  shift
  (($# == 0)) || printf '  %s\n' "$@"
}

expect() { [[ $3 == "$2" ]] || fail "$1" "wanted: $2" "got:    $3"; }

# expect_like WHAT PATTERN GOT, as in a shell's `case`.
expect_like() {
  # shellcheck disable=SC2053
  [[ $3 == $2 ]] || fail "$1" "wanted: $2" "got:    $3"
}

# expect_json WHAT FILE FILTER: jq's filter must give true.
expect_json() { jq -e "$3" "$2" >/dev/null || fail "$1" "not so in $2: $3"; }

# The program ended with 0 and had nothing to say on standard error.
succeeded() {
  expect "$ran: exit code" 0 "$status"
  expect "$ran: standard error" "" "$err"
}

# refused PATTERN: bad input; standard error is one message, whose first line is like the pattern, and hints.
refused() {
  expect "$ran: exit code" 2 "$status"
  expect "$ran: standard output" "" "$out"
  expect_like "$ran: message" "$1" "${err%%$'\n'*}"
  expect "$ran: lines that are neither the message nor its hint" "" \
    "$(tail -n +2 "$scratch/err" | grep -v '^  hint: ')"
}

# broke PATTERN: something else than the input was wrong; one line says what.
broke() {
  expect "$ran: exit code" 3 "$status"
  expect_like "$ran: message" "$1" "${err%$'\n'}"
  expect "$ran: lines of the message" 1 "$(wc -l <"$scratch/err")"
}

# names_in DIRECTORY, in order, in one line.
names_in() { find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | paste -sd ' '; }

# checksums DIRECTORY: every file in it and what it holds.
checksums() { (cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2); }

# children_of ID prints the processes that a process has started and that have not ended.
children_of() {
  local file stat
  for file in /proc/[0-9]*/stat; do
    stat=$(<"$file") || continue
    # shellcheck disable=SC2086
    set -- $1 ${stat##*) }
    [[ $3 == "$1" && $2 != Z ]] && basename "${file%/stat}"
  done 2>/dev/null
}

# Waits for a condition, at most half a minute.
wait_until() {
  local tries
  for ((tries = 0; tries < 3000; ++tries)); do
    "$@" && return
    sleep 0.01
  done
  fail "waited in vain: $*"
  return 1
}

skip() {
  printf 'SKIPPED: %s\n' "$1"
  exit 77
}

finish() {
  ((failures == 0)) || printf '%s check(s) failed\n' "$failures"
  exit $((failures > 0))
}
