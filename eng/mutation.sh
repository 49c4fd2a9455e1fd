#!/usr/bin/env bash
# Mutation testing of src/Ipam with dotnet-stryker; see docs/mutation.md.
# usage: eng/mutation.sh [FOLDER...]      folders of src/Ipam (default: all); JOBS=n mutants are tested at a time (default 2)
# Stryker puts mutated assemblies into the tests' bin folders: it works on a copy of the tree, so that nobody else meets them.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 NO_COLOR=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
root=$PWD
tree=${MUTATION_TREE:-$root/artifacts/mutation/tree}
folders=("$@")
[ ${#folders[@]} -gt 0 ] || folders=(Addressing Ledger Planning PoolScaling VNetBudget)

rm -rf "$tree"
mkdir -p "$tree"
git ls-files -z --cached --others --exclude-standard -- \
  src/Ipam tests/Ipam.Tests Directory.Build.props Directory.Build.targets Directory.Packages.props global.json .editorconfig eng/analyzers .config |
  while IFS= read -r -d '' file; do
    [ -e "$file" ] || continue
    mkdir -p "$tree/$(dirname "$file")"
    cp -p "$file" "$tree/$file"
  done

# The long walks catch what the short tests catch, only slower: a mutant has to be killed by a test that names the behaviour.
rm -rf "$tree/tests/Ipam.Tests/Exploration" "$tree/tests/Ipam.Tests/Planning/PlannerWorldTests.cs"
cd "$tree"
dotnet tool restore > /dev/null
cd tests/Ipam.Tests
for folder in "${folders[@]}"; do
  out=$root/artifacts/mutation/$folder
  rm -rf "$out"
  echo "== $folder"
  SECONDS=0
  nice -n 15 dotnet stryker --test-runner mtp --project Ipam.csproj --mutate "**/$folder/*.cs" \
    --concurrency "${JOBS:-2}" --output "$out" --reporter Json --reporter ClearText --skip-version-check > "$out.log" 2>&1 || { tail -40 "$out.log"; exit 1; }
  echo "$folder took $SECONDS s"
done
cd "$root"

reports=()
for folder in "${folders[@]}"; do reports+=("artifacts/mutation/$folder/reports/mutation-report.json"); done
# Mutants that no test covers count as survivors; those that don't compile and those that were left out count nothing.
for folder in "${folders[@]}"; do
  jq -r --arg folder "$folder" '
    [.files | to_entries[] | .key as $file | .value.mutants[] | . + {file: ($file | sub(".*/src/Ipam/"; ""))}] as $all
    | ($all | map(select(.status == "Killed" or .status == "Timeout")) | length) as $killed
    | ($all | map(select(.status == "Survived" or .status == "NoCoverage"))) as $left
    | ($left | sort_by(.file, .location.start.line)[] | "  \(.file):\(.location.start.line)  \(.mutatorName): \(.replacement // "" | gsub("\\s+"; " ") | .[0:110]) [\(.status)]"),
      "\($folder): \($killed) of \($killed + ($left | length)) killed"' "artifacts/mutation/$folder/reports/mutation-report.json"
done
jq -rs '[.[].files[].mutants[].status] | (map(select(. == "Killed" or . == "Timeout")) | length) as $killed
  | (map(select(. == "Survived" or . == "NoCoverage")) | length) as $left
  | "score: \($killed) of \($killed + $left) mutants killed, \(if $killed + $left == 0 then 0 else $killed * 1000 / ($killed + $left) | floor / 10 end) %"' \
  "${reports[@]}"
