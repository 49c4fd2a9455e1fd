#!/usr/bin/env bash
# The soak: random pods at full speed on this machine's kernel, with kill -9 of agents and operators and faults of ARM.
# usage: eng/soak.sh [MINUTES]       SEED=n repeats a plan, WORKERS=n per machine (default 4); see docs/soak.md
#   CHURN=MINUTES   runs the churn beside it; its output is in artifacts/churn.log
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(id -u)" -ne 0 ]; then echo "The soak makes network namespaces: run it as root (sudo make soak)." >&2; exit 2; fi
eng/install-tools.sh demo
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build src/Lab/Lab.csproj -p:RunAnalyzers=false -nodeReuse:false -v:quiet
eng/publish.sh CniBinary > /dev/null
PATH=$(dirname "$(eng/kube/kubectl.sh)"):$PATH
export PATH
flags=(--cni artifacts/publish/CniBinary/vnetcni --minutes "${1:-10}")
if [ -n "${SEED-}" ]; then flags+=(--seed "$SEED"); fi
if [ -n "${WORKERS-}" ]; then flags+=(--workers "$WORKERS"); fi
lab=src/Lab/bin/Debug/net10.0/Vnetcni.Lab
[ -n "${CHURN-}" ] || exec "$lab" soak "${flags[@]}"
eng/publish.sh NodeAgent > /dev/null
BUILT=1 WORKERS="" COUNT="" eng/churn.sh "$CHURN" > artifacts/churn.log 2>&1 &
churn=$!
trap 'kill "$churn" 2> /dev/null || true' EXIT
failed=0
"$lab" soak "${flags[@]}" || failed=1
wait "$churn" || { failed=1; echo "the churn failed:"; tail -40 artifacts/churn.log; }
exit "$failed"
