//go:build !race

package sqlite_test

// manyKeys is how many keys the tests of long lists send.
const manyKeys = 200_000
