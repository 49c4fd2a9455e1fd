#!/usr/bin/env bash
# Measures ADD and DEL, throughput and memory, in turn with Debian's containernetworking plug-ins and a floor in C, in network
# namespaces of its own. See docs/performance.md.
# usage: eng/bench.sh [FLAG...]      as root; flags of `lab bench`: --rounds N --check --smoke --json FILE --page FILE --plot FILE
#   NEWER_PEERS=DIR   another version of the containernetworking plug-ins, shown beside
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(id -u)" -ne 0 ]; then echo "The bench makes network namespaces: run it as root (sudo make bench)." >&2; exit 2; fi
eng/install-tools.sh demo
missing=()
[ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
command -v iperf3 > /dev/null || missing+=(iperf3)
[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
eng/publish.sh CniBinary NodeAgent > /dev/null
dotnet build src/Lab/Lab.csproj -p:RunAnalyzers=false -nodeReuse:false -v:quiet
tools=artifacts/bench/tools
mkdir -p "$tools"
cc -O2 -w -pthread -o "$tools/cnidrv" bench/cni-driver/cnidrv.c
cc -O2 -w -o "$tools/spawnbench" bench/cni-driver/spawnbench.c
cc -O2 -o "$tools/manymounts" bench/cni-driver/manymounts.c
cc -O2 -static -o "$tools/floor" bench/floor/floor.c
cc -O2 -o "$tools/tcprr" bench/net/tcprr.c
cc -O2 -o "$tools/pathcost" bench/net/pathcost.c
flags=(--tools "$tools" --cni artifacts/publish/CniBinary/vnetcni --agent artifacts/publish/NodeAgent/Vnetcni.NodeAgent)
if [ -n "${NEWER_PEERS-}" ]; then flags+=(--newer-peers "$NEWER_PEERS"); fi
exec src/Lab/bin/Debug/net10.0/Vnetcni.Lab bench "${flags[@]}" "$@"
