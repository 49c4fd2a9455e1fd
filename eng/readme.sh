#!/usr/bin/env bash
# Walks a newcomer's way: runs the ```sh blocks of README.md that say in=eng/readme.sh, in order, each as it stands there, and looks
# at what it prints. A command that this script does not know fails: whoever changes the README decides what it should show.
# usage: eng/readme.sh      as root; ends with PASS or the first thing that was not as it should be; exit code 3 = this machine
# cannot run the cluster, the reason is printed
set -euo pipefail
cd "$(dirname "$0")/.."
export PLAIN=1
log=$(mktemp)
cluster=''
finish() {
  if [ -n "$cluster" ]; then
    # Not SIGINT: a script's background process ignores it. make passes SIGTERM on to nobody.
    pkill -TERM -P "$cluster" || true
    wait "$cluster" || true
  fi
  rm -f "$log"
}
trap finish EXIT

# shows PATTERN COMMAND : the last run's output must match
shows() {
  if ! grep -qE "$1" "$log"; then cat "$log"; echo "FAIL: '$2' shows no $1"; exit 1; fi
}

walk() {
  local command=$1
  case $command in
    'make demo')
      bash -c "$command" > "$log" 2>&1 || { cat "$log"; echo "FAIL: $command"; exit 1; }
      shows '^PASS$' "$command"
      cat "$log"
      ;;
    'make e2e KEEP=1 PARTS=install')
      bash -c "$command" > "$log" 2>&1 &
      cluster=$!
      for _ in {1..2400}; do
        if grep -q 'Everything stays up' "$log"; then break; fi
        if grep '^SKIP: ' "$log"; then exit 3; fi
        if ! kill -0 "$cluster" 2> /dev/null; then cat "$log"; echo "FAIL: $command ended"; exit 1; fi
        sleep 0.5
      done
      shows 'Everything stays up' "$command"
      ;;
    'eng/e2e/kubectl.sh get nip')
      bash -c "$command" > "$log" 2>&1 || { cat "$log"; echo "FAIL: $command"; exit 1; }
      shows '^NAME +READY +REASON +USED +FREE +HELD +MAX +AGE$' "$command"
      shows '^node1 +True +' "$command"
      cat "$log"
      ;;
    *) echo "FAIL: README.md says '$command', and this script does not know what that should show"; exit 1 ;;
  esac
  echo "ok   $command"
}

mapfile -t commands < <(awk '/^```sh in=eng\/readme.sh$/ { on = 1; next } /^```/ { on = 0 } on && NF' README.md)
[ ${#commands[@]} -ge 3 ] || { echo "FAIL: README.md has ${#commands[@]} commands that say in=eng/readme.sh"; exit 1; }
for command in "${commands[@]}"; do walk "$command"; done
echo PASS
