#!/usr/bin/env bash
# Runs every fuzz target of the module for a while: FUZZTIME each, 30s unless set. Stops at the first finding.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./... | while read -r package; do
	go test -list '^Fuzz' "$package" </dev/null | { grep '^Fuzz' || true; } | while read -r target; do
		echo "== $package $target"
		go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-30s}" </dev/null
	done
done
