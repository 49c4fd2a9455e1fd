#!/usr/bin/env bash
# The first process of a cluster node in tests: it is started in new mount, pid, uts, ipc and cgroup namespaces, in the node's
# network namespace. It makes the node's root (an overlay of this machine's), then runs containerd, kubelet and kube-proxy in it.
# usage: node-init.sh NAME ADDRESS FOLDER PROGRAMS [IMAGE.tar...]
#   FOLDER     containerd.toml, kubelet.yaml, kubelet.kubeconfig, proxy.yaml, flags; the node's state and logs go there
#   PROGRAMS   folder with kubelet and kube-proxy
# To restart one of the three, kill it: FOLDER/run/NAME.pid has its id within the node.
set -euo pipefail
name=$1 address=$2 folder=$3 programs=$4
shift 4
root=$folder/root
mkdir -p "$folder"/{upper,work,root,containerd,kubelet,log,run}
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$root"
mkdir -p "$root"/{proc,sys,dev,run,tmp,mnt,var/lib/containerd,var/lib/kubelet,var/log/pods,etc/cni/net.d,opt/cni/bin}
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root"/run/{netns,lock,sysctl}
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
here=$(cd "$(dirname "$0")" && pwd)
for shared in "$folder" "$programs" "$here" "$@"; do
  if [ -d "$shared" ]; then mkdir -p "$root$shared"; else mkdir -p "$root$(dirname "$shared")" && touch "$root$shared"; fi
  mount --bind "$shared" "$root$shared"
done
# Not on the overlay: it cannot be another overlay's upper layer.
mount --bind "$folder/containerd" "$root/var/lib/containerd"
mount --bind "$folder/kubelet" "$root/var/lib/kubelet"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup "$root/sys/fs/cgroup"
else
  mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
  # Seen from the node's own root in its cgroup namespace.
  groups=$(cat /proc/self/cgroup)
  while IFS=: read -r _ controllers _; do
    case $controllers in "") continue ;; name=*) mounted=${controllers#name=} ;; *) mounted=$controllers ;; esac
    mkdir -p "$root/sys/fs/cgroup/$mounted"
    mount -t cgroup -o "$controllers" cgroup "$root/sys/fs/cgroup/$mounted"
  done <<< "$groups"
fi
# The kubelet sets these for the whole machine: it finds them as it wants them, and the machine keeps its own.
pretend() {
  echo "$2" > "$root/run/sysctl/${1//\//_}"
  mount --bind "$root/run/sysctl/${1//\//_}" "$root/proc/sys/$1"
}
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000
pretend kernel/keys/root_maxbytes 25000000
hostname "$name"
cd "$root"
pivot_root . mnt
cd /
mount --make-rprivate /
umount -l /mnt
mount --make-rshared /
echo "$name" > /etc/hostname
printf '127.0.0.1 localhost\n%s %s\n' "$address" "$name" > /etc/hosts
: > /etc/resolv.conf
tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
for plugin in loopback portmap; do cp "/usr/lib/cni/$plugin" /opt/cni/bin/; done
rm -f /etc/cni/net.d/*
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset KUBECONFIG

declare -A pids
# run NAME COMMAND... : starts it; keep_running starts it again when it ends, as systemd would
run() {
  local service=$1
  shift
  "$@" >> "$folder/log/$service.log" 2>&1 < /dev/null &
  pids[$service]=$!
  echo "$!" > "$folder/run/$service.pid"
}
read -r -a kubelet_flags < "$folder/flags"
service_containerd() { run containerd containerd --config "$folder/containerd.toml"; }
service_kubelet() { run kubelet "$programs/kubelet" --config="$folder/kubelet.yaml" --kubeconfig="$folder/kubelet.kubeconfig" --hostname-override="$name" --node-ip="$address" "${kubelet_flags[@]}"; }
service_kube-proxy() { run kube-proxy "$programs/kube-proxy" --config="$folder/proxy.yaml" --hostname-override="$name"; }
trap 'kill "${pids[@]}" 2>/dev/null; exit 0' TERM INT
service_containerd
for _ in {1..200}; do ctr version > /dev/null 2>&1 && break; sleep 0.1; done
for image in "$@"; do ctr -n k8s.io images import "$image" >> "$folder/log/images.log" 2>&1; done
service_kubelet
service_kube-proxy
while :; do
  wait -n || true
  for service in containerd kubelet kube-proxy; do
    if ! kill -0 "${pids[$service]}" 2>/dev/null; then
      echo "$service ended, it is started again" >> "$folder/log/init.log"
      sleep 0.5
      "service_$service"
    fi
  done
done
