#!/usr/bin/env bash
# Checks everything that needs no test: formatting, go vet, staticcheck and go.mod, in every module of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Whether a difference is an error to gofmt itself depends on its version.
if ! diff="$(gofmt -d .)" || [ -n "$diff" ]; then
	printf '%s\n' "$diff"
	echo "lint: gofmt would change this; run gofmt -w ." >&2
	exit 1
fi
find . -name go.mod -not -path '*/testdata/*' | sort | while read -r mod; do
	(
		cd "$(dirname "$mod")"
		echo "== $(go list -m): go vet, go mod tidy -diff, staticcheck"
		go vet ./...
		go mod tidy -diff
		go run "$staticcheck" ./...
	) </dev/null
done
