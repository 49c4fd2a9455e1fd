#!/usr/bin/env bash
# The churn: ADD and DEL at full speed on one node of this machine's kernel, with kill -9 of the agent. See docs/soak.md.
# usage: eng/churn.sh [MINUTES]      as root; COUNT=n ends after n pods, SEED=n repeats a plan, WORKERS=n calls at a time (default 8)
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(id -u)" -ne 0 ]; then echo "The churn makes network namespaces: run it as root (sudo make churn)." >&2; exit 2; fi
eng/install-tools.sh demo
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if [ -z "${BUILT-}" ]; then
  dotnet build src/Lab/Lab.csproj -p:RunAnalyzers=false -nodeReuse:false -v:quiet
  eng/publish.sh NodeAgent > /dev/null
fi
flags=(--agent artifacts/publish/NodeAgent/Vnetcni.NodeAgent --minutes "${1:-10}" --folder "${FOLDER:-/run/vnetcni-churn}")
if [ -n "${COUNT-}" ]; then flags+=(--count "$COUNT"); fi
if [ -n "${SEED-}" ]; then flags+=(--seed "$SEED"); fi
if [ -n "${WORKERS-}" ]; then flags+=(--workers "$WORKERS"); fi
exec src/Lab/bin/Debug/net10.0/Vnetcni.Lab churn "${flags[@]}"
