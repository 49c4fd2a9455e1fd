#!/usr/bin/env bash
# Makes the image that the cluster tests run as pods and as the pause container: a static busybox and dnsmasq
# with its libraries, from this machine's Debian packages. No registry is asked.
# usage: eng/e2e/tools-image.sh OUT.tar      the image is called vnetcni.test/tools:1
set -euo pipefail
out=$(realpath -m "$1")
busybox=$(command -v busybox) dnsmasq=$(command -v dnsmasq)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,etc,lib64,proc,sys,dev,tmp,run,var/lib/misc,www/cgi-bin}
chmod 1777 "$root/tmp"
ln -s ../run "$root/var/run"
install -m 755 "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
install -m 755 "$dnsmasq" "$root/bin/dnsmasq"
ldd "$dnsmasq" | grep -oE '/[^ ]+' | while read -r library; do install -D "$(realpath "$library")" "$root$library"; done
printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' > "$root/etc/group"
# shellcheck disable=SC2016 # for the pods to expand
# What `httpd -h /www` answers: who asked, and which pod answered.
printf '%s\n' '#!/bin/sh' 'printf "Content-Type: text/plain\r\n\r\n"' 'echo "from=$REMOTE_ADDR pod=$(hostname) path=$PATH_INFO"' > "$root/www/cgi-bin/who"
# shellcheck disable=SC2016
# The same, asked of the Service that BACKEND names: a reverse proxy as an ingress controller is one.
printf '%s\n' '#!/bin/sh' 'printf "Content-Type: text/plain\r\n\r\n"' 'echo "proxy=$(hostname) $(timeout 5 wget -q -O - "http://$BACKEND/cgi-bin/who$PATH_INFO")"' > "$root/www/cgi-bin/proxy"
chmod 755 "$root"/www/cgi-bin/*
case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) echo "no image for $(uname -m)" >&2; exit 1 ;; esac
archive=$work/archive
mkdir "$archive"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$root" -cf "$archive/layer.tar" .
layer=$(sha256sum "$archive/layer.tar" | cut -d' ' -f1)
printf '{"architecture":"%s","os":"linux","config":{"Cmd":["/bin/sh","-c","trap \\"exit 0\\" TERM INT; while :; do sleep 3600 & wait $!; done"],"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\n' "$arch" "$layer" > "$archive/config.json"
printf '[{"Config":"config.json","RepoTags":["vnetcni.test/tools:1"],"Layers":["layer.tar"]}]\n' > "$archive/manifest.json"
mkdir -p "$(dirname "$out")"
tar --sort=name --mtime=@0 --owner=0 --group=0 -C "$archive" -cf "$out.new" manifest.json config.json layer.tar
mv "$out.new" "$out"
