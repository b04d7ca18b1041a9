//go:build race

package sqlite_test

// manyKeys is small because SQLite in Go is a hundred times slower under the race detector.
const manyKeys = 5_000
