package golden_test

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// errorCase is a mistake and the identity of the error it gives; the text is in testdata/errors.
type errorCase struct {
	name string
	make func(ctx context.Context) error
	is   []error // all of them
	as   string  // the type: "relation", "query" or "scan"

	says []string // what the text must hold, whatever else it says
	not  []string // what it must not hold, because it would mislead
}

// saying returns the case with what its text must hold.
func (c errorCase) saying(parts ...string) errorCase {
	c.says = parts
	return c
}

// without returns the case with what its text must not hold.
func (c errorCase) without(parts ...string) errorCase {
	c.not = parts
	return c
}

func errorCases() []errorCase {
	var all []errorCase
	for _, cases := range [][]errorCase{
		declarationErrorCases(), fieldErrorCases(), tableErrorCases(), lateErrorCases(),
		pathErrorCases(), conditionErrorCases(), clauseErrorCases(), valueErrorCases(), preloadErrorCases(),
		callErrorCases(), resultErrorCases(), loadsErrorCases(),
		linkErrorCases(), schemaErrorCases(), linkingErrorCases(),
		fetchErrorCases(),
		treeErrorCases(),
		followErrorCases(),
		pageErrorCases(),
		sourceErrorCases(),
		writeErrorCases(),
		ruleErrorCases(), morphErrorCases(), ruleQueryErrorCases(), scopeErrorCases(),
		deleteErrorCases(),
		aroundErrorCases(),
	} {
		all = append(all, cases...)
	}
	return all
}

// failed is a case of a query that cannot be compiled for PostgreSQL.
func failed(name string, is error, q renderable) errorCase {
	return errorCase{name: name, is: []error{is}, as: "query", make: func(context.Context) error {
		_, _, err := q.SQL(postgres.Dialect)
		return err
	}}
}

func TestGoldenErrors(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range errorCases() {
		if seen[c.name] {
			t.Fatalf("two cases are named %q", c.name)
		}
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.make(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			kit.CheckErrorText(t, err)
			checkErrorIdentity(t, c, err)
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("does not say %q: %v", part, err)
				}
			}
			for _, part := range c.not {
				if strings.Contains(err.Error(), part) {
					t.Errorf("says %q, which misleads: %v", part, err)
				}
			}
			if t.Failed() {
				return // a text that is wrong is not written down
			}
			compareGolden(t, filepath.Join("testdata", "errors", c.name+".golden"), withoutLines(err.Error())+"\n")
		})
	}
	if len(seen) < 100 {
		t.Errorf("expected 100 cases or more, got %d", len(seen))
	}
}

var sourceLine = regexp.MustCompile(`golden_errors_\w+_test\.go:\d+`)

// withoutLines makes the text independent of where in these files a declaration stands.
func withoutLines(text string) string { return sourceLine.ReplaceAllString(text, "models.go:12") }

func checkErrorIdentity(t *testing.T, c errorCase, err error) {
	t.Helper()
	if len(c.is) == 0 && c.as != "scan" {
		t.Error("the case names no identity; only a row that does not fit has none but its type")
	}
	for _, is := range c.is {
		if !errors.Is(err, is) {
			t.Errorf("is not %q: %v", is, err)
		}
	}
	var relation *dovetail.RelationError
	var query *dovetail.QueryError
	var scan *dovetail.ScanError
	types := map[string]bool{"relation": errors.As(err, &relation), "query": errors.As(err, &query),
		"scan": errors.As(err, &scan)}
	if !types[c.as] {
		t.Errorf("is no %s error: %T", c.as, err)
	}
}

// TestEverySentinelHasAGoldenError finds an exported identity that no case has.
func TestEverySentinelHasAGoldenError(t *testing.T) {
	t.Parallel()
	for _, sentinel := range []error{
		dovetail.ErrUnknownTable, dovetail.ErrUnknownRelation, dovetail.ErrUnknownColumn, dovetail.ErrAmbiguous,
		dovetail.ErrInvalidRelation, dovetail.ErrFrozen, dovetail.ErrFanOut, dovetail.ErrArgCount, dovetail.ErrArgType,
		dovetail.ErrInvalidQuery, dovetail.ErrUnsupported, dovetail.ErrNoRows, dovetail.ErrTooManyRows,
		dovetail.ErrMissingWhere, dovetail.ErrRestricted, dovetail.ErrStale, dovetail.ErrInvalidRow,
	} {
		found := false
		for _, c := range errorCases() {
			for _, is := range c.is {
				found = found || is == sentinel //nolint:errorlint // the very identity is meant
			}
		}
		if !found {
			t.Errorf("no case is %q", sentinel)
		}
	}
}

// TestASentinelNeverMatchesAnother keeps errors.Is from answering yes to everything.
func TestASentinelNeverMatchesAnother(t *testing.T) {
	t.Parallel()
	_, _, err := dovetail.Select(models.Accounts).Join("activites").SQL(postgres.Dialect)
	for _, other := range []error{
		dovetail.ErrUnknownTable, dovetail.ErrUnknownColumn, dovetail.ErrAmbiguous, dovetail.ErrInvalidRelation,
		dovetail.ErrFrozen, dovetail.ErrFanOut, dovetail.ErrArgCount, dovetail.ErrNoRows, dovetail.ErrTooManyRows,
	} {
		if errors.Is(err, other) {
			t.Errorf("%v is %q", err, other)
		}
	}
}
