package dovetail_test

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
)

// insert inserts, or fails the test.
func insert[T any](t *testing.T, db dovetail.DB, insertions ...dovetail.Insertion[T]) {
	t.Helper()
	for _, i := range insertions {
		if err := i.Exec(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInsertOfWhatDoesNotFit: what comes back does not fit the struct, and nothing was inserted.
func TestInsertOfWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	type tag struct {
		ID   int8
		Name string
	}
	tags := dovetail.NewTable[tag](dovetail.NewRegistry(), "tags")
	onWrites(t, func(t *testing.T, d database) {
		insert(t, d.db, dovetail.Insert(wTags, &wTag{ID: 127, Name: "last"}))
		if d.postgres() {
			d.exec(t, "ALTER TABLE tags ALTER id RESTART WITH 128")
		}
		row := &tag{Name: "large"}
		err := dovetail.Insert(tags, row).Exec(t.Context(), d.db)
		var failed *dovetail.ScanError
		if !errors.As(err, &failed) || failed.Column != "tags.id" || row.ID != 0 {
			t.Errorf("expected the key not to fit, got %v", err)
		}
		expectDump(t, d, "tags 127 last")
	})
}

func TestInsertGraph(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		db := d.record()
		red, blue := &wTag{Name: "red"}, &wTag{Name: "blue"}
		a := &wAccount{Owner: "Ann", Activities: []*wActivity{
			{Kind: "DEP", Amount: 10, Tags: []*wTag{red, blue}}, {Kind: "WD", Amount: 4, Tags: []*wTag{red}},
		}}
		b := &wAccount{Owner: "Bob", Balance: 5, Activities: []*wActivity{{Kind: "DEP", Amount: 1}, nil}}
		insert(t, db, dovetail.Insert(wAccounts, a, b).With("activities", "activities.tags"))
		expectDump(t, d,
			"accounts 1 Ann 7", "accounts 2 Bob 5",
			"activity 1 1 DEP 10", "activity 2 1 WD 4", "activity 3 2 DEP 1",
			"tags 1 red", "tags 2 blue",
			"activity_tags 1 1", "activity_tags 1 2", "activity_tags 2 1")
		// Accounts and tags need nothing; the two accounts leave different columns to the database.
		if db.txs != 1 {
			t.Errorf("expected one transaction, got %d", db.txs)
		}
		db.expect(t, 2+1+1+1, 3)
		if a.ID != 1 || a.Balance != 7 || a.CreatedAt.IsZero() || a.Activities[1].ID != 2 || a.Activities[1].AccountID != 1 ||
			a.Activities[0].Doubled != 20 || red.ID != 1 || b.Activities[0].AccountID != 2 {
			t.Errorf("expected what the database made: %+v, %+v, %+v", a, a.Activities[1], red)
		}
	})
}

func TestInsertOnlyWhatIsNamed(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		db := d.record()
		act := &wActivity{Kind: "DEP", Amount: 10, Tags: []*wTag{{Name: "red"}}}
		a := &wAccount{Owner: "Ann", Activities: []*wActivity{act}}
		insert(t, db, dovetail.Insert(wAccounts, a))
		if db.txs != 1 {
			t.Error("expected a transaction: what is read back may not fit")
		}
		db.expect(t, 1, 1)
		expectDump(t, d, "accounts 1 Ann 7")
		if act.ID != 0 || act.AccountID != 0 {
			t.Errorf("expected what is not named to be left alone, got %+v", act)
		}

		// A row that is there already is pointed at from its field, and is not written.
		act.Account = a
		a.Owner = "changed"
		insert(t, db, dovetail.Insert(wActivities, act))
		expectDump(t, d, "accounts 1 Ann 7", "activity 1 1 DEP 10")

		db.expect(t, 1, 1)
		insert(t, db, dovetail.Insert[wAccount](wAccounts), dovetail.Insert[wAccount](wAccounts).With("activities"))
		db.expect(t, 0, 0)
		insert(t, db, dovetail.Insert(wTags, &wTag{Name: "red"}))
		if db.txs != 0 {
			t.Error("expected one statement without a transaction")
		}
		db.expect(t, 1, 1)
	})
}

