# What contributors and CI run. The work is in scripts/ and in internal/dbtest/serve.

PACKAGES ?= ./...
FLAGS ?=
SERVE = go run ./internal/dbtest/serve
# The same suite with other flags: required databases, one server for all packages, a summary by database.
SUITE = DOVETAIL_TEST_REQUIRE=postgres,sqlite$${CI:+,pgbouncer,standby} $(SERVE) -tests -- go test -json -count=1 -timeout 30m -tags dovetail_verify
# The race detector looks at all code that was written in Go. SQLite, whose C was translated to Go, and the C library it
# calls would be a hundred times slower under it; what they share between threads is memory of their own. Without inlining
# the packages of tests, with their hundreds of types, are built in half the time.
RACE = -race -gcflags=-l -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false

.PHONY: help test conformance full safe differential faults load race golden fuzz mutants bench bench-quick benchmarks lint cover test-image

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z-]+: .*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## run all tests, databases included, setting up what they need (PACKAGES=./... FLAGS=)
	@scripts/setup.sh postgres pooler standby
	@$(SUITE) $(FLAGS) $(PACKAGES)
	@scripts/modules.sh go test -count=1 -timeout 5m ./...

conformance: ## run what each kind of server must pass (DOVETAIL_TEST_RUNG=docker, binary or dsn)
	@scripts/setup.sh postgres pooler standby
	@$(SUITE) $(FLAGS) ./internal/dbtest ./dialect/postgres ./internal/tests/conformance/... ./internal/tests/golden

full: ## run the random queries and the faults as many as they are without the race detector
	@scripts/setup.sh postgres pooler standby
	@$(SUITE) $(FLAGS) ./internal/tests/oracle ./internal/tests/faults

safe: ## run the tests that go through most memory as the build tag dovetail_safe has it, without unsafe
	@scripts/setup.sh postgres pooler standby
	@$(SUITE) -tags dovetail_verify,dovetail_safe $(FLAGS) ./internal/structs ./internal/tests/conformance/... ./internal/tests/golden \
		./internal/tests/reads ./internal/tests/writes

differential: ## hold 100,000 random queries and 1,000 random writes of each kind against oracles, with a new seed (FLAGS='-run Delete')
	@scripts/setup.sh postgres pooler standby
	@DOVETAIL_ORACLE_CASES=100000 $(SUITE) -timeout 4h $(FLAGS) ./internal/tests/oracle -rapid.checks=1000

race: ## run all tests under the race detector
	@scripts/setup.sh compiler postgres pooler standby
	@$(SUITE) $(RACE) $(FLAGS) $(PACKAGES)
	@scripts/modules.sh go test -race -count=1 -timeout 5m ./...

golden: ## rewrite the golden files
	go test ./internal/tests/golden -run Golden -update

faults: ## break connections, servers and contexts, at every FAULTS_STEP-th byte (default 5; 1 takes more than an hour)
	@scripts/setup.sh postgres pooler standby
	@DOVETAIL_FAULTS_STEP=$${FAULTS_STEP:-5} $(SUITE) -v -timeout 4h $(FLAGS) ./internal/tests/faults

load: ## keep pools of 1, 4 and 16 connections, and SQLite, under load for LOAD_SECONDS each (default 120)
	@scripts/setup.sh postgres
	@DOVETAIL_LOAD_SECONDS=$${LOAD_SECONDS:-120} $(SERVE) -- go test -count=1 -v -timeout 12h $(FLAGS) ./internal/tests/faults -run 'TestLoad$$'

fuzz: ## run every fuzz target (FUZZTIME=20s each, FUZZ=Names)
	@scripts/setup.sh postgres
	@$(SERVE) -- scripts/fuzz.sh

mutants: ## plant each fault of testdata/mutants.txt and want a test to find it (FLAGS='-run fetch')
	@scripts/setup.sh postgres
	@$(SERVE) -- go run ./internal/mutants $(FLAGS)

bench: ## compare with hand-written pgx and other libraries on all workloads (FLAGS='-only W3,W5 -rounds 9', -live, -delay 1ms)
	@scripts/setup.sh postgres
	@$(SERVE) -- sh -c 'cd bench && DATABASE_URL="$$DOVETAIL_TEST_POSTGRES" go run . -contenders all -rounds 15 -for 100ms $(FLAGS)'

bench-quick: ## compare dovetail alone with hand-written pgx (FLAGS as above, -contenders GORM,Bun, -sqlite, -plot delay.svg)
	@scripts/setup.sh postgres
	@$(SERVE) -- sh -c 'cd bench && DATABASE_URL="$$DOVETAIL_TEST_POSTGRES" go run . $(FLAGS)'

benchmarks: ## run the packages' own benchmarks (FLAGS='-bench Scan')
	@scripts/setup.sh postgres
	@$(SERVE) -- go test -run '^$$' -bench . -benchmem $(FLAGS) $(PACKAGES)

lint: ## check formatting, go vet, staticcheck and go.mod
	@scripts/lint.sh

cover: ## run all tests and print the coverage of each function (coverage.out)
	@scripts/setup.sh postgres pooler standby
	@$(SUITE) -coverprofile=coverage.out -coverpkg=./... $(FLAGS) $(PACKAGES)
	@go tool cover -func=coverage.out

test-image: ## build the PostgreSQL image for the Docker rung from Debian packages (FORCE=1 rebuilds)
	@scripts/test-image.sh
