#!/usr/bin/env bash
# Measures the operator at scale, in virtual time; JSON and plots go to artifacts/bench-scale, and without CASE into docs/performance.md too.
# usage: [CHECK=1] [SEED=n] eng/bench-scale.sh [CASE...]      cases: a b c small churn rest rest10 (default: a b c)
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build bench/Scale/Scale.csproj -c Release -nodeReuse:false -v:quiet
arguments=(--seed "${SEED:-1}")
[ -z "${CHECK:-}" ] || arguments+=(--check)
[ $# -gt 0 ] || arguments+=(--page docs/performance.md)
exec dotnet bench/Scale/bin/Release/net10.0/Vnetcni.Scale.dll "${arguments[@]}" "$@"
