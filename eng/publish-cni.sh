#!/usr/bin/env bash
# Publishes the CNI binary for this machine, when its sources are newer than it, and prints its path.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
case $(uname -m) in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) echo "publish-cni: no NativeAOT for $(uname -m)" >&2; exit 1 ;;
esac
out=$root/artifacts/publish/CniBinary
binary=$out/vnetcni
mkdir -p "$out"
# One publish at a time: test projects may ask for it at once. A compiler server must not inherit the lock (9>&-).
exec 9>"$out/.lock"
flock 9
newer=$(find "$root/src/CniBinary" "$root/src/AgentProtocol" "$root/Directory.Build.props" \
  "$root/Directory.Build.targets" "$root/Directory.Packages.props" \
  \( -name bin -o -name obj \) -prune -o -type f -newer "$binary" -print -quit 2>/dev/null) || newer=missing
if [ ! -x "$binary" ] || [ -n "$newer" ]; then
  # Restored apart: publish -r would restore the libraries for that runtime too and change their lock files.
  dotnet restore "$root/src/CniBinary/CniBinary.csproj" -nodeReuse:false -v quiet --nologo >&2 9>&-
  dotnet publish "$root/src/CniBinary/CniBinary.csproj" -c Release -r "$rid" -o "$out" --no-restore \
    -nodeReuse:false -v quiet --nologo >&2 9>&-
  touch "$binary"
fi
echo "$binary"
