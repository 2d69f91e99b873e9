# The verbs of this project. Each does its own set-up; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run demo test test-pure bench lint format contracts deps release fuzz clean

# Extra arguments: make demo ARGS="--bundle chart.json", make test ARGS="--filter ConsentTests"
ARGS ?=
# Seconds for each harness of `make fuzz`.
SECONDS_EACH ?= 60

help: ## list the verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 14

run: ## start a household and a hospital node with charts in them, and leave them serving
	@Scripts/run $(ARGS)

demo: ## show the whole flow once between two nodes, checked step by step
	@Scripts/run --once $(ARGS)

test: ## build everything in release mode and run every test
	@Scripts/test $(ARGS)

test-pure: ## build and test only the modules that compute (no network, no database)
	@Scripts/deps
	@PEERCHART_PURE=1 swift build -c release --scratch-path .build-pure --build-tests
	@PEERCHART_PURE=1 swift test -c release --scratch-path .build-pure --skip-build --disable-xctest $(ARGS)

bench: ## measure, each figure beside its limit or its peer
	@Scripts/bench $(ARGS)

lint: ## check format, house rules and embedded samples
	@Scripts/lint

format: ## format every Swift file
	@swift format --in-place --parallel --recursive $(wildcard Package.swift Sources Tests Benchmarks)

contracts: ## compile Contracts/ into the Swift file that carries the bytes
	@Scripts/deps
	@.venv/bin/python Scripts/contracts

deps: ## install what the build and the tests need and this machine lacks
	@Scripts/deps

release: ## build the program to give away, into .build-release/dist
	@Scripts/release

fuzz: ## run every libFuzzer harness for SECONDS_EACH seconds (60)
	@Scripts/fuzz $(SECONDS_EACH)

clean: ## remove everything that was built
	rm -rf .build .build-* .venv
