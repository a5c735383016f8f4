#!/bin/sh
# Runs seeds on all cores until one fails: test/sim/campaign.sh [FIRST] [COUNT] [options of npm run sim]
#   test/sim/campaign.sh 1 10000 --profile crash
set -u
cd "$(dirname "$0")/../.."
first=${1:-1}
count=${2:-1000}
[ $# -ge 2 ] && shift 2 || shift $#
npm run --silent build:test || exit 1
cores=$(getconf _NPROCESSORS_ONLN)
each=$(((count + cores - 1) / cores))
out=$(mktemp -d)
pids=""
core=0
while [ "$core" -lt "$cores" ]; do
  from=$((first + core * each))
  to=$((from + each - 1))
  node --max-semi-space-size=32 dist/test/sim/main.js --seeds "$from..$to" --quiet "$@" >"$out/$core" 2>&1 &
  pids="$pids $!"
  core=$((core + 1))
done
failed=0
for pid in $pids; do
  # The first that fails ends the others: there is something to look at.
  wait "$pid" || { failed=1; kill $pids 2>/dev/null; }
done
grep -h "FAILED" -A 3 "$out"/* | grep -v "^    at"
grep -h "Repeat it" "$out"/*
tail -q -n 2 "$out"/*
rm -r "$out"
exit $failed