func TestInsertFromTheOtherSide(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		ann := &wAccount{Owner: "Ann"}
		one, two := &wActivity{Kind: "DEP", Amount: 1, Account: ann}, &wActivity{Kind: "DEP", Amount: 2, Account: ann}
		insert(t, d.db, dovetail.Insert(wActivities, one, two).With("account"))
		expectDump(t, d, "accounts 1 Ann 7", "activity 1 1 DEP 1", "activity 2 1 DEP 2")

		// Both sides at once are one row and one key.
		bob := &wAccount{Owner: "Bob"}
		three := &wActivity{Kind: "WD", Amount: 3, Account: bob}
		bob.Activities = []*wActivity{three}
		insert(t, d.db, dovetail.Insert(wAccounts, bob).With("activities.account"))
		expectDump(t, d, "accounts 1 Ann 7", "accounts 2 Bob 7", "activity 1 1 DEP 1", "activity 2 1 DEP 2", "activity 3 2 WD 3")
	})
}

func TestInsertLinks(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		db := d.record()
		art, bio := &wCourse{Title: "Art"}, &wCourse{Title: "Bio"}
		s := &wStudent{Name: "Sue", Courses: []dovetail.Linked[wCourse, wEnrollment]{
			{Row: art, Link: &wEnrollment{}}, {Row: bio},
		}}
		s.Courses[0].Link.Grade.Int64, s.Courses[0].Link.Grade.Valid = 5, true
		insert(t, db, dovetail.Insert(wStudents, s).With("courses"))
		db.expect(t, 3, 2)
		expectDump(t, d, "students 1 Sue", "courses 1 Art", "courses 2 Bio", "enrollments 1 1 5", "enrollments 1 2 NULL")
		if s.Courses[1].Link == nil || s.Courses[1].Link.CourseID != bio.ID {
			t.Errorf("expected the link that was made, got %+v", s.Courses[1].Link)
		}

		// Rows that are there are linked and not inserted.
		tom := &wStudent{Name: "Tom", Courses: []dovetail.Linked[wCourse, wEnrollment]{{Row: bio}}}
		insert(t, db, dovetail.Insert(wStudents, tom).WithLinks("courses"))
		expectDump(t, d, "students 1 Sue", "students 2 Tom", "courses 1 Art", "courses 2 Bio", "enrollments 1 1 5", "enrollments 1 2 NULL",
			"enrollments 2 2 NULL")

		// Both ends of one relation make one link.
		ed, chem := &wStudent{Name: "Ed"}, &wCourse{Title: "Chem"}
		ed.Courses = []dovetail.Linked[wCourse, wEnrollment]{{Row: chem}}
		chem.Students = []*wStudent{ed}
		insert(t, db, dovetail.Insert(wStudents, ed).With("courses.students"))
		expectDump(t, d, "students 1 Sue", "students 2 Tom", "students 3 Ed", "courses 1 Art", "courses 2 Bio", "courses 3 Chem",
			"enrollments 1 1 5", "enrollments 1 2 NULL", "enrollments 2 2 NULL", "enrollments 3 3 NULL")
	})
}

