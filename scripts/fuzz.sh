#!/usr/bin/env bash
# Runs every fuzz target of the module for a while: FUZZTIME each, 20s unless set. Stops at the first finding. Packages are those of go
# list, and targets those of their sources, so that none is forgotten. FUZZ is a regular expression of the targets' names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# SQLite, whose C was translated to Go, would take minutes to be compiled with counters, and is not what inputs are found for.
flags=(-gcflags=modernc.org/sqlite/lib=-d=libfuzzer=0 -gcflags=modernc.org/libc/...=-d=libfuzzer=0)

# Asked of the sources, because a list from go test would have each test package built twice.
grep -rlE --include='*_test.go' '^func Fuzz[A-Z]' $(go list -f '{{.Dir}}' ./...) --no-messages | sort -u | while read -r file; do
	sed -nE 's/^func (Fuzz[A-Za-z0-9_]+)\(f \*testing\.F\).*/\1/p' "$file" | { grep -E "${FUZZ:-.}" || true; } | while read -r target; do
		echo "== $(dirname "${file#"$PWD/"}") $target"
		go test "$(dirname "$file")" -run '^$' "${flags[@]}" -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20s}" </dev/null
	done
done
