#!/bin/sh
# Runs seeds on all cores until one fails: test/sim/campaign.sh [FIRST] [COUNT] [options of npm run sim]
#   test/sim/campaign.sh 1 10000
#   CORES=1 test/sim/campaign.sh 1 1000 --profile crash --keep-going
# In the end: what failed, with the command that repeats it; sums; and the marks (src/marks.ts) that no seed has reached.
set -u
cd "$(dirname "$0")/../.." || exit 1
first=${1:-1}
count=${2:-10000}
[ $# -ge 2 ] && shift 2 || shift $#
npm run --silent build:test || exit 1
cores=${CORES:-$(getconf _NPROCESSORS_ONLN)}
out=$(mktemp -d)
# What is compiled while a campaign runs must not change it.
cp -R dist package.json "$out" && ln -s "$PWD/node_modules" "$out/node_modules" || exit 1
pids=""
core=0
while [ "$core" -lt "$cores" ]; do
  # Every so-many-th seed, so that all get equally far. Short runs of much code: what is inlined costs more than it brings.
  node --max-semi-space-size=32 --max-inlined-bytecode-size-cumulative=300 "$out/dist/test/sim/main.js" --seeds "$((first + core))..$((first + count - 1))/$cores" \
    --quiet --marks "$@" >"$out/$core.log" 2>&1 &
  pids="$pids $!"
  core=$((core + 1))
done
stop() {
  # shellcheck disable=SC2086
  kill $pids 2>/dev/null
}
trap 'stop; rm -rf "$out"; exit 130' INT TERM
failed=0
running=$pids
while [ -n "$running" ]; do
  sleep 2
  left=""
  for pid in $running; do
    if kill -0 "$pid" 2>/dev/null; then left="$left $pid"; else
      # The first that fails ends the others: there is something to look at.
      wait "$pid" || { failed=1; stop; }
    fi
  done
  running=$left
done
node "$out/dist/test/sim/campaign-report.js" "$out"/*.log
rm -rf "$out"
exit $failed
