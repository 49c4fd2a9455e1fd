#!/usr/bin/env bash
# Builds a real kube-apiserver from Debian's source package, for tests and the demo; keeps it in a cache.
#
#   usage: build.sh            prints the folder that holds kube-apiserver and etcd (last line of stdout)
#
#   TARGETS="kube-apiserver kubelet ..."   what to build (default kube-apiserver); what is cached already is kept
#   VNETCNI_CACHE=FOLDER                   the cache (default $XDG_CACHE_HOME/vnetcni or ~/.cache/vnetcni)
#   VNETCNI_DEBIAN_MIRROR=URL              where to fetch Debian's packages from
#   VNETCNI_KEEP_WORK=1                    keep the source tree and Go's build cache (about 2 GB) for a look
#
# Needs apt-get and dpkg-deb (Debian, Ubuntu), no root; installs nothing.  Everything it says goes to stderr.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# shellcheck source=lib.sh
. "$HERE/lib.sh"
# shellcheck source=recipe.sh
. "$HERE/recipe.sh"

# step NAME COMMAND... : runs it (in this shell, so that set -e holds) and says how long it took
step() {
    local name=$1 from=$SECONDS
    shift
    log "$name ..."
    "$@"
    log "$name: $((SECONDS - from)) s"
}

read -r -a targets <<< "${TARGETS:-kube-apiserver}"
for target in "${targets[@]}"; do
    case " $ALL_TARGETS " in *" $target "*) ;; *) die "unknown target $target (known: $ALL_TARGETS)" ;; esac
done

key=$({ sed -E '/^[[:space:]]*(#|$)/d' "$HERE/recipe.sh"; uname -m; } | sha256sum | cut -c1-16)
cache=$(realpath -m "${VNETCNI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vnetcni}")/kube
final=$cache/$key/bin
mkdir -p "$final"

missing() {
    local program
    for program in etcd "${targets[@]}"; do [ -x "$final/$program" ] || printf '%s\n' "$program"; done
}

if [ -z "$(missing)" ]; then
    log 'cached'
    printf '%s\n' "$final"
    exit 0
fi

for tool in apt-get dpkg-deb flock tar sha256sum xargs; do
    command -v "$tool" > /dev/null || die "$tool is missing: this builds from Debian's packages, on Debian or Ubuntu"
done

# One build of a key at a time; the lock goes with the process, and so a killed build's rest may be swept away.
exec 9> "$cache/$key/lock"
flock -n 9 || { log 'another build runs: waiting for it'; flock 9; }
mapfile -t wanted < <(missing)
if [ "${#wanted[@]}" -eq 0 ]; then
    log 'cached (by the build waited for)'
    printf '%s\n' "$final"
    exit 0
fi

WORK=$cache/$key/work
BIN=$WORK/bin
SOURCE=$WORK/gopath/src/k8s.io/kubernetes
clean() { [ -n "${VNETCNI_KEEP_WORK:-}" ] || rm -rf "$WORK"; }
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
rm -rf "$WORK"
mkdir -p "$BIN"
free=$(df -Pk "$WORK" | awk 'NR == 2 { print int($4 / 1024) }')
[ "$free" -ge 4096 ] || die "$WORK has $free MiB free; the build needs about 4096 for a while"

step 'package lists' read_suite
step 'fetch and unpack' fetch
step 'generate OpenAPI definitions' generate_openapi
for target in "${wanted[@]}"; do
    [ "$target" = etcd ] || step "build $target" compile "$target"
done
log "peak size of the work folder: $(du -sm "$WORK" | cut -f1) MiB"

# Each program appears in the cache whole or not at all: a rename inside one file system.
cd "$cache"
for program in SOURCES "${wanted[@]}"; do mv -f "$BIN/$program" "$final/$program"; done
log "built ${wanted[*]} in $SECONDS s: $final"
printf '%s\n' "$final"
