#!/usr/bin/env bash
# Whether the bench works: all candidates, few operations, no gates. Its JSON must have the figures that a full run has.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d /run/vnetcni-smoke.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
eng/bench.sh --smoke --rounds 1 --folder "$scratch/${scratch##*.}-bench" --json "$scratch/bench.json" --plot "$scratch/plot.svg"
jq -e '
  .schema == 2 and .smoke
  and ([.operations[] | select(.errors == 0 and .count > 0 and .p50 > 0 and .p99 >= .p50 and .perSecond > 0)] | length) == (.operations | length)
  and ([.operations[].candidate] | unique | length) == 4
  and ([.starts[] | select(.plain > 0 and .manyMounts > 0 and .peakKiB > 0)] | length) >= 3
  and .after.goneP99 > 0 and .after.reuseP99 > 0
  and ([.paths[] | select(.gigabitsPerSecond > 0 and .transactionsPerSecond > 0)] | length) == 5
  and ([.costs[] | select(.transactionNs > 0 and .megabyteNs > 0 and .transactions.median > 0.1 and .stream.low <= .stream.high)] | length) == 6
  and .programs.binaryIsStatic and .programs.agentAnonymousKiB > 0
' "$scratch/bench.json" > /dev/null || { echo "bench.json lacks figures:"; cat "$scratch/bench.json"; exit 1; }
grep -q '</svg>' "$scratch/plot.svg"
