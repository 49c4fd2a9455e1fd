#!/usr/bin/env bash
# Starts etcd and kube-apiserver in the current network namespace; building them first if the cache has none.
#
#   usage: up.sh STATE_DIR [--port N] [--bind ADDRESS] [--san NAME_OR_IP]... [--server HOST] [--short-watch[=SECONDS]]
#                     [--service-accounts]
#
#   --port N         the API's port (default: a free one)
#   --bind ADDRESS   the address to listen on (default 127.0.0.1; 0.0.0.0 to be reached from other namespaces)
#   --san X          another name or address the server's certificate is good for; the first IP is also advertised
#   --server HOST    the host in the kubeconfig (default: the bind address, 127.0.0.1 if that is 0.0.0.0)
#   --service-accounts   pods get their service account's token: for a cluster with a controller-manager
#   --short-watch    the server ends a watch after 2-4 s (=N: N to 2N s) where the client sets no timeout of its own
#
#   APISERVER_FLAGS, ETCD_FLAGS   further flags, separated by blanks, after this script's own
#   VNETCNI_KUBE_BIN=FOLDER       take etcd and kube-apiserver from there instead of build.sh's cache
#
# Prints the path of the kubeconfig (cluster-admin) once /readyz says ok.  Run again on the same STATE_DIR, it starts
# what does not run, with the data, the port and the names of before.  down.sh stops it.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$HERE/lib.sh"
usage() { sed -n 's/^#   usage: /usage: /p' "${BASH_SOURCE[0]}" >&2; exit 2; }

READY_SECONDS=60
SERVICE_RANGE=10.96.0.0/16
SERVICE_IP=10.96.0.1

if [ $# -lt 1 ] || [ -z "$1" ] || [[ $1 == -* ]]; then usage; fi
STATE=$(realpath -m "$1")
shift
[ "$STATE" != / ] || usage
for tool in openssl curl setsid flock base64; do command -v "$tool" > /dev/null || die "$tool is missing"; done

umask 077
mkdir -p "$STATE"/{run,log,pki}
exec 8> "$STATE/run/lock"
flock 8

# -- options, after those of the last time
port='' etcd_port='' bind=127.0.0.1 server='' short_watch='' service_accounts='' sans=()
# shellcheck disable=SC1091
[ ! -r "$STATE/run/settings" ] || . "$STATE/run/settings"
chosen=$port
while [ $# -gt 0 ]; do
    option=$1
    shift
    case $option in
        --*=*) value=${option#*=} option=${option%%=*} ;;
        --short-watch) value=2 ;;
        --service-accounts) value=yes ;;
        *) [ $# -gt 0 ] || usage; value=$1; shift ;;
    esac
    case $option in
        --port) port=$value ;;
        --bind) bind=$value ;;
        --san) [[ " ${sans[*]-} " == *" $value "* ]] || sans+=("$value") ;;
        --server) server=$value ;;
        --short-watch) short_watch=$value ;;
        --service-accounts) service_accounts=$value ;;
        *) usage ;;
    esac
done
[[ $port =~ ^[0-9]*$ && $short_watch =~ ^[0-9]*$ ]] || usage

case $bind in 0.0.0.0) local_host=127.0.0.1 ;; ::) local_host=::1 ;; *) local_host=$bind ;; esac
server=${server:-$local_host}
is_ip() { [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$ || $1 == *:* ]]; }
authority() { case $1 in *:*) printf '[%s]:%s' "$1" "$2" ;; *) printf '%s:%s' "$1" "$2" ;; esac }
advertise=''
for san in "${sans[@]}" "$local_host"; do
    if [ -z "$advertise" ] && is_ip "$san"; then advertise=$san; fi
done

# -- programs
if [ -n "${VNETCNI_KUBE_BIN:-}" ]; then bin=$VNETCNI_KUBE_BIN; else bin=$(TARGETS=kube-apiserver "$HERE/build.sh"); fi
for program in etcd kube-apiserver; do [ -x "$bin/$program" ] || die "$bin/$program is missing"; done

