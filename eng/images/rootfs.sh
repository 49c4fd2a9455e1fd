#!/usr/bin/env bash
# Assembles the files of an image from published programs and Debian packages. The Dockerfiles call it in their Debian stage and
# `make image-rootfs` on a machine without a registry: both hold the same files.
# usage: rootfs.sh operator|agent PUBLISHED FOLDER      PUBLISHED: what eng/publish.sh made; FOLDER: made anew
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image=$1 published=$2 folder=$3

# libssl3 is loaded at run time for TLS; the programs themselves need the C library only.
packages=(libc6 libssl3 ca-certificates)
case $image in
  operator) programs=("$published/Operator/Vnetcni.Operator:vnetcni-operator") ;;
  agent)
    programs=("$published/NodeAgent/Vnetcni.NodeAgent:vnetcni-agent" "$published/CniBinary/vnetcni:vnetcni" "$here/install-cni.sh:install-cni.sh")
    # For install-cni.sh and for the chart's test.
    packages+=(busybox)
    ;;
  *) sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
esac
for program in "${programs[@]}"; do
  [ -x "${program%%:*}" ] || { echo "rootfs.sh: there is no ${program%%:*}: run eng/publish.sh first" >&2; exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$folder"
mkdir -p "$folder"/{etc/ssl/certs,opt/vnetcni,run,tmp,usr/lib/ssl,var}
# Written to from another folder below.
folder=$(cd "$folder" && pwd)
chmod 755 "$folder"
chmod 1777 "$folder/tmp"
(
  cd "$work"
  apt-get download -qq "${packages[@]}" > apt.log 2>&1 || { apt-get update -qq && apt-get download -qq "${packages[@]}"; } >> apt.log 2>&1 || { cat apt.log >&2; echo "rootfs.sh: apt cannot fetch ${packages[*]}" >&2; exit 3; }
)
for deb in "$work"/*.deb; do
  dpkg-deb -x "$deb" "$work/all"
  # shellcheck disable=SC2016 # dpkg's own variables
  dpkg-deb -W --showformat='${Package} ${Version}\n' "$deb"
done | sort > "$folder/etc/debian-packages"

# Nobody reads manuals or converts character sets here; licences stay.
(
  cd "$work/all"
  find usr/share -mindepth 1 -maxdepth 1 ! -name doc ! -name ca-certificates -exec rm -rf {} +
  find usr/share/doc -type f ! -name copyright -delete
  find usr/share/doc -type d -empty -delete
  rm -rf usr/lib/*/gconv usr/lib/*/audit lib/*/gconv etc/ld.so.conf.d usr/sbin etc/ca-certificates etc/bindresvport.blacklist
  cat usr/share/ca-certificates/mozilla/*.crt > "$folder/etc/ssl/certs/ca-certificates.crt"
  rm -rf usr/share/ca-certificates
  cp -a . "$folder/"
)
# Where Debian's OpenSSL looks for them.
ln -s /etc/ssl/certs "$folder/usr/lib/ssl/certs"
ln -s /etc/ssl/certs/ca-certificates.crt "$folder/usr/lib/ssl/cert.pem"
printf 'root:x:0:0::/:/sbin/nologin\nnonroot:x:65532:65532::/:/sbin/nologin\n' > "$folder/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' > "$folder/etc/group"
printf 'hosts: files dns\n' > "$folder/etc/nsswitch.conf"
if [ -x "$folder/bin/busybox" ]; then
  for applet in sh cp mv rm chmod cmp wget; do ln -s busybox "$folder/bin/$applet"; done
fi
for program in "${programs[@]}"; do install -m 755 "${program%%:*}" "$folder/opt/vnetcni/${program##*:}"; done
