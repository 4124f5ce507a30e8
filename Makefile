# The commands of Proofdesk. CI calls the same ones.
# Everything is built with `--workspace`: another selection of packages has other features, and would compile
# most dependencies a second time.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
BIN := $(or $(CARGO_TARGET_DIR),target)/debug

# Named, so that rustup neither fetches a version it has under another name nor insists on the browser target where
# that cannot be had.
export RUSTUP_TOOLCHAIN ?= $(shell scripts/toolchain)

.PHONY: help run test check fixtures front setup clean-data

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run: ## install what is missing, build, and start everything on this machine
	@scripts/setup run
	@scripts/front
	@cargo build --workspace --bins
	@exec $(BIN)/proofdesk up

test: ## every test: rules, stories, faults, pages, browser
	@scripts/setup test
	@scripts/front
	@scripts/tests

check: ## format, lints, conventions, generated files
	@scripts/setup run
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace --test tidy
	scripts/openapi check

fixtures: ## draw the synthetic specimens again
	@cargo build --quiet --workspace --bins
	@scripts/fixtures

front: ## build what the browser runs, if it changed
	@scripts/setup run
	@scripts/front

setup: ## install every system package, those of the tests too
	@scripts/setup test

clean-data: ## forget everything `make run` has stored on this machine
	rm -rf data
