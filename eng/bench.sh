#!/usr/bin/env bash
# Measures ADD and DEL through the published CNI binary and a running agent (file pool, transparent mode), in a network
# namespace of its own, with bench/cni-driver. Prints p50, p90, p99, pods a second and CPU, at 1 and at 8 in parallel.
# usage: eng/bench.sh [PODS] [ROUNDS]      as root
set -euo pipefail
cd "$(dirname "$0")/.."
pods=${1:-40} rounds=${2:-10}
if [ "$(id -u)" -ne 0 ]; then echo "The bench makes network namespaces: run it as root." >&2; exit 2; fi
eng/publish.sh CniBinary NodeAgent > /dev/null
state=$(mktemp -d /run/vnetcni-bench.XXXXXX)
node=vnetcni-bench agent=
cleanup() {
  if [ -n "$agent" ]; then kill "$agent" 2> /dev/null || true; wait "$agent" 2> /dev/null || true; fi
  ip netns del "$node" 2> /dev/null || true
  rm -rf "$state"
}
trap cleanup EXIT
cc -O2 -pthread -o "$state/cnidrv" bench/cni-driver/cnidrv.c
cc -O2 -o "$state/spawnbench" bench/cni-driver/spawnbench.c

ip netns add "$node"
ip -n "$node" link set lo up
ip -n "$node" link add eth0 type veth peer name fab0
ip -n "$node" link set fab0 up
ip -n "$node" addr add 10.224.0.4/16 dev eth0
ip -n "$node" link set eth0 up
ip -n "$node" route add default via 10.224.0.1 dev eth0
# Twice the pods: an address rests after its pod is gone.
{
  printf '{"pool": {"maxAddresses": 250, "reuseCooldown": "0s"}, "addresses": ['
  for i in $(seq 1 $((pods * 3 < 250 ? pods * 3 : 250))); do printf '%s"10.224.1.%d"' "$([ "$i" = 1 ] || echo ,)" "$i"; done
  printf ']}\n'
} > "$state/pool.json"
nsenter --net="/run/netns/$node" artifacts/publish/NodeAgent/Vnetcni.NodeAgent --node-name bench --socket "$state/agent.sock" \
  --pool "file:$state/pool.json" --http 127.0.0.1:9468 --log-level Warning 2> "$state/agent.log" &
agent=$!
for _ in $(seq 100); do [ -S "$state/agent.sock" ] && break; sleep 0.05; done
[ -S "$state/agent.sock" ] || { cat "$state/agent.log" >&2; exit 1; }
sleep 0.5
printf '{"cniVersion": "1.0.0", "name": "bench", "plugins": [{"type": "vnetcni"}]}\n' > "$state/bench.conflist"

echo "CNI binary: $(stat -c %s artifacts/publish/CniBinary/vnetcni) bytes; agent: $(stat -c %s artifacts/publish/NodeAgent/Vnetcni.NodeAgent) bytes"
echo "start of the CNI binary (VERSION):"
CNI_COMMAND=VERSION "$state/spawnbench" 150 artifacts/publish/CniBinary/vnetcni < /dev/null
for parallel in 1 8; do
  nsenter --net="/run/netns/$node" "$state/cnidrv" -c "$state/bench.conflist" -p artifacts/publish/CniBinary -n "$pods" -r "$rounds" \
    -j "$parallel" -V -a "$agent" -e "VNETCNI_SOCKET=$state/agent.sock" -l "vnetcni x$parallel" -d "$state/netns"
done
echo "agent: $(awk '/^VmRSS/{print $2, $3}' "/proc/$agent/status") resident"
if [ -s "$state/agent.log" ]; then echo "the agent logged:"; tail -5 "$state/agent.log"; fi
