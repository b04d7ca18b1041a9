package writes_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// TestInsertOfWhatDoesNotFit: what comes back does not fit the struct, and nothing was inserted.
func TestInsertOfWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	type tag struct {
		ID   int8
		Name string
	}
	tags := dovetail.NewTable[tag](dovetail.NewRegistry(), "tags")
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		kit.Insert(t, d.DB, dovetail.Insert(written.Tags, &written.Tag{ID: 127, Name: "last"}))
		if d.Postgres() {
			d.Exec(t, "ALTER TABLE tags ALTER id RESTART WITH 128")
		}
		row := &tag{Name: "large"}
		err := d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error { // else the caller's transaction is aborted
			return dovetail.Insert(tags, row).Exec(t.Context(), tx)
		})
		var failed *dovetail.ScanError
		if !errors.As(err, &failed) || failed.Column != "tags.id" || row.ID != 0 {
			t.Errorf("expected the key not to fit, got %v", err)
		}
		written.ExpectDump(t, d, "tags 127 last")
	})
}

func TestInsertGraph(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		red, blue := &written.Tag{Name: "red"}, &written.Tag{Name: "blue"}
		a := &written.Account{Owner: "Ann", Activities: []*written.Activity{
			{Kind: "DEP", Amount: 10, Tags: []*written.Tag{red, blue}}, {Kind: "WD", Amount: 4, Tags: []*written.Tag{red}},
		}}
		b := &written.Account{Owner: "Bob", Balance: 5, Activities: []*written.Activity{{Kind: "DEP", Amount: 1}}}
		kit.Insert(t, db, dovetail.Insert(written.Accounts, a, b).With("activities", "activities.tags"))
		written.ExpectDump(t, d,
			"accounts 1 Ann 7", "accounts 2 Bob 5",
			"activity 1 1 DEP 10", "activity 2 1 WD 4", "activity 3 2 DEP 1",
			"tags 1 red", "tags 2 blue",
			"activity_tags 1 1", "activity_tags 1 2", "activity_tags 2 1")
		// Accounts and tags need nothing; the two accounts leave different columns to the database.
		if db.Txs != 1 {
			t.Errorf("expected one transaction, got %d", db.Txs)
		}
		db.Expect(t, 2+1+1+1, 3)
		if a.ID != 1 || a.Balance != 7 || a.CreatedAt.IsZero() || a.Activities[1].ID != 2 || a.Activities[1].AccountID != 1 ||
			a.Activities[0].Doubled != 20 || red.ID != 1 || b.Activities[0].AccountID != 2 {
			t.Errorf("expected what the database made: %+v, %+v, %+v", a, a.Activities[1], red)
		}
	})
}

func TestInsertOnlyWhatIsNamed(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		act := &written.Activity{Kind: "DEP", Amount: 10, Tags: []*written.Tag{{Name: "red"}}}
		a := &written.Account{Owner: "Ann", Activities: []*written.Activity{act}}
		kit.Insert(t, db, dovetail.Insert(written.Accounts, a))
		if db.Txs != 1 {
			t.Error("expected a transaction: what is read back may not fit")
		}
		db.Expect(t, 1, 1)
		written.ExpectDump(t, d, "accounts 1 Ann 7")
		if act.ID != 0 || act.AccountID != 0 {
			t.Errorf("expected what is not named to be left alone, got %+v", act)
		}

		// A row that is there already is pointed at from its field, and is not written.
		act.Account = a
		a.Owner = "changed"
		kit.Insert(t, db, dovetail.Insert(written.Activities, act))
		written.ExpectDump(t, d, "accounts 1 Ann 7", "activity 1 1 DEP 10")

		db.Expect(t, 1, 1)
		kit.Insert(t, db, dovetail.Insert[written.Account](written.Accounts), dovetail.Insert[written.Account](written.Accounts).With("activities"))
		db.Expect(t, 0, 0)
		kit.Insert(t, db, dovetail.Insert(written.Tags, &written.Tag{Name: "red"}))
		if alone := db.Txs == 0; alone != d.Postgres() { // where a key is never NULL
			t.Errorf("expected one statement, on PostgreSQL without a transaction, got %d", db.Txs)
		}
		db.Expect(t, 1, 1)
	})
}

