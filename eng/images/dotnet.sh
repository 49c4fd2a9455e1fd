#!/usr/bin/env bash
# Installs the .NET SDK of global.json (in the folder of the call) into FOLDER, its archive checked against Microsoft's list of releases.
# usage: dotnet.sh FOLDER
set -euo pipefail
version=$(sed -nE 's/.*"version": *"([0-9.]+)".*/\1/p' global.json | head -1)
case $(uname -m) in x86_64) rid=linux-x64 ;; aarch64) rid=linux-arm64 ;; *) echo "no .NET SDK for $(uname -m)" >&2; exit 1 ;; esac
host=https://builds.dotnet.microsoft.com/dotnet
file=dotnet-sdk-$version-$rid.tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
curl -fsSL --retry 3 -o "$work/releases.json" "$host/release-metadata/${version%.*}/releases.json"
# "name": "dotnet-sdk-linux-x64.tar.gz", ..., "url": ".../Sdk/10.0.401/...", "hash": "..."
hash=$(tr -d ' \n' < "$work/releases.json" | grep -oE "\"url\":\"[^\"]*/Sdk/$version/$file\",\"hash\":\"[0-9a-f]{128}\"" | head -1 | grep -oE '[0-9a-f]{128}')
[ -n "$hash" ] || { echo "dotnet.sh: Microsoft lists no SDK $version for $rid" >&2; exit 1; }
curl -fsSL --retry 3 -o "$work/$file" "$host/Sdk/$version/$file"
printf '%s  %s\n' "$hash" "$work/$file" | sha512sum --check --quiet
mkdir -p "$1"
tar -xzf "$work/$file" -C "$1"
