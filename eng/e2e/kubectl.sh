#!/usr/bin/env bash
# kubectl of the cluster that `make e2e KEEP=1` left running, from another terminal, as root.
# usage: eng/e2e/kubectl.sh get nip
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
if ! read -r outer folder 2> /dev/null < "$root/artifacts/e2e.running" || ! inside=$(pgrep -P "$outer"); then
  echo "no cluster runs: start one with make e2e KEEP=1" >&2
  exit 1
fi
exec nsenter -t "$inside" --net -- "$("$root/eng/kube/kubectl.sh")" --kubeconfig "$folder/kube/kubeconfig" "$@"