func TestInsertFromTheOtherSide(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ann := &written.Account{Owner: "Ann"}
		one, two := &written.Activity{Kind: "DEP", Amount: 1, Account: ann}, &written.Activity{Kind: "DEP", Amount: 2, Account: ann}
		kit.Insert(t, d.DB, dovetail.Insert(written.Activities, one, two).With("account"))
		written.ExpectDump(t, d, "accounts 1 Ann 7", "activity 1 1 DEP 1", "activity 2 1 DEP 2")

		// Both sides at once are one row and one key.
		bob := &written.Account{Owner: "Bob"}
		three := &written.Activity{Kind: "WD", Amount: 3, Account: bob}
		bob.Activities = []*written.Activity{three}
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, bob).With("activities.account"))
		written.ExpectDump(t, d, "accounts 1 Ann 7", "accounts 2 Bob 7", "activity 1 1 DEP 1", "activity 2 1 DEP 2", "activity 3 2 WD 3")
	})
}

func TestInsertLinks(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		art, bio := &written.Course{Title: "Art"}, &written.Course{Title: "Bio"}
		s := &written.Student{Name: "Sue", Courses: []dovetail.Linked[written.Course, written.Enrollment]{
			{Row: art, Link: &written.Enrollment{}}, {Row: bio},
		}}
		s.Courses[0].Link.Grade.Int64, s.Courses[0].Link.Grade.Valid = 5, true
		kit.Insert(t, db, dovetail.Insert(written.Students, s).With("courses"))
		db.Expect(t, 3, 2)
		written.ExpectDump(t, d, "students 1 Sue", "courses 1 Art", "courses 2 Bio", "enrollments 1 1 5", "enrollments 1 2 NULL")
		if s.Courses[1].Link == nil || s.Courses[1].Link.CourseID != bio.ID {
			t.Errorf("expected the link that was made, got %+v", s.Courses[1].Link)
		}

		// Rows that are there are linked and not inserted.
		tom := &written.Student{Name: "Tom", Courses: []dovetail.Linked[written.Course, written.Enrollment]{{Row: bio}}}
		kit.Insert(t, db, dovetail.Insert(written.Students, tom).WithLinks("courses"))
		written.ExpectDump(t, d, "students 1 Sue", "students 2 Tom", "courses 1 Art", "courses 2 Bio", "enrollments 1 1 5", "enrollments 1 2 NULL",
			"enrollments 2 2 NULL")

		// Both ends of one relation make one link.
		ed, chem := &written.Student{Name: "Ed"}, &written.Course{Title: "Chem"}
		ed.Courses = []dovetail.Linked[written.Course, written.Enrollment]{{Row: chem}}
		chem.Students = []*written.Student{ed}
		kit.Insert(t, db, dovetail.Insert(written.Students, ed).With("courses.students"))
		written.ExpectDump(t, d, "students 1 Sue", "students 2 Tom", "students 3 Ed", "courses 1 Art", "courses 2 Bio", "courses 3 Chem",
			"enrollments 1 1 5", "enrollments 1 2 NULL", "enrollments 2 2 NULL", "enrollments 3 3 NULL")
	})
}

// TestInsertLinksNewAndKnownRows links rows that have a key, which are not written, and inserts those that have none, each once.
func TestInsertLinksNewAndKnownRows(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		art := &written.Course{Title: "Art"}
		kit.Insert(t, db, dovetail.Insert(written.Courses, art))
		db.Expect(t, 1, 1)
		bio, art := &written.Course{Title: "Bio"}, &written.Course{ID: art.ID, Title: "not written"}
		sue := &written.Student{Name: "Sue", Courses: []dovetail.Linked[written.Course, written.Enrollment]{{Row: bio}, written.Graded(art, 5)}}
		tom := &written.Student{Name: "Tom", Courses: []dovetail.Linked[written.Course, written.Enrollment]{written.Graded(bio, 3)}}
		kit.Insert(t, db, dovetail.Insert(written.Students, sue, tom).WithLinks("courses"))
		db.Expect(t, 3, 2)
		if bio.ID != 2 || sue.Courses[0].Link.CourseID != bio.ID {
			t.Errorf("expected keys, got %+v, %+v", bio, sue.Courses[0].Link)
		}
		written.ExpectDump(t, d, "students 1 Sue", "students 2 Tom", "courses 1 Art", "courses 2 Bio", "enrollments 1 1 5", "enrollments 1 2 NULL",
			"enrollments 2 2 3")

		// What is refused is undone, and structs are as they were.
		chem := &written.Course{Title: "Chem"}
		ed := &written.Student{Name: "Ed", Courses: []dovetail.Linked[written.Course, written.Enrollment]{{Row: chem}, {Row: art}, {Row: art}}}
		err := dovetail.Insert(written.Students, ed).WithLinks("courses").Exec(t.Context(), d.DB)
		var refused *dovetail.ConstraintError
		if !errors.As(err, &refused) || ed.ID != 0 || chem.ID != 0 || ed.Courses[0].Link != nil {
			t.Errorf("expected structs as they were, got %+v, %+v, %v", ed, chem, err)
		}
		written.ExpectDumpOf(t, d, "courses", "courses 1 Art", "courses 2 Bio")
	})
}

