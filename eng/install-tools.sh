#!/usr/bin/env bash
# Installs, by apt, the tools that the build, the tests and the demo call. Does nothing when all are there.
set -euo pipefail
declare -A package=([ip]=iproute2 [nft]=nftables [gcc]=gcc [make]=make [shellcheck]=shellcheck [openssl]=openssl
  [strace]=strace [python3]=python3-minimal [ping]=iputils-ping [nsenter]=util-linux [unzip]=unzip [curl]=curl [dpkg-source]=dpkg-dev)
missing=()
for tool in "${!package[@]}"; do command -v "$tool" > /dev/null || missing+=("${package[$tool]}"); done
dpkg -s zlib1g-dev > /dev/null 2>&1 || missing+=(zlib1g-dev)
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi
if ! command -v dotnet > /dev/null; then
  echo "the .NET SDK $(sed -nE 's/.*"version": "([^"]+)".*/\1/p' global.json) or later is needed: https://dotnet.microsoft.com/download" >&2
  exit 1
fi
