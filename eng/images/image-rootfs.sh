#!/usr/bin/env bash
# Assembles both images without a registry, from eng/publish.sh's output: artifacts/images/NAME/rootfs, and NAME.tar for
# `docker load` and `ctr images import`. Starts each program in its files, to see that nothing is missing.
# usage: eng/images/image-rootfs.sh [PUBLISHED [OUT]]      exit code 3 = Debian's packages cannot be fetched here
set -euo pipefail
cd "$(dirname "$0")/../.."
published=${1:-artifacts/publish} out=${2:-artifacts/images}
version=$(sed -nE 's/^appVersion: "?([^"]+)"?$/\1/p' charts/vnetcni/Chart.yaml)
case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) echo "no image for $(uname -m)" >&2; exit 1 ;; esac

# setting IMAGE INSTRUCTION : what the Dockerfile says, so that it stands in one place
setting() { sed -nE "s/^$2 (.+)$/\1/p" "eng/images/$1.Dockerfile" | tail -1; }

for image in operator agent; do
  rootfs=$out/$image/rootfs
  eng/images/rootfs.sh "$image" "$published" "$rootfs"
  work=$out/$image/archive
  rm -rf "$work" && mkdir -p "$work"
  # The same files make the same archive.
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$rootfs" -cf "$work/layer.tar" .
  layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
  printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":%s,"User":"%s","Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\n' \
    "$arch" "$(setting "$image" ENTRYPOINT)" "$(setting "$image" USER)" "$layer" > "$work/config.json"
  printf '[{"Config":"config.json","RepoTags":["ghcr.io/vnetcni/%s:%s"],"Layers":["layer.tar"]}]\n' "$image" "$version" > "$work/manifest.json"
  tar --sort=name --mtime=@0 --owner=0 --group=0 -C "$work" -cf "$out/$image.tar" manifest.json config.json layer.tar
  if [ "$(id -u)" -eq 0 ]; then
    program=$(setting "$image" ENTRYPOINT | tr -d '[]"')
    chroot "$rootfs" "$program" --help > /dev/null || { echo "$image: $program does not start in its image" >&2; exit 1; }
  fi
  printf '%s  %s MB  %s files\n' "$out/$image.tar" "$(du -m "$out/$image.tar" | cut -f1)" "$(find "$rootfs" -type f | wc -l)"
  rm -rf "$work"
done
