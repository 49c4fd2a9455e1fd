#!/usr/bin/env bash
# Copies crds/ into the charts: as they are to charts/vnetcni/crds (helm installs them once), and to charts/vnetcni-crds/templates
# (helm upgrades them, and keeps them at an uninstall).
# usage: eng/charts-crds.sh [--check]      --check writes nothing; exit code 1 when a chart is not in step
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/plain" "$work/kept"
for crd in crds/*.yaml; do
  if grep -q '{{' "$crd"; then echo "$crd holds {{, which helm would take for a template" >&2; exit 1; fi
  cp "$crd" "$work/plain/"
  sed '0,/^metadata:$/s//metadata:\n  annotations:\n    helm.sh\/resource-policy: keep/' "$crd" > "$work/kept/${crd##*/}"
  grep -q 'resource-policy: keep' "$work/kept/${crd##*/}" || { echo "$crd has no line 'metadata:'" >&2; exit 1; }
done
if [ "${1:-}" = --check ]; then
  diff -r "$work/plain" charts/vnetcni/crds && diff -r "$work/kept" charts/vnetcni-crds/templates && exit 0
  echo "the charts' CRDs are not those of crds/: run eng/charts-crds.sh" >&2
  exit 1
fi
rm -f charts/vnetcni/crds/*.yaml charts/vnetcni-crds/templates/*.yaml
cp "$work"/plain/*.yaml charts/vnetcni/crds/
cp "$work"/kept/*.yaml charts/vnetcni-crds/templates/
