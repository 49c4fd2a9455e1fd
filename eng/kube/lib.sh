# shellcheck shell=bash
# What the scripts here share: messages, and processes known by pid files in STATE/run.

log() { printf 'kube: %s\n' "$*" >&2; }
die() { printf 'kube: error: %s\n' "$*" >&2; exit 1; }

# pid_of STATE NAME : prints the pid if the pid file's process is still that program, with that state.
# A pid alone proves nothing (it may have been given to another process since), so its command line is read.
pid_of() {
    local pid words=()
    pid=$(cat "$1/run/$2.pid" 2>/dev/null) || return 1
    [[ $pid =~ ^[0-9]+$ ]] || return 1
    mapfile -d '' -t words 2>/dev/null < "/proc/$pid/cmdline" || return 1
    [ "${#words[@]}" -gt 0 ] && [ "${words[0]##*/}" = "$2" ] && [[ "${words[*]}" == *"$1/"* ]] || return 1
    printf '%s\n' "$pid"
}

# stop STATE NAME [SECONDS] : TERM, and KILL if it has not gone by then
stop() {
    local pid tenths=$((${3:-10} * 10))
    if pid=$(pid_of "$1" "$2"); then
        kill -TERM "$pid" 2>/dev/null || true
        while [ "$tenths" -gt 0 ] && pid_of "$1" "$2" > /dev/null; do
            sleep 0.1
            tenths=$((tenths - 1))
        done
        if pid_of "$1" "$2" > /dev/null; then
            log "$2 ($pid) did not end in ${3:-10} s: killing it"
            kill -KILL "$pid" 2>/dev/null || true
            while pid_of "$1" "$2" > /dev/null; do sleep 0.1; done
        fi
    fi
    rm -f "$1/run/$2.pid"
}
