#!/usr/bin/env bash
# Tests these scripts: builds (or finds the build), starts a server, uses it, restarts it, stops it.
#
#   usage: selftest.sh        prints "N passed, N failed"; status 1 if any failed
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$HERE/lib.sh"

passed=0 failed=0
scratch=$(mktemp -d)
state=$scratch/state
namespace=vnetcni-kube-$$ veth=vk$$
# the processes that name this run's folder: what must be gone at the end
rest() {
    local process words
    for process in /proc/[0-9]*; do
        mapfile -d '' -t words 2>/dev/null < "$process/cmdline" || continue
        [[ "${words[*]}" != *"$scratch/"* ]] || printf '%s: %s\n' "$process" "${words[*]}"
    done
}
cleanup() {
    "$HERE/down.sh" "$state" > /dev/null 2>&1 || true
    "$HERE/down.sh" "$state.2" > /dev/null 2>&1 || true
    "$HERE/down.sh" "$state.3" > /dev/null 2>&1 || true
    ip netns del "$namespace" 2> /dev/null || true    # and with it the veth pair
    rm -rf "$scratch"
}
trap cleanup EXIT

# check NAME COMMAND... : passes if the command succeeds; its output is shown if not
check() {
    local name=$1
    shift
    mv "$scratch/output" "$scratch/before" 2>/dev/null || true
    if "$@" > "$scratch/output" 2>&1; then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$name"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$name"
        sed 's/^/        /' "$scratch/output"
    fi
}
# said REGEX : what the check before printed
said() { grep -E -- "$1" "$scratch/before" > /dev/null || { cat "$scratch/before"; return 1; }; }
fails() { ! "$@"; }
is() { [ "$1" = "$2" ] || { printf 'got "%s", not "%s"\n' "$1" "$2"; return 1; }; }
# gives EXPECTED COMMAND... : the command succeeds and prints just that
gives() {
    local got expected=$1
    shift
    got=$("$@") && is "$got" "$expected"
}
apply() { printf '%s\n' "$1" | "$kubectl" "${@:2}" -f -; }

# -- a program is built once
check 'build.sh ends well' "$HERE/build.sh"
bin=$("$HERE/build.sh" 2> "$scratch/log")
check 'a second build finds the first one' grep -q 'cached' "$scratch/log"
check 'the last line is the folder with etcd and kube-apiserver' test -x "$bin/etcd" -a -x "$bin/kube-apiserver"
check 'no work folder is left' fails test -e "$bin/../work"
check 'an unknown target is refused' fails env TARGETS=nonsense "$HERE/build.sh"
kubectl=$("$HERE/kubectl.sh")
check 'kubectl.sh finds a kubectl' "$kubectl" version --client

# -- a server that cannot start says why
check 'a server with a wrong flag fails' fails env APISERVER_FLAGS=--no-such-flag "$HERE/up.sh" "$state"
check 'it says what died, and why' said 'unknown flag: --no-such-flag'
check 'nothing of it is left running' gives '' rest
"$HERE/down.sh" "$state"

# -- up
begin=$(date +%s%N)
check 'up.sh starts a server' "$HERE/up.sh" "$state" --short-watch --san 192.0.2.10 --san api.test.example
printf '        ready after %d ms\n' $((($(date +%s%N) - begin) / 1000000))
export KUBECONFIG=$state/kubeconfig
check 'the kubeconfig is for its owner only' gives 600 stat -c %a "$KUBECONFIG"
check 'so is the folder with the keys' gives 700 stat -c %a "$state/pki"
for name in etcd kube-apiserver; do
    pid=$(pid_of "$state" "$name")
    printf '        %s: %d MiB\n' "$name" "$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$pid/status")"
done
check 'kubectl get ns default' "$kubectl" get ns default
check 'anonymous requests are refused' fails curl -fsS --noproxy '*' --cacert "$state/pki/ca.crt" "$("$kubectl" config view -o jsonpath='{.clusters[0].cluster.server}')/api/v1/nodes"
check 'the certificate is good for the extra address' openssl verify -CAfile "$state/pki/ca.crt" -verify_ip 192.0.2.10 "$state/pki/apiserver.crt"
check 'the certificate is good for the extra name' openssl verify -CAfile "$state/pki/ca.crt" -verify_hostname api.test.example "$state/pki/apiserver.crt"
check 'up.sh again leaves it alone' "$HERE/up.sh" "$state"

# -- custom resources
crd='{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.test.example"},
 "spec": {"group": "test.example", "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
  "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}}, "schema": {"openAPIV3Schema": {"type": "object", "properties": {
    "spec": {"type": "object", "properties": {"size": {"type": "integer"}, "tags": {"type": "object", "additionalProperties": {"type": "string"}}}},
    "status": {"type": "object", "properties": {"phase": {"type": "string"}}}}}}}]}}'
widget='{"apiVersion": "test.example/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 3, "tags": {"a": "b"}}, "status": {"phase": "ignored"}}'
check 'a CRD is created' apply "$crd" create
check 'it is established' "$kubectl" wait --for=condition=Established --timeout=20s crd/widgets.test.example
check 'a custom resource is applied by the server' apply "$widget" apply --server-side --field-manager=x
check 'the field manager is noted' gives x "$kubectl" get widget w --show-managed-fields -o jsonpath='{.metadata.managedFields[0].manager}'
check 'its status is not set that way' gives '' "$kubectl" get widget w -o jsonpath='{.status.phase}'
check 'the status subresource takes a patch' "$kubectl" patch widget w --subresource=status --type=merge -p '{"status": {"phase": "Ready"}}'
check 'the status is there' gives Ready "$kubectl" get widget w -o jsonpath='{.status.phase}'
check 'the spec stayed' gives 3 "$kubectl" get widget w -o jsonpath='{.spec.size}'
check 'another manager conflicts' fails apply "${widget/\"size\": 3/\"size\": 4}" apply --server-side --field-manager=y