func TestInsertKeysOfAllKinds(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		sue := &written.Student{Name: "Sue", Pass: &written.Pass{ID: uuid.New()}}
		kit.Insert(t, d.DB, dovetail.Insert(written.Students, sue).With("pass"))
		if sue.Pass.StudentID == nil || *sue.Pass.StudentID != sue.ID {
			t.Errorf("expected the pass to point at its student, got %+v", sue.Pass)
		}
		o := &written.Order{Region: "eu", Number: 7, Lines: []*written.Line{{No: 1, Item: "pen"}, {No: 2, Item: "ink"}}}
		kit.Insert(t, d.DB, dovetail.Insert(written.Orders, o).With("lines"))
		act := &written.Activity{Kind: "DEP", Amount: 1, Account: &written.Account{Owner: "Ann"}, Notes: []written.Note{{Body: "n1"}, {Body: "n2"}}}
		kit.Insert(t, d.DB, dovetail.Insert(written.Activities, act).With("account", "notes"))
		if got := written.Dump(t, d, "orders", "lines", "notes"); got != "orders eu 7\nlines eu 7 1 pen\nlines eu 7 2 ink\n"+
			"notes 1 activity 1 n1\nnotes 2 activity 1 n2\n" {
			t.Errorf("got\n%s", got)
		}
		if act.Notes[1].ID != 2 || act.Notes[1].ItemType != "activity" {
			t.Errorf("expected rows held by value to be filled, got %+v", act.Notes)
		}
	})
}

func TestTrap_O2_RowsThatNeedEachOther(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		ann := &written.Employee{Name: "Ann", Reports: []*written.Employee{{Name: "Bob", Reports: []*written.Employee{{Name: "Cat"}}}, {Name: "Dan"}}}
		kit.Insert(t, db, dovetail.Insert(written.Employees, ann).With("reports.reports"))
		db.Expect(t, 3, 3)
		written.ExpectDump(t, d, "employees 1 Ann NULL NULL", "employees 2 Bob 1 NULL", "employees 3 Dan 1 NULL", "employees 4 Cat 2 NULL")

		// A team needs its lead; the lead, who is a member, is told of the team afterwards. One is his own boss.
		eve := &written.Employee{Name: "Eve"}
		eve.Boss = eve
		team := &written.Team{Name: "T", Lead: eve, Members: []*written.Employee{eve, {Name: "Fay"}}}
		db = d.Record()
		kit.Insert(t, db, dovetail.Insert(written.Teams, team).With("lead.boss", "members"))
		db.Expect(t, 1+1+1+2, 4)
		if got := written.Dump(t, d, "employees", "teams"); !strings.HasSuffix(got, "employees 5 Eve 5 1\nemployees 6 Fay NULL 1\nteams 1 T 5\n") {
			t.Errorf("got\n%s", got)
		}
		if eve.TeamID == nil || *eve.TeamID != team.ID || eve.BossID == nil || *eve.BossID != eve.ID {
			t.Errorf("expected the keys that were set afterwards, got %+v", eve)
		}

		hen, egg := &written.Hen{}, &written.Egg{}
		hen.Egg, egg.Hen = egg, hen
		before := written.Dump(t, d)
		err := dovetail.Insert(written.Hens, hen).With("egg.hen").Exec(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrCycle, `"hens" -> "eggs" -> "hens"`)
		if got := written.Dump(t, d); got != before || hen.EggID != 0 || egg.HenID != 0 {
			t.Errorf("expected nothing to have changed, got\n%s", got)
		}
	})
}

