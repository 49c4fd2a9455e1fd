#!/usr/bin/env bash
# Formatting of the C# code and shellcheck of every script.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet format Operator.sln --verify-no-changes --no-restore
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
if command -v shellcheck > /dev/null; then
  shellcheck -x -P SCRIPTDIR "${scripts[@]}"
else
  echo "shellcheck is not installed: apt-get install shellcheck" >&2
  exit 1
fi
