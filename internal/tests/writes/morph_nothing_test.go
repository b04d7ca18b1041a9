package writes_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

type (
	mnBox  struct{ ID int64 }
	mnNote struct {
		ID       int64
		ItemType string
		ItemID   *int64
		Body     string
	}
)

// TestANoteOfNothingIsLinkedByEveryCall: a row whose type says one thing and whose id is NULL points at nothing, and may be given an owner of
// another type, in hand as in the database.
func TestANoteOfNothingIsLinkedByEveryCall(t *testing.T) {
	t.Parallel()
	const ddl = `CREATE TABLE mn_boxes (id BIGINT PRIMARY KEY); CREATE TABLE mn_bags (id BIGINT PRIMARY KEY);
		CREATE TABLE mn_notes (id BIGINT PRIMARY KEY, item_type TEXT NOT NULL, item_id BIGINT, body TEXT NOT NULL);
		INSERT INTO mn_boxes VALUES (1); INSERT INTO mn_bags VALUES (1); INSERT INTO mn_notes VALUES (1, 'bag', NULL, 'a')`
	r := dovetail.NewRegistry()
	boxes := dovetail.NewTable[mnBox](r, "mn_boxes", dovetail.AssignedKey())
	notes := dovetail.NewTable[mnNote](r, "mn_notes", dovetail.AssignedKey())
	notesOf := dovetail.MorphMany(boxes, "notes", notes, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("box"))
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		ctx, box := t.Context(), &mnBox{1}
		for name, call := range map[string]func(*mnNote) error{
			"link":    func(n *mnNote) error { _, err := notesOf.Link(ctx, d.DB, box, n); return err },
			"move":    func(n *mnNote) error { _, err := notesOf.Move(ctx, d.DB, box, n); return err },
			"replace": func(n *mnNote) error { _, err := notesOf.Replace(ctx, d.DB, box, n); return err },
			"sync":    func(n *mnNote) error { _, err := notesOf.Sync(ctx, d.DB, box, n); return err },
		} {
			d.Exec(t, "UPDATE mn_notes SET item_type = 'bag', item_id = NULL")
			note := &mnNote{ID: 1, ItemType: "bag", Body: "a"}
			if err := call(note); err != nil || note.ItemType != "box" || note.ItemID == nil {
				t.Errorf("%s: expected the note to be the box's, got %+v, %v", name, note, err)
			}
			people.ExpectLines(t, d, "SELECT item_type || ' ' || item_id FROM mn_notes", "box 1")
		}
		two := int64(2)
		_, err := notesOf.Sync(ctx, d.DB, box, &mnNote{ID: 1, ItemType: "bag", ItemID: &two})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "item_id", "another owner")
	})
}
