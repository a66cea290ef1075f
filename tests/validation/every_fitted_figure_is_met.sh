#!/usr/bin/env bash
# every_fitted_figure_is_met.sh DIRECTORY: calibrated and derived figures are met, and no figure's runs were in trouble.
set -u
bad=$(jq -r '.[] | select((.kind != "VAL" and .verdict != "ok") or .simulated == null or (.trouble // "") != "")
             | "\(.id): published \(.published), simulated \(.simulated), \(.verdict) \(.trouble // "")"' "$1/validation.json") || exit 1
count=$(jq '[.[] | select(.kind == "CAL")] | length' "$1/validation.json") || exit 1
printf '%d calibrated figures\n' "$count"
if [[ -n $bad ]]; then printf '%s\n' "$bad"; exit 1; fi
((count >= 40))
