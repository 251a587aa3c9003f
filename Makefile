# What to type: `make help`. The program alone needs Go and nothing of this file.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export CGO_ENABLED ?= 0

CACHE := $(CURDIR)/.cache
TOOL := go tool -modfile=tools.mod
LINT := $(TOOL) golangci-lint
FUZZTIME ?= 30s
BENCH ?= .
COUNT ?= 1
PKG ?= ./...
HISTORIES ?= 5000
ROUNDS ?= 1000

# SUMMARY counts and names the tests that were left out, from the list that they wrote.
SUMMARY = echo "left out: $$(wc -l <"$$FORUM_TEST_SKIPS")"; sort "$$FORUM_TEST_SKIPS" | sed 's/^/  /'

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: ## start the forum with demonstration content on http://127.0.0.1:8080
	go run ./cmd/forum serve --demo

.PHONY: build
build: ## build bin/forum, without cgo
	go build -trimpath -ldflags='-s -w' -o bin/forum ./cmd/forum

.PHONY: fmt
fmt: ## format every Go file
	$(LINT) fmt

.PHONY: lint
lint: ## look for mistakes and for breaches of the style guide
	$(LINT) run

.PHONY: test-tools
test-tools:
	@.ci/install-test-tools

# The race detector watches all but SQLite, whose memory, as Go made from C, is
# its own affair: watching it and checking its pointers was half of the
# work of the tests that use it.
RACE := -race -gcflags='modernc.org/...=-race=false -d=checkptr=0'

# The race detector needs cgo; the program that ships is built without.
.PHONY: test
test: test-tools ## run everything: both databases, sockets, mail, browser; installs what is missing
	@export CGO_ENABLED=1 FORUM_TEST_EVERYTHING=1 FORUM_TEST_SKIPS="$(CACHE)/left-out" \
	  FORUM_TEST_AXE="$(CACHE)/axe-core/axe.min.js" FORUM_TEST_CHROMIUM="$$(.ci/install-test-tools --chromium)"; \
	: >"$$FORUM_TEST_SKIPS"; result=0; \
	go test $(RACE) -shuffle=on -timeout 12m $(PKG) || result=$$?; \
	$(SUMMARY); exit $$result

.PHONY: check
check: format-check lint vet tidy-check generate-check ## the quick one before a commit: format, vet, lint, drift, tests
	@mkdir -p "$(CACHE)"; export FORUM_TEST_SKIPS="$(CACHE)/left-out-of-check"; \
	: >"$$FORUM_TEST_SKIPS"; result=0; \
	go test -count=1 $(PKG) || result=$$?; \
	$(SUMMARY); exit $$result

.PHONY: format-check
format-check:
	@$(LINT) fmt --diff || { echo 'run: make fmt' >&2; exit 1; }

.PHONY: vet
vet:
	go vet ./...

.PHONY: tidy-check
tidy-check:
	go mod tidy -diff

# Compares what is generated with what was there, committed or not.
.PHONY: generate-check
generate-check:
	@fingerprint() { git ls-files --cached --others --exclude-standard -z | sort -z | xargs -0 sha256sum 2>/dev/null || true; }; \
	before=$$(fingerprint); $(MAKE) generate; after=$$(fingerprint); \
	[ "$$before" = "$$after" ] || { echo 'make generate changed these files; commit them:' >&2; \
	  diff <(echo "$$before") <(echo "$$after") | awk '/^>/ { print "  " $$3 }' >&2; exit 1; }

.PHONY: generate
generate: ## write CONFIGURATION.md and whatever else is made by a program
	go generate ./...

.PHONY: golden
golden: ## rewrite the golden pages; then review the difference like code
	@folders=$$(grep -rl --include='*_test.go' 'flag.Bool("update"' server | xargs -r dirname | sort -u); \
	[ -n "$$folders" ] || { echo 'no golden pages yet'; exit 0; }; \
	go test $$(printf './%s ' $$folders) -update; git diff --stat

.PHONY: fuzz
fuzz: ## fuzz each target for FUZZTIME (30s)
	@grep -rlE --include='*_test.go' '^func Fuzz' . | sort | while read -r file; do \
	  for target in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$$file"); do \
	    echo "$$target in $$(dirname "$$file")"; \
	    go test "$$(dirname "$$file")" -run='^$$' -fuzz="^$$target$$" -fuzztime=$(FUZZTIME); \
	  done; \
	done

# On each engine: 10,000 histories of up to 40 steps in all, two nodes, one killed now and then.
.PHONY: soak
soak: ## run consultations on two nodes for long: HISTORIES (5000) and ROUNDS (1000) on each engine
	go test ./consultations -run='^TestTwoNodesDoWhatTheModelDoes$$' -rapid.checks=$(HISTORIES) -timeout=2h -v
	CGO_ENABLED=1 go test $(RACE) ./consultations -run='^TestTheLastWordAgainstAWithdrawal$$' -rapid.checks=$(ROUNDS) -timeout=2h -v

.PHONY: bench
bench: ## measure the promises of speed, print one table; BENCH=Live narrows it, COUNT=3 repeats it
	@mkdir -p "$(CACHE)"; : >"$(CACHE)/bench.txt"
	@measure() { go test -run='^$$' -bench='$(BENCH)' -count=$(COUNT) -timeout=2h "$$@" | tee -a "$(CACHE)/bench.txt"; }; \
	measure -benchtime=4096x ./dialogues/...; \
	measure -benchtime=100x ./consultations/ledger; \
	measure -benchtime=512x ./server; \
	measure -benchtime=800x ./server/live; \
	measure ./server/i18n
	@echo; .ci/bench-table "$(CACHE)/bench.txt"

.PHONY: cover
cover: ## coverage per package; look, do not chase a number
	@mkdir -p "$(CACHE)"
	go test -cover -coverpkg=./... -coverprofile="$(CACHE)/cover.out" $(PKG)
	@go tool cover -func="$(CACHE)/cover.out" | tail -n 1

.PHONY: vuln
vuln: ## look for known vulnerabilities; needs the network
	$(TOOL) govulncheck ./...