func TestInsertKeysOfAllKinds(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		sue := &wStudent{Name: "Sue", Pass: &wPass{ID: uuid.New()}}
		insert(t, d.db, dovetail.Insert(wStudents, sue).With("pass"))
		if sue.Pass.StudentID == nil || *sue.Pass.StudentID != sue.ID {
			t.Errorf("expected the pass to point at its student, got %+v", sue.Pass)
		}
		o := &wOrder{Region: "eu", Number: 7, Lines: []*wLine{{No: 1, Item: "pen"}, {No: 2, Item: "ink"}}}
		insert(t, d.db, dovetail.Insert(wOrders, o).With("lines"))
		act := &wActivity{Kind: "DEP", Amount: 1, Account: &wAccount{Owner: "Ann"}, Notes: []wNote{{Body: "n1"}, {Body: "n2"}}}
		insert(t, d.db, dovetail.Insert(wActivities, act).With("account", "notes"))
		if got := dump(t, d, "orders", "lines", "notes"); got != "orders eu 7\nlines eu 7 1 pen\nlines eu 7 2 ink\n"+
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
	onWrites(t, func(t *testing.T, d database) {
		db := d.record()
		ann := &wEmployee{Name: "Ann", Reports: []*wEmployee{{Name: "Bob", Reports: []*wEmployee{{Name: "Cat"}}}, {Name: "Dan"}}}
		insert(t, db, dovetail.Insert(wEmployees, ann).With("reports.reports"))
		db.expect(t, 3, 3)
		expectDump(t, d, "employees 1 Ann NULL NULL", "employees 2 Bob 1 NULL", "employees 3 Dan 1 NULL", "employees 4 Cat 2 NULL")

		// A team needs its lead; the lead, who is a member, is told of the team afterwards. One is his own boss.
		eve := &wEmployee{Name: "Eve"}
		eve.Boss = eve
		team := &wTeam{Name: "T", Lead: eve, Members: []*wEmployee{eve, {Name: "Fay"}}}
		db = d.record()
		insert(t, db, dovetail.Insert(wTeams, team).With("lead.boss", "members"))
		db.expect(t, 1+1+1+2, 4)
		if got := dump(t, d, "employees", "teams"); !strings.HasSuffix(got, "employees 5 Eve 5 1\nemployees 6 Fay NULL 1\nteams 1 T 5\n") {
			t.Errorf("got\n%s", got)
		}
		if eve.TeamID == nil || *eve.TeamID != team.ID || eve.BossID == nil || *eve.BossID != eve.ID {
			t.Errorf("expected the keys that were set afterwards, got %+v", eve)
		}

		hen, egg := &wHen{}, &wEgg{}
		hen.Egg, egg.Hen = egg, hen
		before := dump(t, d)
		err := dovetail.Insert(wHens, hen).With("egg.hen").Exec(t.Context(), db)
		confRefused(t, err, dovetail.ErrCycle, `"hens" -> "eggs" -> "hens"`)
		if got := dump(t, d); got != before || hen.EggID != 0 || egg.HenID != 0 {
			t.Errorf("expected nothing to have changed, got\n%s", got)
		}
	})
}

func TestInsertManyRows(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		const n = 2345
		accounts := make([]*wAccount, n)
		for i := range accounts {
			accounts[i] = &wAccount{Owner: string(rune('a'+i%26)) + strings.Repeat("x", i/26), Activities: []*wActivity{{Kind: "DEP", Amount: int64(i)}}}
		}
		db := d.record()
		insert(t, db, dovetail.Insert(wAccounts, accounts...).With("activities"))
		db.expect(t, 2*(2+1+1+1), 2) // 1024 twice, 256, 32 and 9
		for i, a := range accounts {
			if a.ID != int64(i+1) || a.Activities[0].ID != int64(i+1) || a.Activities[0].AccountID != a.ID || a.Activities[0].Doubled != int64(2*i) {
				t.Fatalf("row %d: %+v, %+v", i, a, a.Activities[0])
			}
		}
	})
}

func TestTrap_O6_ZeroIsToldFromWhatIsNotSet(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		zero, omitted := &wAccount{Owner: "zero"}, &wAccount{Owner: "omitted", Balance: 3}
		insert(t, d.db, dovetail.Insert(wAccounts, zero).Only("owner", "balance"))
		insert(t, d.db, dovetail.Insert(wAccounts, omitted).Omit("balance"))
		given := &wAccount{ID: 50, Owner: "given", Balance: 3, Activities: []*wActivity{{Kind: "DEP", Amount: 9, ID: 8}}}
		insert(t, d.db, dovetail.Insert(wAccounts, given).Only("owner").With("activities").Only("activities.kind", "activities.amount"))
		expectDump(t, d, "accounts 1 zero 0", "accounts 2 omitted 7", "accounts 50 given 7", "activity 8 50 DEP 9")
		if omitted.Balance != 7 || given.Balance != 7 {
			t.Errorf("expected what the database made, got %d and %d", omitted.Balance, given.Balance)
		}
	})
}