func TestInsertManyRows(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		const n = 2345
		accounts := make([]*written.Account, n)
		for i := range accounts {
			accounts[i] = &written.Account{Owner: string(rune('a'+i%26)) + strings.Repeat("x", i/26), Activities: []*written.Activity{{Kind: "DEP", Amount: int64(i)}}}
		}
		db := d.Record()
		kit.Insert(t, db, dovetail.Insert(written.Accounts, accounts...).With("activities"))
		statements := 2 * (2 + 1 + 1 + 1) // 1024 twice, 256, 32 and 9
		if d.Postgres() {
			statements = 2 + db.Lookups() // as arrays
		}
		db.Expect(t, statements, 2+db.Lookups())
		for i, a := range accounts {
			if a.ID != int64(i+1) || a.Activities[0].ID != int64(i+1) || a.Activities[0].AccountID != a.ID || a.Activities[0].Doubled != int64(2*i) {
				t.Fatalf("row %d: %+v, %+v", i, a, a.Activities[0])
			}
		}
	})
}

func TestTrap_O6_ZeroIsToldFromWhatIsNotSet(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		zero, omitted := &written.Account{Owner: "zero"}, &written.Account{Owner: "omitted", Balance: 3}
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, zero).Only("owner", "balance"))
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, omitted).Omit("balance"))
		given := &written.Account{ID: 50, Owner: "given", Balance: 3, Activities: []*written.Activity{{Kind: "DEP", Amount: 9, ID: 8}}}
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, given).Only("owner").With("activities").Only("activities.kind", "activities.amount"))
		written.ExpectDump(t, d, "accounts 1 zero 0", "accounts 2 omitted 7", "accounts 50 given 7", "activity 8 50 DEP 9")
		if omitted.Balance != 7 || given.Balance != 7 {
			t.Errorf("expected what the database made, got %d and %d", omitted.Balance, given.Balance)
		}
	})
}

func TestTrap_O7_RowOfAnotherOwnerIsRefused(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		for what, try := range map[string]func() error{
			"an activity of another account": func() error {
				return dovetail.Insert(written.Accounts, &written.Account{Owner: "a", Activities: []*written.Activity{{AccountID: 9, Kind: "DEP"}}}).
					With("activities").Exec(t.Context(), db)
			},
			"one activity of two accounts": func() error {
				act := &written.Activity{Kind: "DEP"}
				return dovetail.Insert(written.Accounts, &written.Account{ID: 1, Owner: "a", Activities: []*written.Activity{act}},
					&written.Account{ID: 2, Owner: "b", Activities: []*written.Activity{act}}).With("activities").Exec(t.Context(), db)
			},
			"a pointer to a row without a key": func() error {
				return dovetail.Insert(written.Activities, &written.Activity{Kind: "DEP", Account: &written.Account{Owner: "a"}}).Exec(t.Context(), db)
			},
			"a nil row": func() error { return dovetail.Insert(written.Accounts, nil, &written.Account{}).Exec(t.Context(), db) },
			"a note of another kind": func() error {
				return dovetail.Insert(written.Activities, &written.Activity{AccountID: 1, Kind: "DEP", Notes: []written.Note{{ItemType: "tag"}}}).With("notes").
					Exec(t.Context(), db)
			},
		} {
			err := try()
			if !errors.Is(err, dovetail.ErrInvalidRow) {
				t.Errorf("%s: expected ErrInvalidRow, got %v", what, err)
			}
		}
		db.Expect(t, 0, 0)
		written.ExpectDump(t, d)
	})
}

