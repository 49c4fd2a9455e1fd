#!/usr/bin/env bash
# Runs the commands of the documentation, so that none of them can rot. Every ```sh block of a tracked Markdown file:
#
#   ```sh                    run; the blocks of a file share one shell, which ends at the first failure
#   ```sh background=TEXT    run in the background until the file is done; goes on when its output shows TEXT
#   ```sh in=FILE            run elsewhere: FILE (a script of the tests) must contain the block's first command
#
# usage: eng/docs.sh [FILE.md...]          prints one line per block; exit code 1 when one failed
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -gt 0 ]; then files=("$@"); else mapfile -t files < <(git ls-files '*.md'); fi
failed=0 ran=0

# One script per file: each block announces itself, so that a failure names its line.
# shellcheck disable=SC2016 # awk's own variables
program='
  function quote(s) { gsub(/\047/, "\047\\\047\047", s); return "\047" s "\047" }
  /^```sh( |$)/ {
    on = 1; how = $2; printf "block=%d\n", FNR
    if (how ~ /^background=/) { sub(/^background=/, "", how); start = how; print "cat > $TMP/background.sh <<\047END_OF_BLOCK\047"; mode = "background" }
    else if (how ~ /^in=/) { sub(/^in=/, "", how); mode = "in"; first = 1 }
    else mode = "run"
    next
  }
  on && /^```/ {
    on = 0
    if (mode == "background") printf "END_OF_BLOCK\nbackground %s\n", quote(start)
    print "passed"
    next
  }
  on && mode == "in" { if (first && $0 != "") { printf "elsewhere %s %s\n", quote($0), quote(how); first = 0 } next }
  on { print }
'
for file in "${files[@]}"; do
  grep -qE '^```sh( |$)' "$file" || continue
  {
    cat << 'E2'
set -euo pipefail
passed() { printf 'ok      %s:%s\n' "$FILE" "$block"; }
background() {
  bash -euo pipefail "$TMP/background.sh" > "$TMP/background.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 600); do
    if grep -q "$1" "$TMP/background.log"; then return; fi
    if ! kill -0 "${pids[-1]}" 2> /dev/null; then break; fi
    sleep 0.5
  done
  cat "$TMP/background.log"
  printf 'its output never showed: %s\n' "$1"
  return 1
}
elsewhere() {
  if ! grep -qF "$1" "$2"; then printf '%s does not run: %s\n' "$2" "$1"; return 1; fi
}
ended() {
  local code=$? pid
  for pid in "${pids[@]}"; do pkill -TERM -P "$pid" 2> /dev/null || true; kill -TERM "$pid" 2> /dev/null || true; done
  [ "$code" -eq 0 ] || printf 'FAILED  %s:%s (exit code %s)\n' "$FILE" "$block" "$code"
}
# What curl is told by a person's eye: an error answer is a failure.
curl() { command curl --fail-with-body "$@"; }
pids=() block=0
trap ended EXIT
E2
    awk "$program" "$file"
  } > "$work/script.sh"
  mkdir -p "$work/tmp"
  if FILE=$file TMP=$work/tmp bash "$work/script.sh" > "$work/out.log" 2>&1; then
    grep -E '^ok      ' "$work/out.log"
  else
    failed=1
    cat "$work/out.log"
  fi
  ran=$((ran + $(grep -c '^ok      ' "$work/out.log" || true)))
done

# Commands in running text: their targets and scripts must exist at least.
# shellcheck disable=SC2016 # Markdown's backticks
while IFS=: read -r file line command; do
  read -ra words <<< "${command//\`/}"
  for i in "${!words[@]}"; do
    case ${words[i]} in
      make) next=${words[i + 1]:-help}
        if ! grep -q "^$next:" Makefile; then failed=1; echo "FAILED  $file:$line: there is no 'make $next'"; fi ;;
      eng/*.sh) if ! [ -x "${words[i]}" ]; then failed=1; echo "FAILED  $file:$line: there is no ${words[i]}"; fi ;;
    esac
  done
done < <(grep -noHE '`([A-Z]+=[^ `]+ )*(make|eng/[a-z/-]+\.sh)( [^`]*)?`' "${files[@]}")
printf '%s blocks ran\n' "$ran"
exit "$failed"
