#!/usr/bin/env bash
# Builds a current apiextensions-apiserver from Debian unstable's packages: the program that serves custom resources in a Kubernetes API
# server, with its CEL rules and admission policies, which the 1.20 server of build.sh lacks. Keeps it in a cache.
#
#   usage: extensions-build.sh     prints the program's path (last line of stdout)
#
#   VNETCNI_CACHE=FOLDER, VNETCNI_DEBIAN_MIRROR=URL, VNETCNI_KEEP_WORK=1    as in build.sh
#
# Fetches about 230 MB, takes 2.5 GB for a while. Exit code 3 = Debian unstable has nothing that builds this now (it moves; the
# caller may skip); needs apt-get and dpkg-deb, no root; installs nothing.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$HERE/lib.sh"
# shellcheck source=recipe.sh
. "$HERE/recipe.sh"
SUITE=sid
ROOT_PACKAGE=golang-k8s-apiextensions-apiserver-dev
PROGRAM=apiextensions-apiserver

cannot() { log "$*"; exit 3; }

key=$({ sed -E '/^[[:space:]]*(#|$)/d' "${BASH_SOURCE[0]}"; uname -m; } | sha256sum | cut -c1-16)
cache=$(realpath -m "${VNETCNI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vnetcni}")/kube
final=$cache/extensions-$key/$PROGRAM
mkdir -p "$cache/extensions-$key"
exec 9> "$cache/extensions-$key/lock"
flock 9
if [ -x "$final" ]; then log 'cached'; printf '%s\n' "$final"; exit 0; fi

WORK=$cache/extensions-$key/work
clean() { [ -n "${VNETCNI_KEEP_WORK:-}" ] || rm -rf "$WORK"; }
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
rm -rf "$WORK"
mkdir -p "$WORK/debs" "$WORK/root"
free=$(df -Pk "$WORK" | awk 'NR == 2 { print int($4 / 1024) }')
[ "$free" -ge 4096 ] || die "$WORK has $free MiB free; the build needs about 4096 for a while"

read_suite
# apt-cache reads the same lists as apt_own, so it takes the same options.
own=(-q -o Dir::Etc::SourceList="$WORK/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
    -o Dir::State::Lists="$WORK/apt/lists" -o Dir::State::status="$WORK/apt/status" -o Dir::Cache="$WORK/apt/cache")
mapfile -t sources < <(apt-cache "${own[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$ROOT_PACKAGE" |
    grep -E '^golang-.*-dev$' | LC_ALL=C sort -u)
[ "${#sources[@]}" -gt 50 ] || cannot "Debian $SUITE has no $ROOT_PACKAGE to build from"
go=$(apt-cache "${own[@]}" depends golang-go | sed -nE 's/^ *Depends: golang-([0-9.]+)-go$/\1/p')
[ -n "$go" ] || cannot "Debian $SUITE has no golang-go"
log "fetching ${#sources[@]} packages and Go $go ..."
( cd "$WORK/debs" && apt_own download "${sources[@]}" "golang-$go-go" "golang-$go-src" >&2 ) || cannot "Debian $SUITE's packages cannot be fetched"
for deb in "$WORK"/debs/*.deb; do dpkg-deb -x "$deb" "$WORK/root"; done
version=$(cd "$WORK/debs" && printf '%s\n' "$ROOT_PACKAGE"_*.deb | sed -E 's/^[^_]+_([0-9]+\.[0-9]+\.[0-9]+).*/\1/')
# The package counts 0.36.x where the release is 1.36.x.
minor=$(cut -d. -f2 <<< "$version")

log "building $PROGRAM 1.$minor ..."
from=$SECONDS package=k8s.io/component-base/version
env -u GOFLAGS GOROOT="$WORK/root/usr/lib/go-$go" GOPATH="$WORK/root/usr/share/gocode" GOCACHE="$WORK/gocache" GOTMPDIR="$WORK" \
    GO111MODULE=off GOPROXY=off GOSUMDB=off GOENV=off GOTOOLCHAIN=local CGO_ENABLED=0 \
    nice "$WORK/root/usr/lib/go-$go/bin/go" build -trimpath \
    -ldflags "-s -w -X $package.gitVersion=v1.$minor.0 -X $package.gitMajor=1 -X $package.gitMinor=$minor" \
    -o "$WORK/$PROGRAM" "k8s.io/$PROGRAM" >&2 || cannot "Debian $SUITE's $ROOT_PACKAGE does not build with Go $go"
log "built in $((SECONDS - from)) s; peak size of the work folder: $(du -sm "$WORK" | cut -f1) MiB"
( cd "$WORK/debs" && printf '%s\n' *.deb | LC_ALL=C sort ) > "$cache/extensions-$key/SOURCES"
mv -f "$WORK/$PROGRAM" "$final"
printf '%s\n' "$final"
