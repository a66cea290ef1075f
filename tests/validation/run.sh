#!/usr/bin/env bash
# run.sh DIRECTORY: predicts every published figure, once, and leaves validation.json and validation.md there. A fitted figure that is
# off (exit code 1) is for every_fitted_figure_is_met.sh to tell.
set -u
mkdir -p "$1" || exit 3
rm -f "$1"/validation.json "$1"/validation.md
"$ORRERY_BIN" validate --quiet -o "$1/validation.json"
(($? <= 1)) || exit
# The same runs again, from the cache.
"$ORRERY_BIN" validate --quiet -o "$1/validation.md"
(($? <= 1)) || exit
[[ -s $1/validation.json && -s $1/validation.md ]]
