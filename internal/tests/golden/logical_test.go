package golden_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

type looseDoc struct {
	ID    int64
	Title string
	Notes []*looseNote
}

type looseNote struct {
	ID    int64
	DocID int64
	Doc   *looseDoc
}

var (
	looseRegistry = dovetail.NewRegistry()
	looseDocs     = dovetail.NewTable[looseDoc](looseRegistry, "docs")
	looseNotes    = dovetail.NewTable[looseNote](looseRegistry, "notes")

	_ = dovetail.HasMany(looseDocs, "notes", looseNotes, dovetail.ForeignKey("doc_id"), dovetail.Logical(), dovetail.Inverse("doc"))
)

// goldenLogical names rows of which the model says that they are there, and the database does not.
func goldenLogical() []goldenCase {
	docs, notes := dovetail.Select(looseDocs), dovetail.Select(looseNotes)
	return []goldenCase{
		{name: "logical_named", query: notes.Where(sq.Eq{"doc.title": "a"}).OrderBy("doc.title")},
		{name: "logical_joined", query: notes.Join("doc")},
		{name: "logical_fetched", query: notes.Fetch("doc")},
		{name: "logical_below_a_join", query: docs.Join("notes").Where(sq.Eq{"notes.doc.title": "a"}).Distinct()},
	}
}