func TestTrap_O7_RowOfAnotherOwnerIsRefused(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		db := d.record()
		for what, try := range map[string]func() error{
			"an activity of another account": func() error {
				return dovetail.Insert(wAccounts, &wAccount{Owner: "a", Activities: []*wActivity{{AccountID: 9, Kind: "DEP"}}}).
					With("activities").Exec(t.Context(), db)
			},
			"one activity of two accounts": func() error {
				act := &wActivity{Kind: "DEP"}
				return dovetail.Insert(wAccounts, &wAccount{ID: 1, Owner: "a", Activities: []*wActivity{act}},
					&wAccount{ID: 2, Owner: "b", Activities: []*wActivity{act}}).With("activities").Exec(t.Context(), db)
			},
			"a pointer to a row without a key": func() error {
				return dovetail.Insert(wActivities, &wActivity{Kind: "DEP", Account: &wAccount{Owner: "a"}}).Exec(t.Context(), db)
			},
			"a nil row": func() error { return dovetail.Insert(wAccounts, nil, &wAccount{}).Exec(t.Context(), db) },
			"a note of another kind": func() error {
				return dovetail.Insert(wActivities, &wActivity{AccountID: 1, Kind: "DEP", Notes: []wNote{{ItemType: "tag"}}}).With("notes").
					Exec(t.Context(), db)
			},
		} {
			err := try()
			if !errors.Is(err, dovetail.ErrInvalidRow) {
				t.Errorf("%s: expected ErrInvalidRow, got %v", what, err)
			}
		}
		db.expect(t, 0, 0)
		expectDump(t, d)
	})
}

func TestInsertConstraints(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		insert(t, d.db, dovetail.Insert(wAccounts, &wAccount{Owner: "Ann"}))
		for _, test := range []struct {
			name string
			kind dovetail.ConstraintKind
			path string
			run  func(ctx context.Context, db dovetail.DB) error
		}{
			{"unique", dovetail.UniqueConstraint, "", func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Insert(wAccounts, &wAccount{Owner: "Ann"}).Exec(ctx, db)
			}},
			{"check", dovetail.CheckConstraint, "", func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Insert(wActivities, &wActivity{AccountID: 1, Kind: "?"}).Exec(ctx, db)
			}},
			{"foreign key", dovetail.ForeignKeyConstraint, "activity.account", func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Insert(wActivities, &wActivity{AccountID: 99, Kind: "DEP"}).Exec(ctx, db)
			}},
			{"unique below", dovetail.UniqueConstraint, "", func(ctx context.Context, db dovetail.DB) error {
				return dovetail.Insert(wActivities, &wActivity{Kind: "DEP", Account: &wAccount{Owner: "Ann"}}).With("account").Exec(ctx, db)
			}},
		} {
			if strings.HasSuffix(d.name, "/tx") {
				d.exec(t, "SAVEPOINT constraints")
			}
			err := test.run(t.Context(), d.db)
			if strings.HasSuffix(d.name, "/tx") {
				d.exec(t, "ROLLBACK TO SAVEPOINT constraints")
			}
			var refused *dovetail.ConstraintError
			if !errors.As(err, &refused) {
				t.Errorf("%s: expected a ConstraintError, got %v", test.name, err)
				continue
			}
			path := test.path
			if !d.postgres() {
				path = "" // it does not say which of the keys along the table failed
			}
			if refused.Kind != test.kind || refused.Path != path || refused.Table == "" {
				t.Errorf("%s: got %+v", test.name, refused)
			}
			var inner *dialect.StatementError
			if !errors.As(err, &inner) {
				t.Errorf("%s: the database's error is not in the chain of %v", test.name, err)
			}
		}
		expectDump(t, d, "accounts 1 Ann 7")
	})
}

