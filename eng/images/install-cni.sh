#!/bin/busybox sh
# shellcheck shell=dash
# Puts the CNI binary into the container runtime's folder by a rename: whoever runs it meanwhile runs the old or the new one.
# usage: install-cni.sh BINARY FOLDER
set -eu
binary=$1 folder=$2
name=${binary##*/}
fail() { echo "install-cni: $1" >&2; exit 1; }

for plugin in loopback portmap; do
  [ -e "$folder/$plugin" ] || echo "install-cni: warning: there is no $plugin in the node's CNI folder; install the reference plugins (containernetworking-plugins)" >&2
done
if cmp -s "$binary" "$folder/$name" && [ -x "$folder/$name" ]; then
  echo "install-cni: $name is in place"
  exit 0
fi
new=$folder/.$name.new
if ! cp "$binary" "$new" || ! chmod 0755 "$new" || ! mv -f "$new" "$folder/$name"; then
  rm -f "$new" 2> /dev/null || true
  fail "the node's CNI folder cannot be written (read-only, or full). Set agent.cniBinDir of the chart to a folder that can be, and the runtime's bin_dir to the same"
fi
echo "install-cni: $name is installed"
