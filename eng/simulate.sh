#!/usr/bin/env bash
# Runs the product in a simulated world, many seeds on all cores, and says what failed and how to repeat it.
# usage: eng/simulate.sh [SEEDS] [BASE]        so many seeds (default 300), from BASE (default: fresh ones)
#        SEED=123 eng/simulate.sh              one seed; its whole timeline goes to artifacts/simulation
#        SEED=123 TEST=name eng/simulate.sh    one seed of another test, as a failure names it
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
test=${TEST:-Fresh_seeds_keep_every_invariant_and_heal}
if [ -n "${SEED-}" ]; then
  export SIMULATION_SEED=$SEED SIMULATION_TRACES=$PWD/artifacts/simulation
  mkdir -p "$SIMULATION_TRACES"
else
  export SIMULATION_SEEDS=${1:-300}
  if [ -n "${2-}" ]; then export SIMULATION_BASE=$2; fi
fi
# Release: the same code, several times as fast.
dotnet build tests/Simulation.Tests -c Release -v:quiet -nodeReuse:false
# Many short-lived objects on every core: a small young generation stops all threads three times as often.
export DOTNET_GCgen0size=${DOTNET_GCgen0size:-0x8000000}
rc=0
tests/Simulation.Tests/bin/Release/net10.0/Vnetcni.Simulation.Tests --progress off --ansi off --output Detailed \
  --filter-method "*$test*" || rc=$?
if [ -n "${SEED-}" ]; then echo "timeline: artifacts/simulation/$test-$SEED.txt"; fi
exit $rc
