#!/usr/bin/env bash
# Starts a cluster node in tests: joins cgroups of its own, enters new namespaces and becomes node-init.sh. The caller has
# entered the node's network namespace.
# usage: node-up.sh NAME ADDRESS FOLDER PROGRAMS [IMAGE.tar...]      FOLDER/cgroups names the cgroups, for their removal
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1 folder=$3
groups=$(cat "/proc/$BASHPID/cgroup")
while IFS=: read -r _ controllers path; do
  case $controllers in
    "") mounted=/sys/fs/cgroup; [ -e $mounted/cgroup.controllers ] || continue ;;
    name=*) mounted=/sys/fs/cgroup/${controllers#name=} ;;
    *) mounted=/sys/fs/cgroup/$controllers ;;
  esac
  base=$mounted${path%/}
  [ -d "$base" ] || continue
  group=$base/vnetcni-e2e-$(basename "$(dirname "$(dirname "$folder")")")/$name
  mkdir -p "$group"
  if [ "$controllers" = cpuset ]; then
    for level in "$(dirname "$group")" "$group"; do
      for file in cpuset.cpus cpuset.mems; do cat "$base/$file" > "$level/$file"; done
    done
  fi
  echo "$BASHPID" > "$group/cgroup.procs"
  echo "$group" >> "$folder/cgroups"
done <<< "$groups"
exec unshare --mount --uts --ipc --pid --cgroup --fork --kill-child --propagation private "$here/node-init.sh" "$@"