func TestRowsOfValues(t *testing.T) {
	t.Parallel()
	var doc []map[string]any
	err := json.Unmarshal([]byte(`[{"owner": "Ann", "balance": 50, "created_at": "2024-02-29T12:30:00Z"}, {"owner": "Bob"}]`), &doc)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := dovetail.Rows(wAccounts, doc...)
	if err != nil || len(rows) != 2 || rows[0].Balance != 50 || rows[0].CreatedAt.Day() != 29 || rows[1].Owner != "Bob" {
		t.Fatalf("expected the rows, got %+v, %v", rows, err)
	}
	employees, err := dovetail.Rows(wEmployees, map[string]any{"name": "Eve", "boss_id": 7, "team_id": nil})
	if err != nil || *employees[0].BossID != 7 || employees[0].TeamID != nil {
		t.Fatalf("expected the row, got %+v, %v", employees, err)
	}
	onWrites(t, func(t *testing.T, d database) {
		rows, err := dovetail.Rows(wAccounts, doc...)
		if err != nil {
			t.Fatal(err)
		}
		insert(t, d.db, dovetail.Insert(wAccounts, rows...))
		expectDump(t, d, "accounts 1 Ann 50", "accounts 2 Bob 7")
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
			rows, err := dovetail.Rows(wAccounts, test.values)
			confRefused(t, err, test.is, "make rows of accounts", test.words)
			if rows != nil || strings.Contains(err.Error(), "much") || strings.Contains(err.Error(), "soon") {
				t.Errorf("expected no rows, and no value in %v", err)
			}
		})
	}
	_, err = dovetail.Rows[wAccount](nil, nil)
	confRefused(t, err, dovetail.ErrUnknownTable, "NewTable")
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
	onWrites(t, func(t *testing.T, d database) {
		db := d.record()
		eu := &wOrder{Region: "eu", Number: 10, Lines: []*wLine{{No: 2, Item: "b"}, {No: 10, Item: "c"}, {No: 1, Item: "a"}}}
		insert(t, db, dovetail.Insert(wOrders, eu, &wOrder{Region: "eu", Number: 9}).With("lines"))
		var sent []any
		for _, s := range db.stmts {
			sent = append(sent, s.Args...)
		}
		if got := fmt.Sprint(sent); got != "[eu 9 eu 10 eu 10 1 a eu 10 2 b eu 10 10 c]" {
			t.Errorf("expected the order of the keys, got %s", got)
		}
		db.expect(t, 2, 2)
		red, blue := &wTag{Name: "red"}, &wTag{Name: "blue"}
		insert(t, db, dovetail.Insert(wTags, red, blue))
		if red.ID != 1 || blue.ID != 2 {
			t.Errorf("expected the numbers in the order of the rows, got %d and %d", red.ID, blue.ID)
		}
	})
}

// TestInsertThatFailsTakesLinksBack: links that were made for the rows are taken out of the fields again, and those that were
// given have the keys they had.
func TestInsertThatFailsTakesLinksBack(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		for k := 1; ; k++ {
			sue := &wStudent{Name: "Sue", Courses: []dovetail.Linked[wCourse, wEnrollment]{
				{Row: &wCourse{Title: "Art"}}, {Row: &wCourse{Title: "Bio"}, Link: &wEnrollment{}},
			}}
			left := k
			err := dovetail.Insert(wStudents, sue).With("courses").Exec(t.Context(), &failAt{d.db, &left})
			made, given := sue.Courses[0].Link, sue.Courses[1].Link
			if left > 0 {
				if err != nil || made == nil || *made != (wEnrollment{StudentID: 1, CourseID: 1}) || given.CourseID != 2 || k != 5 {
					t.Fatalf("failure %d: %v, %+v, %+v", k, err, made, given)
				}
				return
			}
			if !errors.Is(err, errPlanned) || made != nil || *given != (wEnrollment{}) {
				t.Fatalf("failure %d: %v, %+v, %+v", k, err, made, given)
			}
			if d.postgres() { // numbers that were drawn are gone
				d.exec(t, "ALTER TABLE students ALTER id RESTART; ALTER TABLE courses ALTER id RESTART")
			}
		}
	})
}

// TestTrap_O27_FailureAtAnyStatementLeavesNothing: whatever fails, the tables and the structs are as before.
func TestTrap_O27_FailureAtAnyStatementLeavesNothing(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		insert(t, d.db, dovetail.Insert(wAccounts, &wAccount{Owner: "there"}))
		before := dump(t, d)
		for k := 1; ; k++ {
			eve := &wEmployee{Name: "Eve"}
			team := &wTeam{Name: "T", Lead: eve, Members: []*wEmployee{eve, {Name: "Fay", Reports: []*wEmployee{{Name: "Gil"}}}}}
			left := k
			err := dovetail.Insert(wTeams, team).With("lead", "members.reports").Exec(t.Context(), &failAt{d.db, &left})
			if left > 0 {
				if err != nil || k < 6 {
					t.Fatalf("failure %d: %v", k, err)
				}
				return
			}
			if !errors.Is(err, errPlanned) {
				t.Fatalf("failure %d: expected the planned one, got %v", k, err)
			}
			if got := dump(t, d); got != before {
				t.Fatalf("failure %d: the tables changed:\n%s", k, got)
			}
			gil := team.Members[1].Reports[0]
			if team.ID != 0 || team.LeadID != 0 || eve.ID != 0 || eve.TeamID != nil || gil.ID != 0 || gil.BossID != nil {
				t.Fatalf("failure %d: the structs changed: %+v, %+v, %+v", k, team, eve, gil)
			}
		}
	})
}
