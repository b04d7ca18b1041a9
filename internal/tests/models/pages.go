package models

import (
	"fmt"

	"github.com/dovetail-go/dovetail"
)

// The models of the paging tests: things in a box, perhaps on a shelf, with any number of marks.

type PageThing struct {
	ID      int64
	Name    string
	Rank    *int64
	Note    *string
	BoxID   int64
	ShelfID *int64
	Box     *pageBox
	Shelf   *pageShelf
	Marks   []*pageMark
}

type pageBox struct {
	ID     int64
	Label  string
	Things []*PageThing
}

type pageShelf struct {
	ID    int64
	Label string
	Level *int64
}

type pageMark struct {
	ID      int64
	ThingID int64
}

var (
	pages       = dovetail.NewRegistry()
	PageThings  = dovetail.NewTable[PageThing](pages, "things")
	PageBoxes   = dovetail.NewTable[pageBox](pages, "boxes")
	PageShelves = dovetail.NewTable[pageShelf](pages, "shelves")
	pageMarks   = dovetail.NewTable[pageMark](pages, "marks")
	_           = dovetail.BelongsTo(PageThings, "box", PageBoxes, dovetail.ForeignKey("box_id"), dovetail.Inverse("things"))
	_           = dovetail.BelongsTo(PageThings, "shelf", PageShelves, dovetail.ForeignKey("shelf_id"))
	_           = dovetail.HasMany(PageThings, "marks", pageMarks, dovetail.ForeignKey("thing_id"))
)

const PageDDL = `
CREATE TABLE boxes (id BIGINT PRIMARY KEY, label TEXT NOT NULL);
CREATE TABLE shelves (id BIGINT PRIMARY KEY, label TEXT NOT NULL, level BIGINT);
CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT NOT NULL, rank BIGINT, note TEXT,
  box_id BIGINT NOT NULL REFERENCES boxes (id), shelf_id BIGINT REFERENCES shelves (id));
CREATE TABLE marks (id BIGINT PRIMARY KEY, thing_id BIGINT NOT NULL REFERENCES things (id));
INSERT INTO boxes (id, label) VALUES (1, 'b'), (2, 'a'), (3, 'b');
INSERT INTO shelves (id, label, level) VALUES (1, 'x', NULL), (2, 'x', 1), (3, 'w', 1);
`

// ManyThings is the text that makes n things, named by a tenth of their ids, in two boxes.
func ManyThings(n int) string {
	return PageDDL + fmt.Sprintf(`
INSERT INTO things (id, name, rank, note, box_id, shelf_id)
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
  SELECT i, 'n' || i / 10, CASE WHEN i %% 3 > 0 THEN i %% 7 END, NULL, 1 + i %% 2, CASE WHEN i %% 2 > 0 THEN 1 + i %% 3 END FROM n;`, n)
}
