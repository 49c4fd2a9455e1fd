#!/usr/bin/env bash
# The charts on a real cluster: Debian's Kubernetes with kubelets, containerd and kube-proxy in namespaces of this machine, the
# product's own images, real helm, the ARM simulator. Nothing is pulled from a registry.
# usage: eng/e2e.sh [PART...]      parts: install scale restarts gitops capabilities nodes uninstall (default: all); HELM=3 takes Helm 3.18 instead of 4.1,
#                                  KEEP=1 leaves the cluster running, PLAIN=1 prints no colours
# exit code 3 = this machine cannot run it; the reason is printed
set -euo pipefail
cd "$(dirname "$0")/.."
skip() { echo "SKIP: $*"; exit 3; }
[ "$(id -u)" -eq 0 ] || skip 'nodes are made of namespaces: run it as root (sudo make e2e)'
[ "$(uname -m)" = x86_64 ] || skip "helm is fetched for amd64 only, this is $(uname -m)"
command -v apt-get > /dev/null || skip "the nodes' programs come from Debian's packages, and there is no apt-get"
unshare --net --mount --pid --uts --ipc --cgroup --fork true 2> /dev/null || skip 'this machine lets nobody make namespaces (a container without CAP_SYS_ADMIN?)'
eng/install-tools.sh e2e
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# step COMMAND... : its words are shown when it fails
step() {
  local from=$SECONDS
  "$@" > artifacts/e2e-build.log 2>&1 || { tail -n 40 artifacts/e2e-build.log >&2; echo "failed: $*" >&2; exit 1; }
  echo "$((SECONDS - from)) s: $*" >&2
}

programs=$(TARGETS='kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy' eng/kube/build.sh)
helm=$(eng/helm.sh "${HELM:-4}")
PATH=$(dirname "$(eng/kube/kubectl.sh)"):$PATH
export PATH
lab=src/Lab/bin/Debug/net10.0/Vnetcni.Lab images=artifacts/images
mkdir -p artifacts
# stale STAMP PATH... : whether something in the paths is newer than the stamp, or there is none
stale() {
  local stamp=artifacts/$1
  shift
  [ ! -e "$stamp" ] || [ -n "$(find "$@" Directory.* global.json -newer "$stamp" -type f -not -path '*/bin/*' -not -path '*/obj/*' -print -quit)" ]
}
if [ ! -x $lab ] || stale e2e.lab src; then
  touch artifacts/e2e.lab.new
  step dotnet build -p:RunAnalyzers=false -nodeReuse:false -v:quiet src/Lab/Lab.csproj
  mv artifacts/e2e.lab.new artifacts/e2e.lab
fi
# What `make image-rootfs` has assembled after the last change of its sources is taken as it is.
if [ ! -e $images/agent.tar ] ||
  stale images/agent.tar src/{AgentProtocol,Api,CniBinary,ControllerRuntime,Dataplane,Ipam,NodeAgent,Operator} eng/images eng/publish.sh; then
  rm -f $images/agent.tar
  touch artifacts/e2e.images.new
  step eng/publish.sh
  step eng/images/image-rootfs.sh
  # As old as the sources it was made of: what was edited meanwhile is newer.
  touch -r artifacts/e2e.images.new $images/agent.tar
fi
if [ ! -e $images/tools.tar ] || stale images/tools.tar eng/e2e/tools-image.sh; then
  step eng/e2e/tools-image.sh $images/tools.tar
fi

folder=$(mktemp -d /var/tmp/vnetcni-e2e.XXXXXX)
tidy() {
  set +e
  rm -f artifacts/e2e.running
  # Everything has ended with the process namespace; the nodes' cgroups stay, and empty ones can go.
  sort -u "$folder"/nodes/*/cgroups 2> /dev/null | while read -r group; do
    find "$group" -depth -type d -exec rmdir {} + 2> /dev/null || true
    rmdir "$(dirname "$group")" 2> /dev/null || true
  done
  mkdir -p artifacts/e2e-logs
  for log in "$folder"/*.log "$folder"/kube/log/*.log "$folder"/nodes/*/log/*.log; do
    [ ! -e "$log" ] || cp "$log" "artifacts/e2e-logs/$(sed 's|/log/|-|; s|/|-|g' <<< "${log#"$folder"/}")"
  done
  rm -rf --one-file-system "$folder"
}
trap tidy EXIT
flags=(--folder "$folder" --programs "$programs" --helm "$helm" --image "$images/operator.tar" --image "$images/agent.tar" --image "$images/tools.tar")
for part in "$@"; do flags+=(--only "$part"); done
[ -z "${KEEP-}" ] || flags+=(--keep)
[ -z "${PLAIN-}" ] || flags+=(--plain)
# Process, mount and network namespaces of its own: whatever happens inside ends with it, and nothing of it is seen outside.
# shellcheck disable=SC2016 # expanded inside
unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private bash -c '
  mkdir -p /run/netns
  mount -t tmpfs tmpfs /run/netns
  ip link set lo up
  "$@" &
  trap "kill -TERM $!" TERM INT
  wait $! || { result=$?; wait $! 2> /dev/null; exit $result; }
' e2e "$lab" e2e "${flags[@]}" &
inside=$!
printf '%s %s\n' "$inside" "$folder" > artifacts/e2e.running
# unshare itself heeds no signal: its child, the shell above, ends the lab, and all else ends with it.
trap 'pkill -TERM -P "$inside" || true' TERM INT
result=0
# A wait first: it also tells how one ended that is gone already. A signal ends it early.
while
  wait "$inside" || result=$?
  kill -0 "$inside" 2> /dev/null
do :; done
(exit "$result")
