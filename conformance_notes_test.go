package dovetail_test

import (
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
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

const notesDDL = `
CREATE TABLE conf_notes (id BIGINT PRIMARY KEY, title TEXT NOT NULL, score BIGINT, note TEXT,
  done BOOLEAN NOT NULL, ratio DOUBLE PRECISION NOT NULL, at TIMESTAMP NOT NULL);
INSERT INTO conf_notes (id, title, score, note, done, ratio, at) VALUES
  (1, 'Apple', 10, 'plain', TRUE, 0.5, '2024-01-01 00:00:00+00:00'),
  (2, 'apple pie', 20, NULL, FALSE, 1.5, '2024-02-01 00:00:00+00:00'),
  (3, 'Banana', NULL, '100%', FALSE, 2.5, '2024-03-01 00:00:00+00:00'),
  (4, 'cherry_x', 30, 'a_b', TRUE, 0, '2024-04-01 00:00:00+00:00'),
  (5, 'Date', 20, 'why?', FALSE, -1, '2024-05-01 00:00:00+00:00'),
  (6, 'Élan', NULL, NULL, TRUE, 9.25, '2024-06-01 00:00:00+00:00');
`

func noteID(n *confNote) int64 { return n.ID }

// noteRows runs a query for notes, in the order of their keys where it has none, and returns these.
func noteRows(t *testing.T, rec *recorder, q dovetail.Query[confNote]) []int64 {
	t.Helper()
	rows := confAll(t, rec, q)
	rec.expect(t, 1, 1)
	return confPluck(rows, noteID)
}
