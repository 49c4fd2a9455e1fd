#!/usr/bin/env bash
# Writes docs/install/crd-reference.md from crds/.
# usage: eng/crd-reference.sh
set -euo pipefail
cd "$(dirname "$0")/.."
VNETCNI_WRITE_GOLDENS=1 dotnet run --project tests/Charts.Tests -- --filter-method '*The_reference_of_the_kinds_is_in_step_with_the_crds' > /dev/null
git --no-pager diff --stat -- docs/install/crd-reference.md
