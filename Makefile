# The commands of Proofdesk. CI calls the same ones.
# cargo is always asked for the workspace's default members, all but the bundle tool: another selection of packages has
# other features, and would compile most dependencies a second time.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
BIN := $(or $(CARGO_TARGET_DIR),target)/debug

# Named, so that rustup neither fetches a version it has under another name nor insists on the browser target where
# that cannot be had.
ifndef RUSTUP_TOOLCHAIN
export RUSTUP_TOOLCHAIN := $(shell scripts/toolchain)
endif

.PHONY: help run test check bench-upload bench-precheck bench-queue bench-console screenshots calibrate scale drill fuzz-media fuzz-parsers fixtures front setup clean-data

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run: ## install what is missing, build, and start everything on this machine
	@scripts/setup run
	@scripts/models || true
	@scripts/front
	@cargo build --bins
	@exec $(BIN)/proofdesk up

test: ## every test: rules, stories, faults, pages, browser
	@scripts/setup test
	@scripts/models || true
	@scripts/front
	@scripts/clients s3
	@scripts/tests

check: ## format, lints, conventions, generated files
	@scripts/setup run
	cargo fmt --all --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --package bundle --all-targets -- -D warnings
	cargo test --test tidy
	scripts/openapi check

bench-upload: ## uploads against the reference tus server: throughput, CPU and memory as ratios
	@scripts/setup test
	@scripts/clients
	@cargo build --release --bin backend
	@cargo build --bin bench-upload
	@$(BIN)/bench-upload $(BIN)/../release/backend $(BIN)/../clients/node tests/clients/reference_server.mjs

bench-queue: ## the job queue against apalis-redis, BullMQ, graphile-worker and pg-boss: jobs a second, waits, crashes
	@scripts/setup test
	@scripts/clients queue
	@cargo build --release --bin bench-queue
	@$(BIN)/../release/bench-queue $(BIN)/../clients/node $(BIN)/../clients/queue benches/queue/peers.mjs

ROUNDS ?= 5
bench-precheck: ## pre-checks against ffmpeg and tesseract: processor time, memory and fields read right as ratios
	@scripts/setup bench
	@scripts/models
	@cargo build --release --bin worker
	@cargo build --bin bench-precheck
	@$(BIN)/bench-precheck $(BIN)/../release/worker $(ROUNDS) $(BIN)/../bench-precheck

calibrate: ## how often each pre-check is wrong, over good and spoilt captures; hours; ARGS='--photos 50' for less
	@scripts/setup test
	@scripts/models
	cargo build --release --bin worker
	cargo build --bin calibrate
	nice $(BIN)/calibrate --worker $(BIN)/../release/worker --work $(or $(CARGO_TARGET_DIR),target)/calibrate $(ARGS)

DECIDED ?= 10000,1000000
scale: ## claims, ops page, sweep and status over growing histories; then a day at national peak; an hour; DECIDED=10000,10000000
	@scripts/setup test
	cargo build --release --bin scale
	nice $(BIN)/../release/scale growth --decided $(DECIDED)
	nice $(BIN)/../release/scale day

SEED ?= 1
MINUTES ?= 2
PER_SECOND ?= 1
drill: ## everything runs while something breaks every one to three seconds; then the invariants are read
	@scripts/setup test
	@cargo build --bin drill
	@$(BIN)/drill $(SEED) $(MINUTES) $(PER_SECOND)

N ?= 10000
fuzz-media: ## N mutants of clips and photos through the sandbox, with figures
	@scripts/setup test
	cargo build --bin inspect --bin fuzz-media
	nice $(BIN)/fuzz-media $(N)

CASES ?= 50
bench-console: ## the console against its budgets: sizes, first paint, keys, time to the next check, claims with a million rows
	@scripts/setup test
	@scripts/front
	@cargo build --release --bin inspect --bin bench-console --bin scale
	@$(BIN)/../release/bench-console $(CASES)
	@nice $(BIN)/../release/scale claims

screenshots: ## every page and state of the console as a picture, 1366 and 320 pixels wide
	@scripts/setup test
	@scripts/front
	@cargo test --test browser
	@ls $(BIN)/../screenshots/*.png

SECONDS ?= 60
fuzz-parsers: ## our own parsers, led by coverage, each for SECONDS (fuzz/README.md)
	nice fuzz/run $(SECONDS)

fixtures: ## draw the synthetic specimens again
	@scripts/setup fixtures
	@fixtures/generate/run

front: ## build what the browser runs, if it changed
	@scripts/setup run
	@scripts/front

setup: ## install every system package, those of the tests too
	@scripts/setup test

clean-data: ## forget everything `make run` has stored on this machine
	rm -rf data
