#!/usr/bin/env bash
# Stops what extensions-up.sh started with STATE_DIR, and removes what it wrote there.
#
#   usage: extensions-down.sh STATE_DIR
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$HERE/lib.sh"
if [ $# -ne 1 ]; then sed -n 's/^#   usage: /usage: /p' "${BASH_SOURCE[0]}" >&2; exit 2; fi
STATE=$(realpath -m "$1")
namespace=$(cat "$STATE/run/namespace" 2> /dev/null) || namespace=''
stop "$STATE" apiextensions-apiserver
"$HERE/down.sh" "$STATE"
if [ -n "$namespace" ]; then ip netns delete "$namespace" 2> /dev/null || true; fi
