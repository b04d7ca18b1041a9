package writes_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

// Positions in unique keys that reach past the rows of an owner.

type pastList struct {
	ID    int64
	Tags  []dovetail.Linked[posTag, pastLink]
	Items []*pastItem
}

type pastLink struct {
	PastListID, TagID int64
	Pos               int16
	Shelf             string
	Slot              int64
	Gone              bool
}

type pastItem struct {
	ID, PastListID int64
	Pos            int16
	Shelf          string
	Slot           int64
	Gone           bool
}

// pastDDL has lists 1 and 2 whose rows have places of their own in all of the table, and on a shelf. What list 2 has, and a row of list 1 that is
// marked as gone, is beyond what list 1 shows.
const pastDDL = `
CREATE TABLE past_lists (id BIGINT PRIMARY KEY);
INSERT INTO past_lists VALUES (1), (2);
CREATE TABLE pos_tags (id BIGINT PRIMARY KEY);
INSERT INTO pos_tags VALUES (1), (2), (3), (4);
CREATE TABLE past_links (past_list_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, pos SMALLINT NOT NULL UNIQUE, shelf TEXT NOT NULL, slot BIGINT NOT NULL,
  gone BOOLEAN NOT NULL, PRIMARY KEY (past_list_id, tag_id), UNIQUE (shelf, slot), CHECK (slot > 0));
INSERT INTO past_links VALUES (1, 1, 1, 'a', 1, FALSE), (1, 2, 2, 'a', 2, FALSE), (1, 3, 5, 'a', 3, TRUE), (2, 1, 3, 'a', 4, FALSE),
  (2, 2, 4, 'b', 4, FALSE);
CREATE TABLE past_items (id BIGINT PRIMARY KEY, past_list_id BIGINT NOT NULL, pos SMALLINT NOT NULL UNIQUE, shelf TEXT NOT NULL, slot BIGINT NOT NULL,
  gone BOOLEAN NOT NULL, UNIQUE (shelf, slot), CHECK (slot > 0));
INSERT INTO past_items SELECT 10 * past_list_id + tag_id, past_list_id, pos, shelf, slot, gone FROM past_links;
`

type pastTables struct {
	links *dovetail.ToMany[*pastList, *posTag]
	items *dovetail.ToMany[*pastList, *pastItem]
}

func newPastTables(keys ...dovetail.TableOption) pastTables {
	r := dovetail.NewRegistry()
	options := append(keys, dovetail.SoftDelete("gone"))
	lists, tags := dovetail.NewTable[pastList](r, "past_lists"), dovetail.NewTable[posTag](r, "pos_tags")
	links := dovetail.NewTable[pastLink](r, "past_links", append(options, dovetail.PrimaryKey("past_list_id", "tag_id"))...)
	items := dovetail.NewTable[pastItem](r, "past_items", append(options, dovetail.AssignedKey())...)
	return pastTables{
		dovetail.ManyToMany(lists, "tags", tags, links, dovetail.ThroughKeys("past_list_id", "tag_id"), dovetail.OnDelete(dovetail.Cascade)),
		dovetail.HasMany(lists, "items", items, dovetail.ForeignKey("past_list_id"), dovetail.DeleteOrphans()),
	}
}

// exchange gives rows 1 and 2 of list 1 each other's places, as links and as items.
func (p pastTables) exchange(t *testing.T, db dovetail.DB, first, second pastLink) [2]error {
	t.Helper()
	var errs [2]error
	in := func(tag int64, l pastLink) dovetail.Linked[posTag, pastLink] {
		return dovetail.Linked[posTag, pastLink]{Row: &posTag{ID: tag}, Link: &l}
	}
	item := func(id int64, l pastLink) *pastItem {
		return &pastItem{ID: id, PastListID: 1, Pos: l.Pos, Shelf: l.Shelf, Slot: l.Slot}
	}
	_, errs[0] = dovetail.ReplaceWith(t.Context(), db, p.links, &pastList{ID: 1}, in(1, first), in(2, second))
	_, errs[1] = p.items.Sync(t.Context(), db, &pastList{ID: 1}, item(11, first), item(12, second))
	return errs
}

