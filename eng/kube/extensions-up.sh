#!/usr/bin/env bash
# Starts up.sh's servers in a network namespace of their own, and behind them the apiextensions-apiserver of extensions-build.sh: custom
# resources are then served with their CEL rules, and ValidatingAdmissionPolicies are enforced for them, as current releases do.
#
#   usage: extensions-up.sh STATE_DIR GROUP...     GROUP: API groups of custom resources, their version after a slash
#                                                  (vnetcni.dev/v1alpha1)
#
# Prints the namespace's name, then the kubeconfig's path: nsenter --net=/run/netns/NAME kubectl --kubeconfig PATH ...
# Only as root. extensions-down.sh stops it. Exit code 3 = cannot be built here now.
#
# How: the aggregator hands the group apiextensions.k8s.io and the groups named to that program. The 1.20 server has no admission
# policies, but the program asks it for them: so that group goes there too, where two CRDs (admission-policies.yaml) hold them.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$HERE/lib.sh"
if [ $# -lt 2 ]; then sed -n 's/^#   usage: /usage: /p' "${BASH_SOURCE[0]}" >&2; exit 2; fi
STATE=$(realpath -m "$1")
shift
ADDRESS=10.250.0.1 PORT=6443 EXTENSIONS_PORT=6444 NAME=apiextensions.kube-system.svc
program=$("$HERE/extensions-build.sh")
kubectl=$("$HERE/kubectl.sh")

namespace=vnetcni-ext-$(sha256sum <<< "$STATE" | cut -c1-6)
ip netns add "$namespace"
umask 077
mkdir -p "$STATE/run"
printf '%s\n' "$namespace" > "$STATE/run/namespace"
# Whoever is told that it failed has nothing to stop.
trap '[ $? -eq 0 ] || "$HERE/extensions-down.sh" "$STATE" >&2 || true' EXIT
ip -n "$namespace" link set lo up
ip -n "$namespace" address add "$ADDRESS/32" dev lo
# nsenter, not ip netns exec: that makes a mount namespace of its own.
inside() { nsenter --net="/run/netns/$namespace" "$@"; }
kubeconfig=$(inside "$HERE/up.sh" "$STATE" --port "$PORT" --bind 0.0.0.0 --san "$ADDRESS" --san "$NAME" --server "$ADDRESS")
k() { inside "$kubectl" --kubeconfig "$kubeconfig" "$@"; }

# shellcheck disable=SC1091
. "$STATE/run/settings"
pki=$STATE/pki
# serve ADMISSION_PLUGIN... : starts the program with these admission plugins off
serve() {
    local off
    off=$(IFS=,; printf '%s' "$*")
    # 1.20 does not end a streamed list with a bookmark: the program's client must not ask for one.
    setsid nsenter --net="/run/netns/$namespace" env KUBE_FEATURE_WatchListClient=false "$program" --etcd-servers="https://127.0.0.1:${etcd_port:?}" --etcd-prefix=/extensions \
        --etcd-cafile="$pki/ca.crt" --etcd-certfile="$pki/etcd-client.crt" --etcd-keyfile="$pki/etcd-client.key" \
        --bind-address="$ADDRESS" --secure-port="$EXTENSIONS_PORT" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
        --kubeconfig="$kubeconfig" --authentication-kubeconfig="$kubeconfig" --authorization-kubeconfig="$kubeconfig" --client-ca-file="$pki/ca.crt" \
        --requestheader-client-ca-file="$pki/ca.crt" --requestheader-allowed-names=front-proxy-client --requestheader-extra-headers-prefix=X-Remote-Extra- \
        --requestheader-group-headers=X-Remote-Group --requestheader-username-headers=X-Remote-User --enable-priority-and-fairness=false \
        --disable-admission-plugins="$off" >> "$STATE/log/apiextensions-apiserver.log" 2>&1 < /dev/null &
    printf '%s\n' "$!" > "$STATE/run/apiextensions-apiserver.pid"
}
# until_done COMMAND... : tries again until it succeeds, for a minute
until_done() {
    local until=$((SECONDS + 60))
    until "$@" >&2; do
        [ "$SECONDS" -lt "$until" ] || { tail -20 "$STATE/log/apiextensions-apiserver.log" >&2; die "not in time: $*"; }
        sleep 0.5
    done
}

# The group apiextensions.k8s.io comes first: the policies' CRDs must reach the program, not the 1.20 server.
hand_over() {
    local group=${1%/*} version=${1#*/}
    printf -- '- {apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: %s.%s}, spec: {group: %s, version: %s, groupPriorityMinimum: %s, versionPriority: 15, caBundle: %s, service: {name: apiextensions, namespace: kube-system, port: 443}}}\n' \
        "$version" "$group" "$group" "$version" "$2" "$(base64 -w0 < "$pki/ca.crt")"
}
{
    printf 'apiVersion: v1\nkind: List\nitems:\n'
    printf -- '- {apiVersion: v1, kind: Service, metadata: {name: apiextensions, namespace: kube-system}, spec: {ports: [{port: 443, targetPort: %s}]}}\n' "$EXTENSIONS_PORT"
    printf -- '- {apiVersion: v1, kind: Endpoints, metadata: {name: apiextensions, namespace: kube-system}, subsets: [{addresses: [{ip: %s}], ports: [{port: %s}]}]}\n' "$ADDRESS" "$EXTENSIONS_PORT"
    hand_over apiextensions.k8s.io/v1 16700
    hand_over admissionregistration.k8s.io/v1 16700
    for group in "$@"; do hand_over "$group" 1000; done
} > "$STATE/run/extensions.yaml"
k apply -f "$STATE/run/extensions.yaml" >&2
# Policies are asked for before anything is admitted, and so are kept before they count.
serve MutatingAdmissionPolicy MutatingAdmissionWebhook ValidatingAdmissionWebhook ValidatingAdmissionPolicy
until_done k apply --validate=false -f "$HERE/admission-policies.yaml"
# kubectl 1.20 fails at once, rather than wait, on a CRD that has no conditions yet.
until_done k wait --for=condition=Established crd/validatingadmissionpolicies.admissionregistration.k8s.io crd/validatingadmissionpolicybindings.admissionregistration.k8s.io --timeout=20s
stop "$STATE" apiextensions-apiserver
serve MutatingAdmissionPolicy MutatingAdmissionWebhook ValidatingAdmissionWebhook
until_done k label crd/validatingadmissionpolicies.admissionregistration.k8s.io policies=enforced --overwrite
log "apiextensions-apiserver: pid $(cat "$STATE/run/apiextensions-apiserver.pid"), ready after $SECONDS s"
printf '%s\n%s\n' "$namespace" "$kubeconfig"