# -- certificates (ECDSA; made once, the server's again when its names change)
pki=$STATE/pki
quiet() { "$@" 2> "$pki/openssl.log" || { cat "$pki/openssl.log" >&2; die "failed: $*"; }; }
new_key() { quiet openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

authority_certificate() {
    [ ! -s "$pki/ca.crt" ] || return 0
    new_key "$pki/ca.key"
    quiet openssl req -x509 -new -key "$pki/ca.key" -out "$pki/ca.crt.new" -days 3650 -sha256 -subj /CN=vnetcni-test-ca
    mv "$pki/ca.crt.new" "$pki/ca.crt"
}

# certificate NAME SUBJECT USAGE [SANS]
certificate() {
    local extensions="keyUsage=critical,digitalSignature"$'\n'"extendedKeyUsage=$3"${4:+$'\n'"subjectAltName=$4"}
    if [ -s "$pki/$1.crt" ] && [ "$(cat "$pki/$1.ext")" = "$extensions" ]; then return 0; fi
    new_key "$pki/$1.key"
    printf '%s\n' "$extensions" > "$pki/$1.ext"
    quiet openssl req -new -key "$pki/$1.key" -out "$pki/$1.csr" -subj "$2"
    quiet openssl x509 -req -in "$pki/$1.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial \
        -days 365 -sha256 -extfile "$pki/$1.ext" -out "$pki/$1.crt.new"
    mv "$pki/$1.crt.new" "$pki/$1.crt"
}

names='DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local'
names+=",IP:127.0.0.1,IP:::1,IP:$SERVICE_IP"
for san in "$local_host" "$server" "${sans[@]}"; do
    if is_ip "$san"; then san=IP:$san; else san=DNS:$san; fi
    [[ ,$names, == *",$san,"* ]] || names+=,$san
done
authority_certificate
certificate apiserver /CN=kube-apiserver serverAuth "$names"
certificate etcd /CN=etcd serverAuth,clientAuth IP:127.0.0.1
certificate etcd-client /CN=kube-apiserver-etcd-client clientAuth
certificate admin /O=system:masters/CN=vnetcni-test-admin clientAuth
certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
certificate front-proxy /CN=front-proxy-client clientAuth
if ! [ -s "$pki/sa.pub" ]; then
    new_key "$pki/sa.key"
    quiet openssl ec -in "$pki/sa.key" -pubout -out "$pki/sa.pub"
fi

# -- processes
started=()
give_up() {
    local name
    for name in "${started[@]}"; do stop "$STATE" "$name" 3; done
    die "$@"
}
trap 'give_up interrupted' INT TERM

# start NAME COMMAND... : in a session of its own, so that it outlives this script and its terminal
start() {
    local name=$1
    shift
    setsid "$@" > "$STATE/log/$name.log" 2>&1 < /dev/null 8>&- &
    printf '%s\n' "$!" > "$STATE/run/$name.pid"
    started=("$name" "${started[@]}")
}
alive() { kill -0 "$(cat "$STATE/run/$1.pid")" 2>/dev/null; }
died() {
    log "the end of $STATE/log/$1.log:"
    tail -n 20 "$STATE/log/$1.log" | cut -c1-400 >&2
    give_up "$1 $2"
}

# until_ready NAME COMMAND... : waits for the command to succeed; fails with status 1 if NAME ends, 2 if time is up
until_ready() {
    local name=$1 until=$((SECONDS + READY_SECONDS))
    shift
    until "$@"; do
        alive "$name" || return 1
        [ "$SECONDS" -lt "$until" ] || return 2
        sleep 0.1
    done
}

# a port in this network namespace that no socket uses, below the range for outgoing connections
free_port() {
    local candidate used
    used=$(cat /proc/self/net/tcp /proc/self/net/tcp6 2> /dev/null | awk '{ print $2 }') || true
    for _ in {1..100}; do
        candidate=$((20000 + RANDOM % 12000))
        if [[ "$used" != *":$(printf '%04X' "$candidate")"* ]]; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    die 'found no free port'
}

# get CERTIFICATE HOST PORT PATH : the body, if the status is 200
get() {
    curl -fsS -m 5 --noproxy '*' --cacert "$pki/ca.crt" --cert "$pki/$1.crt" --key "$pki/$1.key" "https://$(authority "$2" "$3")$4" 2>/dev/null
}

# launch NAME PORT_VARIABLE READY START : starts it and waits until it is ready; without a given port, on a free one
launch() {
    local name=$1 ready=$3 begin=$4 attempt result any_port=''
    local -n launch_port=$2
    [ -n "$launch_port" ] || any_port=yes
    for attempt in 1 2 3; do
        [ -z "$any_port" ] || launch_port=$(free_port)
        "$begin"
        result=0
        until_ready "$name" "$ready" || result=$?
        case $result in
            0) return ;;
            1) # another process may have taken the free port in between
                if [ -n "$any_port" ] && [ "$attempt" -lt 3 ] && grep -q 'address already in use' "$STATE/log/$name.log"; then continue; fi
                died "$name" 'ended at start' ;;
            *) died "$name" "was not ready within $READY_SECONDS s" ;;
        esac
    done
}

