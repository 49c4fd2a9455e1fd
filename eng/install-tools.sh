#!/usr/bin/env bash
# Installs, by apt, the tools that the build, the tests and the demo call. Does nothing when all are there.
# usage: eng/install-tools.sh [all|demo|debian|e2e]
#   demo     what `make demo` needs: network namespaces, and a linker for the CNI binary
#   debian   that and what builds a kube-apiserver from Debian's packages
#   e2e      that and what nodes of a cluster run
#   all      everything that the tests need (the default)
set -euo pipefail
declare -A package=([ip]=iproute2 [nft]=nftables [gcc]=gcc [nsenter]=util-linux [curl]=curl [iptables]=iptables)
# What fetches a kubectl where there is none.
command -v kubectl > /dev/null || package+=([openssl]=openssl [unzip]=unzip)
case ${1:-all} in
  demo) ;;
  debian) package+=([openssl]=openssl [dpkg-source]=dpkg-dev [python3]=python3-minimal [make]=make) ;;
  e2e)
    package+=([openssl]=openssl [dpkg-source]=dpkg-dev [python3]=python3-minimal [make]=make [unzip]=unzip [containerd]=containerd [runc]=runc
      [iptables]=iptables [conntrack]=conntrack [busybox]=busybox-static [dnsmasq]=dnsmasq-base [npm]=npm [pgrep]=procps [lua5.1]=lua5.1)
    [ -x /usr/lib/cni/portmap ] || package+=([cni]=containernetworking-plugins)
    ;;
  all)
    package+=([make]=make [shellcheck]=shellcheck [openssl]=openssl [strace]=strace [python3]=python3-minimal
      [ping]=iputils-ping [lua5.1]=lua5.1 [unzip]=unzip [jq]=jq [dpkg-source]=dpkg-dev
      [containerd]=containerd [runc]=runc [podman]=podman [conmon]=conmon [busybox]=busybox-static)
    # Chained after our plug-in, and calling it as their IPAM.
    [ -x /usr/lib/cni/portmap ] || package+=([cni]=containernetworking-plugins)
    ;;
  *) sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
esac
missing=()
for tool in "${!package[@]}"; do command -v "$tool" > /dev/null || missing+=("${package[$tool]}"); done
dpkg -s zlib1g-dev > /dev/null 2>&1 || missing+=(zlib1g-dev)
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  # Another apt-get may hold the lock, such as a machine's own right after its start.
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi
if ! command -v dotnet > /dev/null; then
  echo "the .NET SDK $(sed -nE 's/.*"version": "([^"]+)".*/\1/p' global.json) or later is needed: https://dotnet.microsoft.com/download" >&2
  exit 1
fi
