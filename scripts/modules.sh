#!/usr/bin/env bash
# Runs a command in each module of the repository but the root, which "./..." of the root leaves out: those under hooks
# and vet, whose dependencies are not the library's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find hooks vet -name go.mod -not -path '*/testdata/*' | sort | while read -r mod; do
	(
		cd "$(dirname "$mod")"
		"$@"
	) </dev/null
done
