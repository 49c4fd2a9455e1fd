#!/usr/bin/env bash
# Publishes the three programs as NativeAOT into artifacts/publish/; a trim or AOT warning is an error.
# usage: eng/publish.sh [CniBinary|NodeAgent|Operator ...]
set -euo pipefail
cd "$(dirname "$0")/.."
case $(uname -m) in x86_64) rid=linux-x64 ;; aarch64) rid=linux-arm64 ;; *) echo "no runtime for $(uname -m)" >&2; exit 1 ;; esac
projects=("$@")
[ ${#projects[@]} -gt 0 ] || projects=(CniBinary NodeAgent Operator)
for project in "${projects[@]}"; do
  if [ "$project" = CniBinary ]; then eng/publish-cni.sh; continue; fi
  # Restored apart: publish -r would restore the libraries for that runtime too and change their lock files.
  dotnet restore "src/$project/$project.csproj" -nodeReuse:false -v:quiet --nologo
  dotnet publish "src/$project/$project.csproj" -c Release -r "$rid" -o "artifacts/publish/$project" --no-restore -nodeReuse:false -v:quiet --nologo
done
find artifacts/publish -type f -perm -u+x ! -name '*.dbg' -printf '%10s  %p\n'
