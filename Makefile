# vnetcni: `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CLUSTER ?= debian
.PHONY: help build test demo bench lint publish clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: ## Build everything (warnings are errors)
	dotnet build Operator.sln

test: ## Run all tests; the last line counts passed, failed and skipped (STAGES="build unit" picks some)
	@eng/test.sh $(STAGES)

demo: ## Operator, agents and CNI wire pods up on this machine: no Azure, no cluster (as root; KEEP=1 leaves it running)
	@eng/demo.sh $(CLUSTER)

bench: ## Measure ADD and DEL against a running agent
	@eng/bench.sh

lint: ## Formatting and shellcheck
	@eng/lint.sh

publish: ## Publish the CNI binary, the agent and the operator as NativeAOT into artifacts/publish
	@eng/publish.sh

clean: ## Remove what the build made
	rm -rf artifacts src/*/bin src/*/obj tests/*/bin tests/*/obj bench/*/bin bench/*/obj
