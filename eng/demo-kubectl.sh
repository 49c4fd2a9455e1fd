#!/usr/bin/env bash
# Keeps a demo and uses kubectl against it as a person would: get, -o wide, describe, apply, edit, wait, events, delete.
# usage: eng/demo-kubectl.sh [embedded|debian]       ends with PASS or the first thing that was not as it should be
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
KEEP=1 PLAIN=1 eng/demo.sh "${1:-embedded}" > "$log" 2>&1 &
demo=$!
finish() {
  # Not SIGINT: a script's background process ignores it.
  kill -TERM "$demo" 2> /dev/null || true
  wait "$demo" || true
  rm -f "$log"
}
trap finish EXIT
for _ in {1..1200}; do
  # The last line of what it says: all of it is there.
  if grep -q '^ *kubectl events -A' "$log"; then break; fi
  if ! kill -0 "$demo" 2> /dev/null; then cat "$log"; echo "FAIL: the demo ended"; exit 1; fi
  sleep 0.5
done
KUBECONFIG=$(sed -n 's/^ *export KUBECONFIG=//p' "$log")
export KUBECONFIG
if ! [ -s "$KUBECONFIG" ]; then cat "$log"; echo "FAIL: the demo named no kubeconfig"; exit 1; fi

k() { eng/kubectl.sh "$@"; }
# expect WORDS PATTERN COMMAND... : the command's output must match
expect() {
  local words=$1 pattern=$2 output
  shift 2
  if ! output=$("$@" 2>&1) || ! grep -qE "$pattern" <<< "$output"; then
    printf '%s\n' "$output"
    echo "FAIL: $words: '$*' shows no $pattern"
    exit 1
  fi
  echo "ok   $words"
}
# eventually WORDS PATTERN COMMAND... : the same, within a minute
eventually() {
  local words=$1 pattern=$2
  shift 2
  for _ in {1..120}; do
    if "$@" 2> /dev/null | grep -qE "$pattern"; then echo "ok   $words"; return; fi
    sleep 0.5
  done
  expect "$words" "$pattern" "$@"
}

expect 'get'               '^NAME +READY +REASON +USED +FREE +HELD +MAX +AGE' k get nip
expect 'get -o wide'       'TARGET +WAITING +SUBNET +NIC +ZONE +SYNCED +MESSAGE' k get nodeippools -o wide
expect 'get by category'   'nodeippool.vnetcni.dev/node1 .*True' k get vnetcni
expect 'describe'          'Type: +Ready' k describe nip node1
expect 'explain'           'Free addresses below which the pool grows' k explain nip.spec.pool
expect 'wait'              'condition met' k wait --for=condition=Ready nip/node1 --timeout=30s
expect 'events'            'LAST SEEN +TYPE +REASON +OBJECT +MESSAGE' k events -A
expect 'label'             'labeled' k label nip node1 seen=yes --overwrite
class='{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPoolClass","metadata":{"name":"extra"},"spec":{"nodeSelector":{"matchLabels":{"none":"here"}}}}'
apply() { k apply -f - "$@" <<< "$class"; }
expect 'apply'             'extra created' apply
expect 'apply again'       'extra (unchanged|configured)' apply
expect 'apply on the server' 'serverside-applied' apply --server-side --force-conflicts
expect 'delete'            'extra" deleted' k delete nodeippoolclass extra
KUBE_EDITOR='sed -i s/minFree:.*/minFree:\ 6/' expect 'edit' 'demo edited' k edit nodeippoolclass demo
eventually 'the operator takes the edit over' '^6$' k get nip node1 -o 'jsonpath={.spec.pool.minFree}{"\n"}'
eventually 'the agent takes the edit over' '^([6-9]|1[0-9])$' k get nip node1 -o 'jsonpath={.status.usage.desired}{"\n"}'
echo PASS
