#!/usr/bin/env bash
# Stops what up.sh started with STATE_DIR, and removes what it wrote there.
#
#   usage: down.sh STATE_DIR [--keep | --only NAME]
#
#   --keep        keep data, certificates, logs and the kubeconfig: up.sh goes on from there
#   --only NAME   stop just etcd or kube-apiserver, keep everything (a server that fails, for tests)
#
# Only processes that the pid files name are stopped, and only if they are still those programs.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$HERE/lib.sh"
usage() { sed -n 's/^#   usage: /usage: /p' "${BASH_SOURCE[0]}" >&2; exit 2; }

if [ $# -lt 1 ] || [ -z "$1" ] || [[ $1 == -* ]]; then usage; fi
STATE=$(realpath -m "$1")
shift
keep='' names=(kube-apiserver etcd)
while [ $# -gt 0 ]; do
    case $1 in
        --keep) keep=yes ;;
        --only) [ $# -ge 2 ] || usage; keep=yes; names=("$2"); shift ;;
        *) usage ;;
    esac
    shift
done
for name in "${names[@]}"; do [[ $name == etcd || $name == kube-apiserver ]] || usage; done

for name in "${names[@]}"; do stop "$STATE" "$name"; done
if [ -z "$keep" ] && [ -d "$STATE/run" ]; then
    rm -rf "$STATE"/{run,log,pki,etcd,kubeconfig,kubeconfig.new}
    rmdir --ignore-fail-on-non-empty "$STATE"
fi
