package golden_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TestLinkBesideATableOfThatName takes the way out that the error for an ambiguous link offers.
func TestLinkBesideATableOfThatName(t *testing.T) {
	t.Parallel()
	const tables = `CREATE TABLE link (id BIGINT PRIMARY KEY); CREATE TABLE sections (id BIGINT PRIMARY KEY, link_id BIGINT);
		CREATE TABLE places (section_id BIGINT, page_id BIGINT, rank BIGINT);
		INSERT INTO link (id) VALUES (1), (2); INSERT INTO sections (id) VALUES (7);
		INSERT INTO places (section_id, page_id, rank) VALUES (7, 1, 2), (7, 2, 2);`
	kit.OnEach(t, tables, func(t *testing.T, d kit.Database) {
		page, err := errLinkTable().Has("sections", sq.Expr(`self.link.rank > outer.id`)).One(t.Context(), d.DB)
		if err != nil || page.ID != 1 {
			t.Errorf("got %v, %v", page, err)
		}
	})
}
