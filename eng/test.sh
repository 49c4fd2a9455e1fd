#!/usr/bin/env bash
# Runs the tests, stage by stage, and ends with one line: "N passed, N failed, N skipped".
# usage: eng/test.sh [STAGE...]      stages: build lint unit aot dataplane cluster simulation e2e (default: all)
# A stage that takes longer than its budget (minutes, for a cold 2-core machine) counts as a failure when CI is set.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 NO_COLOR=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
log=artifacts/test-logs
mkdir -p "$log"
passed=0 failed=0 skipped=0 summary=()

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
  if [ "$f" -gt 0 ]; then sed 's/^/    /' "$out" | tail -150; fi
}

# check NAME COMMAND... : one pass or one failure
check() {
  local name=$1 out
  shift
  out=$log/${name//[^A-Za-z0-9]/-}.log
  if "$@" > "$out" 2>&1; then
    passed=$((passed + 1)); note "  $name: ok"
  else
    failed=$((failed + 1)); note "  $name: FAILED"; tail -60 "$out" | sed 's/^/    /'
  fi
}

build_all() { dotnet build Operator.sln -nodeReuse:false -v:quiet; }

stage_build() { check "build" build_all; }

stage_lint() { check "lint" eng/lint.sh; }

stage_unit() {
  for project in Architecture Ipam Api AgentProtocol ArmSimulator ControllerRuntime Operator NodeAgent; do
    run_tests "$project.Tests"
  done
}

stage_aot() { check "publish NativeAOT" eng/publish.sh; }

stage_dataplane() {
  for project in Dataplane CniBinary Lab; do run_tests "$project.Tests"; done
}

stage_cluster() { run_tests Cluster.Tests; }

stage_simulation() { run_tests Simulation.Tests; }

stage_e2e() { check "make demo CLUSTER=debian" make demo CLUSTER=debian PLAIN=1; cp -f artifacts/test-logs/make-demo-CLUSTER-debian.log artifacts/demo.log 2>/dev/null || true; }

budget() {
  case $1 in build) echo 10 ;; lint) echo 5 ;; unit) echo 10 ;; aot) echo 8 ;; dataplane) echo 8 ;; cluster) echo 18 ;; simulation) echo 10 ;; e2e) echo 16 ;; esac
}

stages=("$@")
[ ${#stages[@]} -gt 0 ] || stages=(build lint unit aot dataplane cluster simulation e2e)
for stage in "${stages[@]}"; do
  if ! declare -F "stage_$stage" > /dev/null; then note "no stage '$stage'; there are: build lint unit aot dataplane cluster simulation e2e"; exit 2; fi
  note "== $stage"
  start=$SECONDS
  "stage_$stage"
  took=$((SECONDS - start)) limit=$(($(budget "$stage") * 60))
  summary+=("$(printf '%-12s %4d s of %4d s' "$stage" "$took" "$limit")")
  if [ "$took" -gt "$limit" ]; then
    note "  stage $stage took $took s, its budget is $limit s"
    if [ -n "${CI-}" ]; then failed=$((failed + 1)); fi
  fi
  if [ "$stage" = build ] && [ "$failed" -gt 0 ]; then break; fi
done
note "== times"
printf '  %s\n' "${summary[@]}"
note "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