# etcd asks for a certificate, so that no server started beside it can take it for its own
etcd_ready() { get etcd-client 127.0.0.1 "$etcd_port" /health | grep '"true"' > /dev/null; }
start_etcd() {
    local flags=() extra
    # hidden from --help where it exists (3.4.10 and later)
    if "$bin/etcd" --unsafe-no-fsync --version > /dev/null 2>&1; then flags+=(--unsafe-no-fsync); fi
    if [ "$(uname -m)" = aarch64 ]; then export ETCD_UNSUPPORTED_ARCH=arm64; fi
    read -r -d '' -a extra <<< "${ETCD_FLAGS:-}" || true
    start etcd env -u ETCD_FLAGS "$bin/etcd" --name=test --data-dir="$STATE/etcd" --logger=zap \
        --listen-client-urls="https://127.0.0.1:$etcd_port" --advertise-client-urls="https://127.0.0.1:$etcd_port" \
        --listen-peer-urls=http://127.0.0.1:0 --initial-advertise-peer-urls=http://127.0.0.1:0 --initial-cluster=test=http://127.0.0.1:0 \
        --cert-file="$pki/etcd.crt" --key-file="$pki/etcd.key" --client-cert-auth --trusted-ca-file="$pki/ca.crt" \
        "${flags[@]}" "${extra[@]}"
}

# besides /readyz, the namespace "default": the server makes it a moment later
apiserver_ready() {
    get admin "$local_host" "$port" /readyz | grep -x ok > /dev/null && get admin "$local_host" "$port" /api/v1/namespaces/default > /dev/null
}
start_apiserver() {
    local flags=() extra
    # Endpoints may not carry a loopback address: then the "kubernetes" service simply has none.
    case $advertise in 127.* | ::1) flags+=(--endpoint-reconciler-type=none) ;; esac
    # Without a controller-manager there are no service accounts to demand of a pod.
    [ -n "$service_accounts" ] || flags+=(--disable-admission-plugins=ServiceAccount)
    [ -z "$short_watch" ] || flags+=("--min-request-timeout=$short_watch")
    read -r -d '' -a extra <<< "${APISERVER_FLAGS:-}" || true
    start kube-apiserver "$bin/kube-apiserver" --etcd-servers="https://127.0.0.1:$etcd_port" \
        --etcd-cafile="$pki/ca.crt" --etcd-certfile="$pki/etcd-client.crt" --etcd-keyfile="$pki/etcd-client.key" \
        --bind-address="$bind" --secure-port="$port" --advertise-address="$advertise" --service-cluster-ip-range="$SERVICE_RANGE" \
        --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
        --authorization-mode=Node,RBAC --allow-privileged=true \
        --enable-admission-plugins=NodeRestriction \
        --service-account-issuer=https://kubernetes.default.svc \
        --service-account-key-file="$pki/sa.pub" --service-account-signing-key-file="$pki/sa.key" \
        --kubelet-client-certificate="$pki/kubelet-client.crt" --kubelet-client-key="$pki/kubelet-client.key" \
        --kubelet-preferred-address-types=InternalIP \
        --requestheader-client-ca-file="$pki/ca.crt" --requestheader-allowed-names=front-proxy-client \
        --requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group \
        --requestheader-username-headers=X-Remote-User \
        --proxy-client-cert-file="$pki/front-proxy.crt" --proxy-client-key-file="$pki/front-proxy.key" \
        --enable-aggregator-routing=true "${flags[@]}" "${extra[@]}"
}

if ! pid_of "$STATE" etcd > /dev/null; then launch etcd etcd_port etcd_ready start_etcd; fi
if ! pid_of "$STATE" kube-apiserver > /dev/null; then
    launch kube-apiserver port apiserver_ready start_apiserver
else
    [ "$port" = "$chosen" ] || die "kube-apiserver runs already, on port $chosen"
    log 'kube-apiserver runs already'
    until_ready kube-apiserver apiserver_ready || died kube-apiserver 'runs, but is not ready'
fi
trap - INT TERM

declare -p port etcd_port bind server short_watch service_accounts sans > "$STATE/run/settings"
cat > "$STATE/kubeconfig.new" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: test
  cluster:
    server: https://$(authority "$server" "$port")
    certificate-authority-data: $(base64 -w0 < "$pki/ca.crt")
users:
- name: admin
  user:
    client-certificate-data: $(base64 -w0 < "$pki/admin.crt")
    client-key-data: $(base64 -w0 < "$pki/admin.key")
contexts:
- name: test
  context:
    cluster: test
    user: admin
current-context: test
YAML
mv "$STATE/kubeconfig.new" "$STATE/kubeconfig"

for name in etcd kube-apiserver; do
    pid=$(pid_of "$STATE" "$name") || died "$name" 'ended'
    log "$name: pid $pid, $(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$pid/status") MiB"
done
log "ready after $SECONDS s: https://$(authority "$server" "$port")"
printf '%s\n' "$STATE/kubeconfig"
