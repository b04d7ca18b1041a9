package writes_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// The tables of writes, with notes that are about rows of several tables, two of which share a struct.

type mAccount struct {
	ID      int64
	Owner   string
	Balance int64
}

type mActivity struct {
	ID        int64
	AccountID int64
	Kind      string
	Amount    int64
	Account   *mAccount
	Notes     []*mNote
}

type mNamed struct {
	ID   int64
	Name string
}

type mNote struct {
	ID       int64
	ItemType string
	ItemID   int64
	Body     string
	Item     any
	Activity *mActivity
}

var (
	mSchema     = dovetail.NewRegistry()
	mAccounts   = dovetail.NewTable[mAccount](mSchema, "accounts")
	mActivities = dovetail.NewTable[mActivity](mSchema, "activity")
	mTags       = dovetail.NewTable[mNamed](mSchema, "tags")
	mStudents   = dovetail.NewTable[mNamed](mSchema, "students")
	mNotes      = dovetail.NewTable[mNote](mSchema, "notes")

	_ = dovetail.BelongsTo(mActivities, "account", mAccounts, dovetail.ForeignKey("account_id"))
	_ = dovetail.MorphMany(mActivities, "notes", mNotes, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("activity"),
		dovetail.Inverse("activity"))
	mNoteItem = dovetail.MorphTo(mNotes, "item", dovetail.MorphKey("item_type", "item_id"), dovetail.MorphType("activity", mActivities),
		dovetail.MorphType("tag", mTags), dovetail.MorphType("student", mStudents))
)

// TestInsertOfRowsAboutOthers: a row that is in a field for rows of several tables gives its holder the type and the key, whether
// it is inserted too or there already.
func TestInsertOfRowsAboutOthers(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		ann := &mAccount{Owner: "Ann"}
		act := &mActivity{Kind: "DEP", Amount: 1, Account: ann}
		one, two := &mNote{Body: "one", Item: act}, &mNote{Body: "two", Item: &mNamed{Name: "red"}, ItemType: "tag"}
		three := &mNote{Body: "three", Item: act}
		kit.Insert(t, db, dovetail.Insert(mNotes, one, two, three).With("item.account"))
		db.Expect(t, 2+2+1, 3) // accounts and tags; activities and what is about tags; what is about activities
		written.ExpectDump(t, d, "accounts 1 Ann 0", "activity 1 1 DEP 1", "tags 1 red",
			"notes 1 tag 1 two", "notes 2 activity 1 one", "notes 3 activity 1 three")

		// What is not named is not inserted, and points nevertheless.
		four, five := &mNote{Body: "four", Item: act}, &mNote{Body: "five", Activity: act}
		kit.Insert(t, db, dovetail.Insert(mNotes, four, five))
		db.Expect(t, 1, 1)
		if four.ItemType != "activity" || four.ItemID != act.ID || five.ItemType != "activity" || five.ItemID != act.ID {
			t.Errorf("expected notes about the activity, got %+v and %+v", four, five)
		}
		both := &mNote{Body: "both", Item: &mActivity{AccountID: 1, Kind: "WD", Amount: 7}}
		both.Activity = both.Item.(*mActivity)
		kit.Insert(t, db, dovetail.Insert(mNotes, both).With("item", "activity").Only("item.kind", "item.account_id", "item.amount"))
		db.Expect(t, 2, 2)
		if both.ItemID != 2 || both.Activity.ID != 2 {
			t.Errorf("expected one activity and its note, got %+v", both)
		}
	})
}

// TestInsertAboutTablesOfOneStruct: where the struct does not say which table a row is of, the type column does.
func TestInsertAboutTablesOfOneStruct(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		sue, red := &mNamed{ID: 8, Name: "Sue"}, &mNamed{ID: 9, Name: "red"}
		kit.Insert(t, d.DB, dovetail.Insert(mNotes, &mNote{ItemType: "student", Item: sue}, &mNote{ItemType: "tag", Item: red}).With("item"))
		kit.Insert(t, d.DB, dovetail.Insert(mNotes, &mNote{ItemType: "student", Body: "again", Item: sue}))
		written.ExpectDump(t, d, "tags 9 red", "students 8 Sue", "notes 1 student 8 ", "notes 2 tag 9 ", "notes 3 student 8 again")
	})
}

func TestInsertRefusesWhatItIsAbout(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		for name, test := range map[string]struct {
			note  *mNote
			paths []string
			is    error
			says  string
		}{
			"of no table":          {&mNote{Item: &mNote{}}, nil, dovetail.ErrInvalidRow, "holds a value of type writes_test.mNote"},
			"not a pointer":        {&mNote{Item: mActivity{ID: 1}}, nil, dovetail.ErrInvalidRow, "set it to a *mActivity"},
			"of two tables":        {&mNote{Item: &mNamed{ID: 1}}, nil, dovetail.ErrInvalidRow, `say which in column "item_type"`},
			"of another type":      {&mNote{ItemType: "tag", Item: &mActivity{ID: 1}}, nil, dovetail.ErrInvalidRow, "belongs to another table"},
			"of another type, too": {&mNote{ItemType: "tag", Activity: &mActivity{ID: 1}}, nil, dovetail.ErrInvalidRow, "belongs to another table"},
			"of another key":       {&mNote{ItemID: 2, Item: &mActivity{ID: 1}}, nil, dovetail.ErrInvalidRow, "points at another row"},
			"two at once":          {&mNote{Item: &mActivity{ID: 1}, Activity: &mActivity{ID: 2}}, nil, dovetail.ErrInvalidRow, "another row"},
			"not there yet":        {&mNote{Item: &mActivity{}}, nil, dovetail.ErrInvalidRow, "name the relation in With"},
			"about nothing":        {&mNote{}, nil, dovetail.ErrInvalidRow, `column "item_type" of a row of "notes" has no value`},
			"about an empty field": {&mNote{Item: (*mActivity)(nil)}, nil, dovetail.ErrInvalidRow, "leads nowhere"},
			"of an unknown type":   {&mNote{ItemType: "car", ItemID: 1}, nil, dovetail.ErrInvalidRow, `give it one of "activity", "tag", "student"`},
			"unknown behind":       {&mNote{}, []string{"item.nothing"}, dovetail.ErrUnknownRelation, `"notes.item" leads to has a relation "nothing"`},
		} {
			err := dovetail.Insert(mNotes, test.note).With(test.paths...).Exec(t.Context(), db)
			if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: expected %v with %q, got %v", name, test.is, test.says, err)
			}
		}
		db.Expect(t, 0, 0)
		written.ExpectDump(t, d)
		for name, err := range map[string]error{
			"save":   dovetail.Save(t.Context(), db, mNotes, &mNote{ID: 1, ItemType: "car"}, "item_type"),
			"upsert": dovetail.Upsert(mNotes, &mNote{ID: 1, ItemType: "car"}).OnConflict("id").Exec(t.Context(), db),
			"update": func() error {
				_, err := dovetail.Update(mNotes).Set("item_type", "").All().Exec(t.Context(), db)
				return err
			}(),
		} {
			if err == nil || !strings.Contains(err.Error(), `give it one of "activity", "tag", "student"`) {
				t.Errorf("%s: expected the type to be refused, got %v", name, err)
			}
		}
		db.Expect(t, 0, 0)
		if err := mNoteItem.Set(&mNote{}, new(any)); !errors.Is(err, dovetail.ErrUnknownRelation) {
			t.Errorf("expected members of one table alone, got %v", err)
		}
	})
}