// TestPositionsPastTheOwner exchanges places in keys that rows of others are in too, and rows that nobody sees: the number in between is
// beyond all of theirs.
func TestPositionsPastTheOwner(t *testing.T) {
	t.Parallel()
	both := []dovetail.TableOption{dovetail.Unique("pos"), dovetail.Unique("shelf", "slot")}
	for name, test := range map[string]struct {
		before        string // as % the table
		first, second pastLink
	}{
		"all of the table":       {"", pastLink{Pos: 2, Shelf: "a", Slot: 1}, pastLink{Pos: 1, Shelf: "a", Slot: 2}},
		"a shelf":                {"", pastLink{Pos: 1, Shelf: "a", Slot: 2}, pastLink{Pos: 2, Shelf: "a", Slot: 1}},
		"both":                   {"", pastLink{Pos: 2, Shelf: "a", Slot: 2}, pastLink{Pos: 1, Shelf: "a", Slot: 1}},
		"below, where above":     {"UPDATE %s SET pos = 32767 WHERE pos = 4", pastLink{Pos: 2, Shelf: "a", Slot: 1}, pastLink{Pos: 1, Shelf: "a", Slot: 2}},
		"on a shelf that is new": {"", pastLink{Pos: 2, Shelf: "c", Slot: 2}, pastLink{Pos: 1, Shelf: "c", Slot: 1}},
	} {
		for declared, tables := range map[string]pastTables{"declared": newPastTables(both...), "half": newPastTables(both[0]), "learned": newPastTables()} {
			t.Run(name+"/"+declared, func(t *testing.T) {
				t.Parallel()
				kit.OnEach(t, pastDDL, func(t *testing.T, d kit.Database) {
					if test.before != "" {
						for _, table := range []string{"past_links", "past_items"} {
							d.Exec(t, fmt.Sprintf(test.before, table))
						}
					}
					for _, err := range tables.exchange(t, d.DB, test.first, test.second) {
						kit.NoError(t, err)
					}
					want := []string{test.first.place(), test.second.place()}
					slices.Sort(want)
					for _, table := range []string{"past_links WHERE past_list_id = 1 AND tag_id", "past_items WHERE id - 10"} {
						people.ExpectLines(t, d, "SELECT CAST(pos AS TEXT) || shelf || CAST(slot AS TEXT) FROM "+table+" IN (1, 2) ORDER BY 1", want...)
					}
				})
			})
		}
	}
}

func (l pastLink) place() string { return fmt.Sprint(l.Pos, l.Shelf, l.Slot) }

// TestPositionsWithoutANumberLeft refuses to exchange places where the field has no number that nobody holds on either side.
func TestPositionsWithoutANumberLeft(t *testing.T) {
	t.Parallel()
	tables := newPastTables(dovetail.Unique("pos"))
	kit.OnEach(t, pastDDL, func(t *testing.T, d kit.Database) {
		for _, table := range []string{"past_links", "past_items"} {
			d.Exec(t, "UPDATE "+table+" SET pos = 32767 WHERE pos = 4; UPDATE "+table+" SET pos = -32768 WHERE pos = 3")
		}
		for _, err := range tables.exchange(t, d.DB, pastLink{Pos: 2, Shelf: "a", Slot: 1}, pastLink{Pos: 1, Shelf: "a", Slot: 2}) {
			kit.Refused(t, err, dovetail.ErrInvalidRow, `column "pos" has no number left`)
		}
	})
}

// TestPositionsThatACheckKeepsWithin says what is refused, where a CHECK allows no place but those that there are.
func TestPositionsThatACheckKeepsWithin(t *testing.T) {
	t.Parallel()
	within := strings.ReplaceAll(pastDDL, "CHECK (slot > 0)", "CHECK (slot > 0 AND pos <= 5)")
	for declared, tables := range map[string]pastTables{"declared": newPastTables(dovetail.Unique("pos")), "learned": newPastTables()} {
		t.Run(declared, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, within, func(t *testing.T, d kit.Database) {
				for _, err := range tables.exchange(t, d.DB, pastLink{Pos: 2, Shelf: "a", Slot: 1}, pastLink{Pos: 1, Shelf: "a", Slot: 2}) {
					var refused *dovetail.ConstraintError
					if !errors.As(err, &refused) || refused.Kind != dovetail.CheckConstraint || !strings.Contains(err.Error(), "have it allow such a number, make the column one that can be NULL") {
						t.Errorf("expected the CHECK and the way on, got %v", err)
					}
				}
				people.ExpectLines(t, d, "SELECT CAST(pos AS TEXT) FROM past_links WHERE past_list_id = 1 AND tag_id IN (1, 2) ORDER BY tag_id", "1", "2")
				for _, err := range tables.exchange(t, d.DB, pastLink{Pos: 6, Shelf: "a", Slot: 1}, pastLink{Pos: 2, Shelf: "a", Slot: 2}) {
					if err == nil || strings.Contains(err.Error(), "exchange") {
						t.Errorf("expected the CHECK alone, got %v", err)
					}
				}
			})
		})
	}
}
