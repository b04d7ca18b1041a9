package compile_test

import (
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestTextOfManyPlaceholders: what is known of a text is found once, not again for each of its placeholders, which took minutes of 50,000.
func TestTextOfManyPlaceholders(t *testing.T) {
	t.Parallel()
	const n = 50_000
	args := make([]any, n)
	for i := range args {
		args[i] = int64(i)
	}
	list := strings.Repeat("?, ", n-1) + "?"
	for _, text := range []string{"id IN (" + list + ")", "coalesce(id, " + list + ") = 3", "(id = ?" + strings.Repeat(" OR id = ?", n-1) + ")"} {
		_, sent, err := dovetail.Select(models.Accounts).Where(text, args...).SQL(sqlite.Dialect)
		if err != nil || len(sent) != n {
			t.Errorf("%.20s…: expected %d arguments, got %d, %v", text, n, len(sent), err)
		}
	}
}
