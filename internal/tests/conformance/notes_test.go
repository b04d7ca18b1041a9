package conformance_test

import (
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// One table for everything that is not about relations: NULLs, text that looks like a pattern, and every common type.

type confNote struct {
	ID    int64
	Title string
	Score *int64
	Note  *string
	Done  bool
	Ratio float64
	At    time.Time
}

type confNoteSum struct {
	Score  *int64
	Number int64 `db:"number,computed"`
}

type confNotes struct {
	notes *dovetail.Table[confNote]
	sums  *dovetail.Table[confNoteSum]
}

func newConfNotes() confNotes {
	r := dovetail.NewRegistry()
	return confNotes{dovetail.NewTable[confNote](r, "conf_notes"), dovetail.NewTable[confNoteSum](r, "conf_notes")}
}

func noteID(n *confNote) int64 { return n.ID }

// noteRows runs a query for notes, in the order of their keys where it has none, and returns these.
func noteRows(t *testing.T, rec *kit.Recorder, q dovetail.Query[*confNote]) []int64 {
	t.Helper()
	rows := kit.All(t, rec, q)
	rec.Expect(t, 1, 1)
	return kit.Pluck(rows, noteID)
}
