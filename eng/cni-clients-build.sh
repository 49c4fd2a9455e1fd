#!/usr/bin/env bash
# Makes the tests' current clients of CNI, which know STATUS and GC, from Debian unstable's packages: a client of libcni, and containerd
# with others' plug-ins. Keeps them in a cache.
#   usage: eng/cni-clients-build.sh     prints a folder (last line of stdout) that has
#     libcni-client     as of eng/libcni-client-build.sh, with the verbs status and gc too
#     root/             containerd, ctr, runc, plug-ins and the C library they need, to be laid over a machine's own
#     SOURCES           the packages
# VNETCNI_CACHE=FOLDER sets the cache (~/.cache/vnetcni), VNETCNI_DEBIAN_MIRROR=URL the mirror. Fetches about 120 MB. Exit code 3 = the
# packages cannot be had here now (unstable moves; the caller may skip). Needs apt-get and dpkg-deb, no root; installs nothing.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=kube/lib.sh
. "$HERE/kube/lib.sh"
# shellcheck source=kube/recipe.sh
. "$HERE/kube/recipe.sh"
log() { printf 'cni-clients: %s\n' "$*" >&2; }
# Also what the recipe's functions end with: whatever goes wrong here is unstable's or the network's.
die() { log "$*"; exit 3; }
SUITE=sid
SOURCE=$HERE/../tests/CniBinary.Tests/Clients/libcni-client

key=$({ cat "${BASH_SOURCE[0]}" "$SOURCE"/*.go; uname -m; } | sha256sum | cut -c1-16)
folder=$(realpath -m "${VNETCNI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vnetcni}")/cni-clients-$key
mkdir -p "$folder"
exec 9> "$folder/lock"
flock 9
if [ -f "$folder/SOURCES" ]; then printf '%s\n' "$folder"; exit 0; fi

# Of one that was killed.
rm -rf "$folder"/work.* "$folder/root"
WORK=$(mktemp -d "$folder/work.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$WORK/debs"
read_suite
own=(-q -o Dir::Etc::SourceList="$WORK/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$WORK/apt/lists"
  -o Dir::State::status="$WORK/apt/status" -o Dir::Cache="$WORK/apt/cache")
go=$(apt-cache "${own[@]}" depends golang-go | sed -nE 's/^ *Depends: golang-([0-9.]+)-go$/\1/p')
[ -n "$go" ] || die "Debian $SUITE has no golang-go"
log "fetching containerd, plug-ins, libcni and Go $go ..."
unpack "$WORK/root" containerd runc containernetworking-plugins libc6 libseccomp2
unpack "$WORK/build" golang-github-appc-cni-dev "golang-$go-go" "golang-$go-src"

# What is laid over a machine's folders must be whole.
libraries=$(cd "$WORK"/root/usr/lib/*-linux-gnu && pwd)
loader=$(echo "$libraries"/ld-linux*)
for program in usr/bin/containerd usr/bin/ctr usr/bin/containerd-shim-runc-v2 usr/sbin/runc usr/lib/cni/portmap; do
  [ -x "$WORK/root/$program" ] || die "Debian $SUITE's packages have no $program"
  missing=$("$loader" --library-path "$libraries" --list "$WORK/root/$program" 2>&1 | grep 'not found' || true)
  [ -z "$missing" ] || die "$program needs more:" "$missing"
done

log "building with Go $go ..."
env -u GOFLAGS GOROOT="$WORK/build/usr/lib/go-$go" GOPATH="$WORK/build/usr/share/gocode" GOCACHE="$WORK/gocache" GOTMPDIR="$WORK" \
  GO111MODULE=off GOPROXY=off GOSUMDB=off GOENV=off GOTOOLCHAIN=local CGO_ENABLED=0 \
  "$WORK/build/usr/lib/go-$go/bin/go" build -trimpath -ldflags '-s -w' -o "$WORK/libcni-client" "$SOURCE"/*.go >&2 ||
  die "Debian $SUITE's libcni does not build with Go $go"
mv -f "$WORK/libcni-client" "$folder/libcni-client"
mkdir -p "$folder/root/usr"
for part in bin sbin lib; do mv "$WORK/root/usr/$part" "$folder/root/usr/$part"; done
( cd "$WORK/debs" && printf '%s\n' *.deb | LC_ALL=C sort ) > "$WORK/SOURCES"
mv "$WORK/SOURCES" "$folder/SOURCES"
printf '%s\n' "$folder"
