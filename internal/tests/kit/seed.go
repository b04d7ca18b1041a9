package kit

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// seedName is the variable that makes random tests do the same again: a gate has to say the same of the same commit twice.
const seedName = "DOVETAIL_TEST_SEED"

// Seed returns what a random test begins with: the number in DOVETAIL_TEST_SEED or, without it, a new one. A test that fails
// shows it.
func Seed(tb testing.TB) uint64 {
	tb.Helper()
	seed := Number(tb, seedName, rand.Uint64())
	tb.Logf("%s=%d", seedName, seed)
	return seed
}

// Number reads a number from the environment.
func Number(tb testing.TB, name string, otherwise uint64) uint64 {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return n
}

// seedRapid has rapid begin with the seed of the environment, if the package uses rapid and there is one. The flag of the
// command line comes after it.
func seedRapid() error {
	seed := os.Getenv(seedName)
	if seed == "" || flag.Lookup("rapid.seed") == nil {
		return nil
	}
	if err := flag.Set("rapid.seed", seed); err != nil {
		return fmt.Errorf("%s: %w", seedName, err)
	}
	return nil
}
