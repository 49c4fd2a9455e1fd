#!/usr/bin/env bash
# Runs the tests, stage by stage, and ends with one line: "N passed, N failed, N skipped".
# usage: eng/test.sh [STAGE...]      stages: build lint unit aot dataplane cluster extensions charts simulation soak e2e demo docs (default: all)
# A stage that takes longer than its budget (minutes, for a cold 2-core machine) counts as a failure when CI is set.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 NO_COLOR=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
log=artifacts/test-logs
mkdir -p "$log"
passed=0 failed=0 skipped=0 summary=() failures=()

note() { printf '%s\n' "$*"; }

# run_tests PROJECT [ARG...] : runs one test executable and adds its counts
run_tests() {
  local project=$1 out rc p f s
  shift
  out=$log/$project.log
  "tests/$project/bin/Debug/net10.0/Vnetcni.$project" --progress off --ansi off --output Detailed --show-stdout Failed --show-slowest-tests 3 "$@" > "$out" 2>&1
  rc=$?
  p=$(sed -nE 's/^ +succeeded: ([0-9]+).*/\1/p' "$out" | tail -1)
  f=$(sed -nE 's/^ +failed: ([0-9]+).*/\1/p' "$out" | tail -1)
  s=$(sed -nE 's/^ +skipped: ([0-9]+).*/\1/p' "$out" | tail -1)
  p=${p:-0} f=${f:-0} s=${s:-0}
  # 8 = no test ran: a project whose every test was filtered away or that has none
  if [ "$rc" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; note "  $project ended with exit code $rc and no failed test: see below"; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  note "  $project: $p passed, $f failed, $s skipped"
  if [ "$s" -gt 0 ]; then grep -E -A2 '^skipped ' "$out" | sed 's/^/    /' | head -60; fi
  if grep -q '^failed ' "$out"; then
    # With a theory's arguments, the message with what was expected and what came, and the place: the parts above may be cut off where people read this.
    mapfile -t -O "${#failures[@]}" failures < <(awk '
      function tell() { if (name) print name ": " substr(message, 1, 400) (place ? " (" place ")" : ""); name = message = place = "" }
      /^(passed|failed|skipped) |^Test run summary/ { tell() }
      /^failed / { name = substr($0, 8, 250); sub(/ \([0-9hms .]+\)$/, "", name); next }
      name && / in .*:[0-9]+$/ { if (!place) { place = $0; sub(/.* in .*\//, "", place) } next }
      name && !place && /[^ ]/ { sub(/^ +/, ""); message = message (message ? " | " : "") $0 }
      END { tell() }' "$out")
    awk '/^(passed|skipped) |^Test run summary/ { show = 0 } /^failed / { show = 1 } show' "$out" | sed 's/^/    /' | head -150
  elif [ "$f" -gt 0 ]; then
    failures+=("$project: exit code $rc")
    tail -150 "$out" | sed 's/^/    /'
  fi
}

# check NAME COMMAND... : one pass or one failure
check() {
  local name=$1 out
  shift
  out=$log/${name//[^A-Za-z0-9]/-}.log
  if "$@" > "$out" 2>&1; then
    passed=$((passed + 1)); note "  $name: ok"
  else
    failed=$((failed + 1)); failures+=("$name"); note "  $name: FAILED"; tail -60 "$out" | sed 's/^/    /'
  fi
}

# check_or_skip NAME COMMAND... : a check whose command may say "SKIP: why" as its last line, where the machine cannot run it
check_or_skip() {
  local name=$1 out=$log/${1//[^A-Za-z0-9]/-}.log
  shift
  if "$@" > "$out" 2>&1; then
    passed=$((passed + 1)); note "  $name: ok"
  elif grep -q '^SKIP: ' "$out" && ! grep -q '^FAIL' "$out"; then
    skipped=$((skipped + 1)); note "  $name: skipped: $(sed -n 's/^SKIP: //p' "$out" | head -1)"
  else
    failed=$((failed + 1)); failures+=("$name"); note "  $name: FAILED"; tail -120 "$out" | sed 's/^/    /'
  fi
}

# build_or_skip NAME COMMAND... : a check whose command ends with 3 where what it needs cannot be had, and says why in its last line
build_or_skip() {
  local name=$1 out=$log/${1//[^A-Za-z0-9]/-}.log rc=0
  shift
  "$@" > "$out" 2>&1 || rc=$?
  case $rc in
    0) passed=$((passed + 1)); note "  $name: ok" ;;
    3) skipped=$((skipped + 1)); note "  $name: skipped: $(tail -1 "$out")" ;;
    *) failed=$((failed + 1)); failures+=("$name"); note "  $name: FAILED"; tail -60 "$out" | sed 's/^/    /' ;;
  esac
}

build_all() { dotnet build Operator.sln -nodeReuse:false -v:quiet; }

stage_build() { check "build" build_all; }

stage_lint() { check "lint" eng/lint.sh; }

stage_unit() {
  for project in Architecture Ipam Api AgentProtocol ArmSimulator ControllerRuntime ApiServer Operator NodeAgent; do
    run_tests "$project.Tests"
  done
}

# Helm 3 and 4 are fetched by eng/helm.sh; where they cannot be, the tests that need them are skipped and say so. After the stage cluster,
# which builds the API server that releases are installed on.
stage_charts() { run_tests Charts.Tests; }

# A current server for custom resources, which the stage charts asks about CEL rules and admission policies. It is built from Debian
# unstable: where that does not build on some day, those tests are skipped.
stage_extensions() {
  build_or_skip "build apiextensions-apiserver" eng/kube/extensions-build.sh
}

# The stage dataplane drives the CNI binary by the clients that are made here, since this stage has the time for it: once, they are kept.
stage_aot() {
  check "publish NativeAOT" eng/publish.sh
  check "make image-rootfs" make image-rootfs
  build_or_skip "current CNI clients" eng/cni-clients-build.sh
}

stage_dataplane() {
  for project in Dataplane CniBinary Lab; do run_tests "$project.Tests"; done
  check "bench smoke" eng/bench-smoke.sh
  check "make churn" make churn MINUTES=3
  sed -nE '/^SEED=/p; /^Calls of the agent/,/^(PASS|FAIL)/p' "$log/make-churn.log" | sed 's/^/    /'
}

# Builds all of Kubernetes that the tests here and make e2e need, since this stage has the time for it: once, it is kept.
stage_cluster() {
  TARGETS='kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy' eng/kube/build.sh > "$log/kube-build.log" 2>&1 ||
    note "  Kubernetes cannot be built here: $(grep '^kube: ' "$log/kube-build.log" | tail -1)"
  run_tests Cluster.Tests
}

# Fresh seeds each time; the first of them is told, so that the run can be repeated.
stage_simulation() {
  export SIMULATION_BASE=${SIMULATION_BASE:-$(($(date +%s) % 2000000 * 1000))}
  note "  fresh seeds from $SIMULATION_BASE: repeat them with SIMULATION_BASE=$SIMULATION_BASE"
  run_tests Simulation.Tests
  grep '^simulation: ' "$log/Simulation.Tests.log" | sed 's/^/  /'
  check "bench-scale small churn" dotnet bench/Scale/bin/Debug/net10.0/Vnetcni.Scale.dll --check small churn
}

stage_soak() {
  check "make soak" make soak MINUTES=2
  sed -nE '/^SEED=/p; /^CNI calls/,/^(PASS|FAIL|---)/p' "$log/make-soak.log" | sed 's/^/    /'
  cp -f "$log/make-soak.log" artifacts/soak.log 2> /dev/null || true
}

stage_e2e() {
  check_or_skip "make e2e" make e2e PLAIN=1
  sed -nE '/^(ok|FAIL) /p; /^[0-9]+ s: /p' "$log/make-e2e.log" | sed 's/^/    /'
}

# A newcomer's way, what is told of a demo that stays, and the demo on a real API server.
stage_demo() {
  # make demo is its first step.
  check_or_skip "the README's way" eng/readme.sh
  cp -f "$log/the-README-s-way.log" artifacts/demo.log 2> /dev/null || true
  check "kubectl against a kept demo" eng/demo-kubectl.sh
  check "make demo CLUSTER=debian" make demo CLUSTER=debian PLAIN=1
}

stage_docs() { check "the documentation's commands" eng/docs.sh; }

budget() {
  case $1 in build) echo 10 ;; lint) echo 5 ;; unit) echo 10 ;; charts) echo 5 ;; aot) echo 8 ;; dataplane) echo 8 ;; cluster) echo 18 ;; extensions) echo 15 ;; simulation) echo 10 ;; soak) echo 5 ;; e2e) echo 16 ;; demo) echo 8 ;; docs) echo 5 ;; esac
}

stages=("$@")
all=(build lint unit aot dataplane cluster extensions charts simulation soak e2e demo docs)
[ ${#stages[@]} -gt 0 ] || stages=("${all[@]}")
for stage in "${stages[@]}"; do
  if ! declare -F "stage_$stage" > /dev/null; then note "no stage '$stage'; there are: ${all[*]}"; exit 2; fi
  note "== $stage"
  start=$SECONDS
  "stage_$stage"
  took=$((SECONDS - start)) limit=$(($(budget "$stage") * 60))
  summary+=("$stage $took/$limit")
  if [ "$took" -gt "$limit" ]; then
    note "  stage $stage took $took s, its budget is $limit s"
    if [ -n "${CI-}" ]; then failed=$((failed + 1)); failures+=("budget of stage $stage"); fi
  fi
  if [ "$stage" = build ] && [ "$failed" -gt 0 ]; then break; fi
done
note "== seconds, of the budget"
printf '%s, ' "${summary[@]}" | sed 's/, $//' | fold -s -w 150 | sed 's/^/  /'
note ""
if [ ${#failures[@]} -gt 0 ]; then
  note "== failed"
  printf '  %s\n' "${failures[@]}" | head -40
fi
note "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
