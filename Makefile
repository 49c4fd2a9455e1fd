# vnetcni: `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CLUSTER ?= embedded
MINUTES ?= 10
PARTS ?=
.PHONY: help build test simulate demo e2e explore mutation soak churn bench bench-scale lint docs publish image-rootfs clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: ## Build everything (warnings are errors)
	dotnet build Operator.sln

test: ## Run all tests; the last line counts passed, failed and skipped (STAGES="build unit" picks some)
	@eng/test.sh $(STAGES)

simulate: ## Run the product in a simulated world (SEEDS=2000, BASE=first seed; SEED=123 repeats one and keeps its timeline)
	@SEED="$(SEED)" TEST="$(TEST)" eng/simulate.sh "$(SEEDS)" "$(BASE)"

demo: ## Operator, agents and CNI wire pods up on this machine: no Azure, no cluster (as root; KEEP=1 leaves it running)
	@eng/demo.sh $(CLUSTER)

e2e: ## The charts on a real cluster with real kubelets, by real helm (as root; HELM=3, KEEP=1, PARTS="scale nodes" picks some)
	@eng/e2e.sh $(PARTS)

explore: ## Visit every state of one node, two leaders and their faults (ALLOWANCE=3 visits ten million)
	@VNETCNI_EXPLORE_ALLOWANCE=$(or $(ALLOWANCE),2) dotnet run --project tests/Ipam.Tests -- --filter-namespace "*Exploration*" --show-live-output on

mutation: ## Test the tests of src/Ipam by breaking it on purpose (FOLDERS="Ledger" picks some)
	@eng/mutation.sh $(FOLDERS)

soak: ## Random pods on this kernel with kills and ARM faults (as root; MINUTES=10, SEED=n repeats a plan, CHURN=3 beside)
	@CHURN="$(CHURN)" eng/soak.sh $(MINUTES)

churn: ## ADD and DEL at full speed with kill -9 of the agent: no leak, no double, flat memory (as root; MINUTES=10 COUNT=1000000)
	@COUNT="$(COUNT)" SEED="$(SEED)" eng/churn.sh $(MINUTES)

bench: ## ADD, DEL, throughput and memory, in turn with other plug-ins (as root; CHECK=1 fails when a gate is missed, ROUNDS=6)
	@eng/bench.sh --rounds $(or $(ROUNDS),6) $(if $(CHECK),--check) --page docs/performance.md --plot docs/performance.svg

bench-scale: ## The operator against thousands of nodes in virtual time (CASES="a b c", SEED=n; CHECK=1 fails when a bound is missed)
	@eng/bench-scale.sh $(CASES)

lint: ## Formatting and shellcheck
	@eng/lint.sh

docs: ## Run the commands of the documentation
	@eng/docs.sh

publish: ## Publish the CNI binary, the agent and the operator as NativeAOT into artifacts/publish
	@eng/publish.sh

image-rootfs: ## Assemble the images from what `make publish` made and Debian packages, without a registry, into artifacts/images
	@eng/images/image-rootfs.sh

clean: ## Remove what the build made
	rm -rf artifacts src/*/bin src/*/obj tests/*/bin tests/*/obj bench/*/bin bench/*/obj
