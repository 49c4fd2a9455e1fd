#!/usr/bin/env bash
# The demo: builds, publishes the CNI binary as NativeAOT, and runs the lab.
# usage: eng/demo.sh [embedded|debian|docker|kubeconfig]     KEEP=1 leaves it running, PLAIN=1 prints no colours
#   embedded     an API server within the lab: nothing to download or to build (the default)
#   debian       a real kube-apiserver, built from Debian's packages (minutes, once)
#   docker       K3s in Docker
#   kubeconfig   the cluster that KUBECONFIG names
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(id -u)" -ne 0 ]; then echo "The demo makes network namespaces: run it as root (sudo make demo)." >&2; exit 2; fi
cluster=${1:-embedded}
if [ "$cluster" = debian ]; then eng/install-tools.sh debian; else eng/install-tools.sh demo; fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# MSBuild takes 15 s to find that nothing changed; somebody waits here.
built=artifacts/demo.built lab=src/Lab/bin/Debug/net10.0/Vnetcni.Lab cni=artifacts/publish/CniBinary/vnetcni
changed() {
  [ ! -e "$built" ] || [ ! -x "$lab" ] || [ ! -x "$cni" ] ||
    [ -n "$(find src crds eng/publish.sh Directory.* global.json -newer "$built" -type f -not -path '*/bin/*' -not -path '*/obj/*' -print -quit)" ]
}
if changed; then
  mkdir -p artifacts
  touch "$built.new"
  # `make build` and CI run the analyzers.
  dotnet build src/Lab/Lab.csproj -p:RunAnalyzers=false -nodeReuse:false -v:quiet
  eng/publish.sh CniBinary > /dev/null
  mv "$built.new" "$built"
fi
PATH=$(dirname "$(eng/kube/kubectl.sh)"):$PATH
export PATH
flags=(--cluster "$cluster" --cni "$cni")
if [ -n "${KEEP-}" ]; then flags+=(--keep); fi
if [ -n "${PLAIN-}" ]; then flags+=(--plain); fi
exec "$lab" demo "${flags[@]}"
