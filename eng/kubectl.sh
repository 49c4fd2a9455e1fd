#!/usr/bin/env bash
# Runs kubectl: the one on the PATH, or one that eng/kube/kubectl.sh fetches.
set -euo pipefail
exec "$("$(dirname "$0")/kube/kubectl.sh")" "$@"
