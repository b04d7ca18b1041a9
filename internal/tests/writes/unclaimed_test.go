package writes_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type ucPage struct {
	ID   int64
	Tags []*ucTag
}

type ucTag struct{ ID int64 }

type ucLink struct {
	PageID, TagID int64
	Kind          string
}

type ucNote struct {
	ID     int64
	PageID *int64
	Kind   string
}

const ucDDL = `CREATE TABLE uc_pages (id BIGINT PRIMARY KEY);
CREATE TABLE uc_tags (id BIGINT PRIMARY KEY);
CREATE TABLE uc_links (page_id BIGINT NOT NULL REFERENCES uc_pages (id), tag_id BIGINT NOT NULL REFERENCES uc_tags (id), kind TEXT NOT NULL, PRIMARY KEY (page_id, tag_id, kind));
CREATE TABLE uc_notes (id BIGINT PRIMARY KEY, page_id BIGINT REFERENCES uc_pages (id){does}, kind TEXT NOT NULL);
INSERT INTO uc_pages VALUES (1), (2);
INSERT INTO uc_tags VALUES (1), (2);
INSERT INTO uc_links VALUES (1, 1, 'y'), (2, 1, 'y'), (2, 2, 'z'), (2, 1, 'z');`

// TestImpactCountsRowsOfNoRelation deletes pages whose links and notes have kinds that the relations along their keys are not about.
func TestImpactCountsRowsOfNoRelation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		does    string // the database, along the key of notes
		notes   string
		policy  dovetail.DeletePolicy // of the notes of kind y
		effects []string              // of page 2: relation, policy, deleted, nulled, blocking, pointing
		refused bool
	}{
		"links": {"", "", dovetail.SetNull, []string{" no policy 1 0 0 0", "uc_pages.tags CASCADE 1 0 0 0", "uc_pages.tags NO ACTION 0 0 2 0",
			"uc_pages.notes SET NULL 0 0 0 0", "uc_pages.notes NO ACTION 0 0 0 0"}, true},
		"notes": {"", "DELETE FROM uc_links WHERE kind = 'z'; INSERT INTO uc_notes VALUES (1, 2, 'y'), (2, 2, 'x'), (3, NULL, 'x'), (4, 1, 'x')", dovetail.SetNull,
			[]string{" no policy 1 0 0 0", "uc_pages.tags CASCADE 1 0 0 0", "uc_pages.tags NO ACTION 0 0 0 0", "uc_pages.notes SET NULL 0 1 0 0",
				"uc_pages.notes NO ACTION 0 0 1 0"}, true},
		"left to the database": {" ON DELETE CASCADE", "DELETE FROM uc_links WHERE kind = 'z'; INSERT INTO uc_notes VALUES (1, 2, 'y'), (2, 2, 'x')", dovetail.ByDatabase,
			[]string{" no policy 1 0 0 0", "uc_pages.tags CASCADE 1 0 0 0", "uc_pages.tags NO ACTION 0 0 0 0", "uc_pages.notes BY DATABASE 0 0 0 1",
				"uc_pages.notes BY DATABASE 0 0 0 1"}, false},
		"none": {"", "DELETE FROM uc_links WHERE kind = 'z'; INSERT INTO uc_notes VALUES (1, 2, 'y')", dovetail.Cascade,
			[]string{" no policy 1 0 0 0", "uc_pages.tags CASCADE 1 0 0 0", "uc_pages.tags NO ACTION 0 0 0 0", "uc_pages.notes CASCADE 1 0 0 0",
				"uc_pages.notes NO ACTION 0 0 0 0"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dovetail.NewRegistry()
			pages, tags := dovetail.NewTable[ucPage](r, "uc_pages"), dovetail.NewTable[ucTag](r, "uc_tags")
			links := dovetail.NewTable[ucLink](r, "uc_links", dovetail.PrimaryKey("page_id", "tag_id", "kind"))
			dovetail.ManyToMany(pages, "tags", tags, links, dovetail.ThroughKeys("page_id", "tag_id"), dovetail.Where(sq.Eq{"link.kind": "y"}))
			dovetail.HasMany(pages, "notes", dovetail.NewTable[ucNote](r, "uc_notes"), dovetail.ForeignKey("page_id"), dovetail.Where(sq.Eq{"kind": "y"}),
				dovetail.OnDelete(test.policy))
			kit.OnEach(t, strings.ReplaceAll(ucDDL, "{does}", test.does)+test.notes, func(t *testing.T, d kit.Database) {
				del := dovetail.Delete(pages).Where(sq.Eq{"id": 2})
				var got []string
				for _, e := range kit.Must[[]dovetail.Effect](t)(del.Impact(t.Context(), d.DB)) {
					got = append(got, fmt.Sprint(e.Relation, " ", e.Policy, " ", e.Deleted, " ", e.Nulled, " ", e.Blocking, " ", e.Pointing))
				}
				if !slices.Equal(got, test.effects) {
					t.Errorf("expected\n%q\ngot\n%q", test.effects, got)
				}
				_, err := del.Exec(t.Context(), d.DB)
				var refused *dovetail.ConstraintError
				if errors.As(err, &refused) != test.refused || err != nil && !test.refused {
					t.Errorf("expected refused %v, got %v", test.refused, err)
				}
			})
		})
	}
}
