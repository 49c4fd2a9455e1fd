#!/usr/bin/env bash
# The demo: builds, publishes the CNI binary as NativeAOT, and runs the lab.
# usage: eng/demo.sh [debian|docker|kubeconfig]     KEEP=1 leaves it running, PLAIN=1 prints no colours
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(id -u)" -ne 0 ]; then echo "The demo makes network namespaces: run it as root (sudo make demo)." >&2; exit 2; fi
eng/install-tools.sh
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build src/Lab/Lab.csproj -nodeReuse:false -v:quiet
eng/publish.sh CniBinary > /dev/null
PATH=$(dirname "$(eng/kube/kubectl.sh)"):$PATH
export PATH
flags=(--cluster "${1:-debian}" --cni artifacts/publish/CniBinary/vnetcni)
if [ -n "${KEEP-}" ]; then flags+=(--keep); fi
if [ -n "${PLAIN-}" ]; then flags+=(--plain); fi
exec src/Lab/bin/Debug/net10.0/Vnetcni.Lab demo "${flags[@]}"
