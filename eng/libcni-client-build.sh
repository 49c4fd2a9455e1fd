#!/usr/bin/env bash
# Builds the tests' client of libcni from Debian's packages of libcni and Go; keeps it in a cache.
#   usage: eng/libcni-client-build.sh     prints the program's path (last line of stdout)
# VNETCNI_CACHE=FOLDER sets the cache (~/.cache/vnetcni). Fetches about 100 MB. Exit code 3 = the packages cannot be had here (the
# caller may skip). Needs apt-get and dpkg-deb, no root; installs nothing.
set -euo pipefail
package=golang-github-appc-cni-dev
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/tests/CniBinary.Tests/Clients/libcni-client/main.go
log() { printf 'libcni-client: %s\n' "$*" >&2; }
cannot() { log "$*"; exit 3; }

key=$({ cat "${BASH_SOURCE[0]}" "$source"; uname -m; } | sha256sum | cut -c1-16)
folder=$(realpath -m "${VNETCNI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vnetcni}")/libcni-client-$key
mkdir -p "$folder"
exec 9> "$folder/lock"
flock 9
if [ -x "$folder/libcni-client" ]; then printf '%s\n' "$folder/libcni-client"; exit 0; fi

work=$(mktemp -d "$folder/work.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
go=$(apt-cache depends golang-go | sed -nE 's/^ *Depends: golang-([0-9.]+)-go$/\1/p')
[ -n "$go" ] || cannot 'apt knows no golang-go: apt-get update'
mkdir -p "$work/debs" "$work/root"
( cd "$work/debs" && apt-get -qq download "$package" "golang-$go-go" "golang-$go-src" >&2 ) || cannot "$package and Go $go cannot be fetched"
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
log "building with Go $go ..."
env -u GOFLAGS GOROOT="$work/root/usr/lib/go-$go" GOPATH="$work/root/usr/share/gocode" GOCACHE="$work/gocache" GOTMPDIR="$work" \
  GO111MODULE=off GOPROXY=off GOSUMDB=off GOENV=off GOTOOLCHAIN=local CGO_ENABLED=0 \
  "$work/root/usr/lib/go-$go/bin/go" build -trimpath -ldflags '-s -w' -o "$work/libcni-client" "$source" >&2 ||
  cannot "$package does not build with Go $go"
( cd "$work/debs" && printf '%s\n' *.deb | LC_ALL=C sort ) > "$folder/SOURCES"
mv -f "$work/libcni-client" "$folder/libcni-client"
printf '%s\n' "$folder/libcni-client"