# -- nodes, pods, accounts
node='{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "spec": {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24"]}}'
pod='{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod-1"}, "spec": {"nodeName": "node-1", "containers": [{"name": "c", "image": "none.example/none", "securityContext": {"privileged": true}}]}}'
check 'a namespace is created' "$kubectl" create namespace test-ns
check 'a Node is created' apply "$node" create
check 'a Pod without a service account is created on it' apply "$pod" create -n test-ns
check 'it is found by its node' gives pod-1 "$kubectl" get pods -A --field-selector spec.nodeName=node-1 -o jsonpath='{.items[*].metadata.name}'
check 'its status takes an address' "$kubectl" patch pod pod-1 -n test-ns --subresource=status --type=merge -p '{"status": {"podIP": "10.244.1.7", "podIPs": [{"ip": "10.244.1.7"}]}}'
check 'a service account is created' "$kubectl" create serviceaccount agent -n test-ns
token() { "$kubectl" create token agent -n test-ns; }
as_agent() { "$kubectl" --kubeconfig=/dev/null --server="$("$kubectl" config view -o jsonpath='{.clusters[0].cluster.server}')" --certificate-authority="$state/pki/ca.crt" --token="$(token)" "$@"; }
check 'RBAC keeps it from reading nodes' fails as_agent get nodes
check '... until it is allowed to' "$kubectl" create clusterrolebinding agent --clusterrole=system:node-problem-detector --serviceaccount=test-ns:agent
check '... and then it reads them' as_agent get node node-1

# -- watches
version=$("$kubectl" get widget w -o jsonpath='{.metadata.resourceVersion}')
"$kubectl" label widget w seen=yes > /dev/null
watch_url="/apis/test.example/v1/namespaces/default/widgets?watch=true&resourceVersion=$version"
begin=$SECONDS
check 'a watch from a resource version ends by itself' timeout 20 "$kubectl" get --raw "$watch_url"
printf '        ended after %d s\n' $((SECONDS - begin))
check 'it saw the change made since' said '"type":"MODIFIED".*"seen":"yes"'

# -- the server fails and comes back; etcd stays
etcd_pid=$(pid_of "$state" etcd)
server=$("$kubectl" config view -o jsonpath='{.clusters[0].cluster.server}')
check 'the API server alone is stopped' "$HERE/down.sh" "$state" --only kube-apiserver
check 'it does not answer' fails "$kubectl" get ns default
check 'etcd still runs' gives "$etcd_pid" pid_of "$state" etcd
check 'up.sh starts it again' "$HERE/up.sh" "$state"
check 'at the address of before' gives "$server" "$kubectl" config view -o jsonpath='{.clusters[0].cluster.server}'
check 'with the data of before' gives Ready "$kubectl" get widget w -o jsonpath='{.status.phase}'
check 'with the flags of before' grep -q -- min-request-timeout "/proc/$(pid_of "$state" kube-apiserver)/cmdline"
check 'down.sh --keep stops both' "$HERE/down.sh" "$state" --keep
check 'nothing runs' gives '' rest
check 'up.sh goes on with what was kept' "$HERE/up.sh" "$state"
check 'the pod is still there' "$kubectl" get pod pod-1 -n test-ns

# -- two at once, and pid files that name something else
check 'a second server runs beside it' "$HERE/up.sh" "$state.2"
check 'they have different data' fails "$kubectl" --kubeconfig="$state.2/kubeconfig" get ns test-ns
etcd_pid=$(pid_of "$state" etcd)
mv "$state.2/run/etcd.pid" "$scratch/pid"
cp "$state/run/etcd.pid" "$state.2/run/etcd.pid"
check 'down.sh spares a process that is not of this state' "$HERE/down.sh" "$state.2" --keep
check '... as it does here' gives "$etcd_pid" pid_of "$state" etcd
mv "$scratch/pid" "$state.2/run/etcd.pid"
check 'down.sh stops the second' "$HERE/down.sh" "$state.2"

# -- in a network namespace, reached from here over a veth pair
if [ "$(id -u)" = 0 ] && ip netns add "$namespace" 2> /dev/null; then
    ip link add "$veth" type veth peer name eth0 netns "$namespace"
    ip addr add 198.51.100.1/30 dev "$veth"
    ip link set "$veth" up
    ip -n "$namespace" addr add 198.51.100.2/30 dev eth0
    ip -n "$namespace" link set lo up
    ip -n "$namespace" link set eth0 up
    check 'a server starts in a network namespace' nsenter --net="/run/netns/$namespace" \
        "$HERE/up.sh" "$state.3" --port 6443 --bind 0.0.0.0 --san 198.51.100.2 --server 198.51.100.2
    check 'it is reached from outside' "$kubectl" --kubeconfig="$state.3/kubeconfig" get ns default
    check 'its address is advertised' gives 198.51.100.2 "$kubectl" --kubeconfig="$state.3/kubeconfig" get endpoints kubernetes -o jsonpath='{.subsets[0].addresses[0].ip}'
    check 'down.sh stops it from outside' "$HERE/down.sh" "$state.3"
else
    printf 'skipped in a network namespace: not root, or not allowed\n'
fi

# -- down
check 'down.sh ends well' "$HERE/down.sh" "$state"
check 'no process is left' gives '' rest
check 'no file is left' fails test -e "$state" -o -e "$state.2" -o -e "$state.3"
check 'down.sh again is no error' "$HERE/down.sh" "$state"

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