func TestInsertConstraints(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, &written.Account{Owner: "Ann"}))
		for _, test := range []struct {
			name string
			kind dovetail.ConstraintKind
			path string
			run  func(ctx context.Context, db dovetail.DB) error
		}{
			{"unique", dovetail.UniqueConstraint, "", func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Insert(written.Accounts, &written.Account{Owner: "Ann"}).Exec(ctx, db)
			}},
			{"check", dovetail.CheckConstraint, "", func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Insert(written.Activities, &written.Activity{AccountID: 1, Kind: "?"}).Exec(ctx, db)
			}},
			{"foreign key", dovetail.ForeignKeyConstraint, "activity.account", func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Insert(written.Activities, &written.Activity{AccountID: 99, Kind: "DEP"}).Exec(ctx, db)
			}},
			{"unique below", dovetail.UniqueConstraint, "", func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Insert(written.Activities, &written.Activity{Kind: "DEP", Account: &written.Account{Owner: "Ann"}}).With("account").Exec(ctx, db)
			}},
		} {
			if strings.HasSuffix(d.Name, "/tx") {
				d.Exec(t, "SAVEPOINT constraints")
			}
			err := test.run(t.Context(), d.DB)
			if strings.HasSuffix(d.Name, "/tx") {
				d.Exec(t, "ROLLBACK TO SAVEPOINT constraints")
			}
			var refused *dovetail.ConstraintError
			if !errors.As(err, &refused) {
				t.Errorf("%s: expected a ConstraintError, got %v", test.name, err)
				continue
			}
			if refused.Kind != test.kind || refused.Path != test.path || refused.Table == "" {
				t.Errorf("%s: got %+v", test.name, refused)
			}
			var inner *dialect.StatementError
			if !errors.As(err, &inner) {
				t.Errorf("%s: the database's error is not in the chain of %v", test.name, err)
			}
		}
		written.ExpectDump(t, d, "accounts 1 Ann 7")
	})
}

func TestRowsOfValues(t *testing.T) {
	t.Parallel()
	var doc []map[string]any
	err := json.Unmarshal([]byte(`[{"owner": "Ann", "balance": 50, "created_at": "2024-02-29T12:30:00Z"}, {"owner": "Bob"}]`), &doc)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := dovetail.Rows(written.Accounts, doc...)
	if err != nil || len(rows) != 2 || rows[0].Balance != 50 || rows[0].CreatedAt.Day() != 29 || rows[1].Owner != "Bob" {
		t.Fatalf("expected the rows, got %+v, %v", rows, err)
	}
	employees, err := dovetail.Rows(written.Employees, map[string]any{"name": "Eve", "boss_id": 7, "team_id": nil})
	if err != nil || *employees[0].BossID != 7 || employees[0].TeamID != nil {
		t.Fatalf("expected the row, got %+v, %v", employees, err)
	}
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		rows, err := dovetail.Rows(written.Accounts, doc...)
		if err != nil {
			t.Fatal(err)
		}
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, rows...))
		written.ExpectDump(t, d, "accounts 1 Ann 50", "accounts 2 Bob 7")
	})
	for what, test := range map[string]struct {
		values map[string]any
		is     error
		words  string
	}{
		"no column":  {map[string]any{"ownr": "x"}, dovetail.ErrUnknownColumn, `did you mean "owner"`},
		"a relation": {map[string]any{"activities": "x"}, dovetail.ErrUnknownColumn, "is a relation"},
		"a fraction": {map[string]any{"balance": 1.5}, dovetail.ErrArgType, `row 1: column "balance"`},
		"text":       {map[string]any{"balance": "much"}, dovetail.ErrArgType, "int64"},
		"NULL":       {map[string]any{"owner": nil}, dovetail.ErrArgType, "NULL"},
		"no time":    {map[string]any{"created_at": "soon"}, dovetail.ErrArgType, "created_at"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			rows, err := dovetail.Rows(written.Accounts, test.values)
			kit.Refused(t, err, test.is, "make rows of accounts", test.words)
			if rows != nil || strings.Contains(err.Error(), "much") || strings.Contains(err.Error(), "soon") {
				t.Errorf("expected no rows, and no value in %v", err)
			}
		})
	}
	_, err = dovetail.Rows[written.Account](nil, nil)
	kit.Refused(t, err, dovetail.ErrUnknownTable, "NewTable")
}

// failAt is a database whose k-th statement fails after it was sent.
type failAt struct {
	dovetail.DB
	left *int
}

var errPlanned = errors.New("planned failure")

func (f *failAt) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	return f.DB.Run(ctx, stmts, func(i int, rows dialect.Rows) error {
		if *f.left--; *f.left == 0 {
			return errPlanned
		}
		return each(i, rows)
	})
}

func (f *failAt) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	return f.DB.InTx(ctx, opts, func(tx dialect.DB) error {
		if err := do(&failAt{tx, f.left}); err != nil {
			return err
		}
		if *f.left--; *f.left == 0 {
			return errPlanned // just before the commit
		}
		return nil
	})
}

// TestInsertInTheOrderOfKeys: rows whose keys are given go in their order, whatever order they are given in; others in that.
func TestInsertInTheOrderOfKeys(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		eu := &written.Order{Region: "eu", Number: 10, Lines: []*written.Line{{No: 2, Item: "b"}, {No: 10, Item: "c"}, {No: 1, Item: "a"}}}
		kit.Insert(t, db, dovetail.Insert(written.Orders, eu, &written.Order{Region: "eu", Number: 9}).With("lines"))
		var sent []any
		for _, s := range db.Stmts {
			sent = append(sent, s.Args...)
		}
		if got := fmt.Sprint(sent); got != "[eu 9 eu 10 eu 10 1 a eu 10 2 b eu 10 10 c]" {
			t.Errorf("expected the order of the keys, got %s", got)
		}
		db.Expect(t, 2, 2)
		red, blue := &written.Tag{Name: "red"}, &written.Tag{Name: "blue"}
		kit.Insert(t, db, dovetail.Insert(written.Tags, red, blue))
		if red.ID != 1 || blue.ID != 2 {
			t.Errorf("expected the numbers in the order of the rows, got %d and %d", red.ID, blue.ID)
		}
	})
}

// TestInsertThatFailsTakesLinksBack: links that were made for the rows are taken out of the fields again, and those that were
// given have the keys they had.
func TestInsertThatFailsTakesLinksBack(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		for k := 1; ; k++ {
			sue := &written.Student{Name: "Sue", Courses: []dovetail.Linked[written.Course, written.Enrollment]{
				{Row: &written.Course{Title: "Art"}}, {Row: &written.Course{Title: "Bio"}, Link: &written.Enrollment{}},
			}}
			left := k
			err := dovetail.Insert(written.Students, sue).With("courses").Exec(t.Context(), &failAt{d.DB, &left})
			made, given := sue.Courses[0].Link, sue.Courses[1].Link
			if left > 0 {
				if err != nil || made == nil || *made != (written.Enrollment{StudentID: 1, CourseID: 1}) || given.CourseID != 2 || k != 5 {
					t.Fatalf("failure %d: %v, %+v, %+v", k, err, made, given)
				}
				return
			}
			if !errors.Is(err, errPlanned) || made != nil || *given != (written.Enrollment{}) {
				t.Fatalf("failure %d: %v, %+v, %+v", k, err, made, given)
			}
			if d.Postgres() { // numbers that were drawn are gone
				d.Exec(t, "ALTER TABLE students ALTER id RESTART; ALTER TABLE courses ALTER id RESTART")
			}
		}
	})
}

// TestTrap_O27_FailureAtAnyStatementLeavesNothing: whatever fails, the tables and the structs are as before.
func TestTrap_O27_FailureAtAnyStatementLeavesNothing(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, &written.Account{Owner: "there"}))
		before := written.Dump(t, d)
		for k := 1; ; k++ {
			eve := &written.Employee{Name: "Eve"}
			team := &written.Team{Name: "T", Lead: eve, Members: []*written.Employee{eve, {Name: "Fay", Reports: []*written.Employee{{Name: "Gil"}}}}}
			left := k
			err := dovetail.Insert(written.Teams, team).With("lead", "members.reports").Exec(t.Context(), &failAt{d.DB, &left})
			if left > 0 {
				if err != nil || k < 6 {
					t.Fatalf("failure %d: %v", k, err)
				}
				return
			}
			if !errors.Is(err, errPlanned) {
				t.Fatalf("failure %d: expected the planned one, got %v", k, err)
			}
			if got := written.Dump(t, d); got != before {
				t.Fatalf("failure %d: the tables changed:\n%s", k, got)
			}
			gil := team.Members[1].Reports[0]
			if team.ID != 0 || team.LeadID != 0 || eve.ID != 0 || eve.TeamID != nil || gil.ID != 0 || gil.BossID != nil {
				t.Fatalf("failure %d: the structs changed: %+v, %+v, %+v", k, team, eve, gil)
			}
		}
	})
}
