package declaring_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Section A, continued: struct types, fields, and the registry itself.

type trapPerson struct {
	ID      int64
	HouseID *int64
	BestID  *int64
	House   *trapHouse
	Best    *trapPerson
	Fans    []*trapPerson
}

type trapHouse struct {
	ID      int64
	OwnerID *int64
	Owner   *trapPerson
	Tenants []trapPerson
}

// trapPeople declares tables whose structs reach themselves and each other, and makes their rows.
func trapPeople() (*dovetail.Table[trapPerson], *dovetail.Table[trapHouse], string) {
	r := dovetail.NewRegistry()
	people, houses := dovetail.NewTable[trapPerson](r, "people"), dovetail.NewTable[trapHouse](r, "houses")
	dovetail.HasMany(houses, "tenants", people, dovetail.ForeignKey("house_id"), dovetail.Inverse("house"))
	dovetail.BelongsTo(houses, "owner", people, dovetail.ForeignKey("owner_id"))
	dovetail.BelongsTo(people, "best", people, dovetail.ForeignKey("best_id"), dovetail.Inverse("fans"))
	return people, houses, `
CREATE TABLE people (id BIGINT PRIMARY KEY, house_id BIGINT, best_id BIGINT);
CREATE TABLE houses (id BIGINT PRIMARY KEY, owner_id BIGINT);
INSERT INTO people (id, house_id, best_id) VALUES (1, 1, 2), (2, 1, 1), (3, NULL, 3);
INSERT INTO houses (id, owner_id) VALUES (1, 3);`
}

// returns fails the test unless f comes back: on types that reach themselves, careless code does not.
func returns(t *testing.T, f func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("expected an answer within 10 seconds")
	}
}

func TestTrap_A9_LoadsTypesThatReachThemselvesAsDeepAsAsked(t *testing.T) {
	t.Parallel()
	people, houses, ddl := trapPeople()
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		returns(t, func() error {
			rows, err := dovetail.Select(people).OrderBy("id").
				Preload("best.best").Preload("house.tenants").All(t.Context(), d.DB)
			if err != nil {
				return err
			}
			// 1 and 2 are each other's best, 3 is its own; the levels are separate rows, and the third is not loaded.
			best := rows[0].Best
			if best.ID != 2 || best.Best.ID != 1 || best.Best.Best != nil || rows[2].Best.Best.ID != 3 {
				t.Errorf("expected 1, 2, 1 and no more, got %+v", best)
			}
			if rows[2].House != nil || len(rows[0].House.Tenants) != 2 || rows[0].House != rows[1].House {
				t.Errorf("expected one house with 2 tenants for 1 and 2, and none for 3, got %+v", rows[0].House)
			}
			if got := rows[0].House.Tenants[0]; got.Fans != nil || got.House != nil || rows[0].House.Owner != nil {
				t.Errorf("expected nothing beyond the paths that were asked for, got %+v", got)
			}
			return nil
		})
		returns(t, func() error {
			rows, err := dovetail.Select(houses).Preload("tenants.house.owner.best").All(t.Context(), d.DB)
			if err != nil {
				return err
			}
			house := rows[0]
			if tenant := house.Tenants[1]; tenant.House != house || house.Owner.Best.ID != 3 || house.Owner.Best.Best != nil {
				t.Errorf("expected the tenant's house to be the house itself, got %+v of %+v", tenant.House, house)
			}
			return nil
		})
		returns(t, func() error {
			// scany cannot map such a type and would not come back.
			_, err := dovetail.Collect[trapPerson](t.Context(), d.DB, dovetail.Select(people))
			kit.Refused(t, err, dovetail.ErrUnsupported, "trapPerson", "reaches itself", `db:"-"`)
			return nil
		})
	})
}

func TestTrap_A10_NeedsTwoDifferentKeysInAJoinTable(t *testing.T) {
	t.Parallel()
	keys := func(owner, related string) dovetail.RelationOption { return dovetail.ThroughKeys(owner, related) }
	cases := []struct {
		name  string
		opts  []dovetail.RelationOption
		words []string
	}{
		{"none", nil, []string{`"enrollments"`, `"students"`, `"courses"`, "ThroughKeys"}},
		{"one", []dovetail.RelationOption{dovetail.ThroughKeys([]string{"student_id"}, []string{})}, []string{"ThroughKeys"}},
		{"one twice", []dovetail.RelationOption{keys("course_id", "course_id")},
			[]string{`"enrollments" needs two different key columns`, `"course_id" twice`}},
		{"one that is not there", []dovetail.RelationOption{keys("student_id", "curse_id")},
			[]string{`"enrollments" has no column "curse_id"`, `did you mean "course_id"?`}},
		{"two that are not there", []dovetail.RelationOption{keys("x", "y")}, []string{`no column "x"`, `no column "y"`}},
		{"a foreign key too",
			[]dovetail.RelationOption{keys("student_id", "course_id"), dovetail.ForeignKey("student_id")},
			[]string{"ForeignKey", "ThroughKeys"}},
		{"too many columns", []dovetail.RelationOption{dovetail.ThroughKeys([]string{"student_id", "grade"}, "course_id")},
			[]string{"(student_id, grade)", "(id)"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := kit.Declared(func(r *dovetail.Registry) {
				students, courses := dovetail.NewTable[models.Student](r, "students"), dovetail.NewTable[models.Course](r, "courses")
				enrollments := dovetail.NewTable[trapEnrollment](r, "enrollments")
				dovetail.ManyToMany(students, "courses", courses, enrollments, append(c.opts, dovetail.Inverse("students"))...)
			})
			kit.Refused(t, err, dovetail.ErrInvalidRelation, append(c.words, `"students.courses"`)...)
		})
	}
}

type trapEnrollment struct {
	StudentID int64
	CourseID  int64
	Grade     *string
}

// shapeError returns the mistake of a table of W that belongs to a boss, or has many bosses.
func shapeError[W any](many bool) error {
	return kit.Declared(func(r *dovetail.Registry) {
		bosses, workers := dovetail.NewTable[models.Boss](r, "bosses"), dovetail.NewTable[W](r, "workers")
		if many {
			dovetail.HasMany(workers, "boss", bosses, dovetail.ForeignKey("id"))
			return
		}
		dovetail.BelongsTo(workers, "boss", bosses, dovetail.ForeignKey("boss_id"))
	})
}

func TestTrap_A11_SaysWhatARelationFieldMustBe(t *testing.T) {
	t.Parallel()
	type List struct {
		ID, BossID int64
		Boss       []*models.Boss
	}
	type ValueOfNullable struct {
		ID     int64
		BossID *int64
		Boss   models.Boss
	}
	type Value struct {
		ID, BossID int64
		Boss       models.Boss
	}
	type Pointer struct {
		ID, BossID int64
		Boss       *models.Boss
	}
	type Other struct {
		ID, BossID int64
		Boss       *trapHouse
	}
	type Text struct {
		ID, BossID int64
		Boss       string
	}
	type Unexported struct {
		ID, BossID int64
		boss       *models.Boss `rel:"boss"` //lint:ignore U1000 the tag on it is the mistake
	}
	type Tagged struct {
		ID, BossID int64
		Boss       *models.Boss `db:"chief"`
	}
	type TwoFields struct {
		ID, BossID int64
		Boss       *models.Boss
		Chief      *models.Boss `rel:"boss"`
	}
	const one, oneOrNone, many = "must be *Boss or Boss", "must be *Boss (a row may be missing)",
		"must be []*Boss or []Boss"
	// Ref[T] does not exist; a value is allowed where the key cannot be NULL.
	cases := []struct {
		name  string
		err   error
		words []string // none: no mistake
	}{
		{"a value", shapeError[Value](false), nil},
		{"a pointer", shapeError[Pointer](false), nil},
		{"a list of many", shapeError[List](true), nil},
		{"a list of one", shapeError[List](false), []string{"List.Boss", one}},
		{"a value that may be missing", shapeError[ValueOfNullable](false), []string{"ValueOfNullable.Boss", oneOrNone}},
		{"a pointer to many", shapeError[Pointer](true), []string{"Pointer.Boss", many}},
		{"another struct", shapeError[Other](false), []string{"Other.Boss", one}},
		{"no struct, which is a column", shapeError[Text](false), nil},
		{"unexported", shapeError[Unexported](false), []string{"Unexported.boss", "unexported", "export it"}},
		{"tagged as a column", shapeError[Tagged](false), []string{"Tagged.Boss", `"chief"`, `rel:"boss"`, `Field("Boss")`, `db:"-"`}},
		{"two fields", shapeError[TwoFields](false), []string{`"workers.boss"`, "Boss", "Chief", `db:"-"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.words == nil {
				if c.err != nil {
					t.Errorf("expected no mistake, got %v", c.err)
				}
				return
			}
			kit.Refused(t, c.err, dovetail.ErrInvalidRelation, append(c.words, `"workers`)...)
		})
	}
}

func TestTrap_A12_NamesBothFieldsOfOneColumn(t *testing.T) {
	t.Parallel()
	type Base struct {
		ID   int64
		Name string
	}
	type Extra struct{ Name string }
	type Outer struct {
		Base
		Name string
	}
	type Sides struct {
		Base
		Extra
	}
	type Renamed struct {
		Base
		Title string `db:"name"`
	}
	type Apart struct {
		Base
		Extra `db:"extra"`
	}
	type LeftOut struct {
		Base
		Name string `db:"-"`
	}
	table := func(declare func(r *dovetail.Registry)) error { return kit.Declared(declare) }
	cases := []struct {
		name  string
		err   error
		words []string
	}{
		{"outer and embedded", table(func(r *dovetail.Registry) { dovetail.NewTable[Outer](r, "x") }),
			[]string{"Outer", "Base.Name and Name", `"name"`}},
		{"two embedded", table(func(r *dovetail.Registry) { dovetail.NewTable[Sides](r, "x") }),
			[]string{"Sides", "Base.Name and Extra.Name", `"name"`}},
		{"by a tag", table(func(r *dovetail.Registry) { dovetail.NewTable[Renamed](r, "x") }),
			[]string{"Renamed", "Name and Title", `"name"`}},
		{"with a prefix", table(func(r *dovetail.Registry) { dovetail.NewTable[Apart](r, "x") }), nil},
		{"left out", table(func(r *dovetail.Registry) { dovetail.NewTable[LeftOut](r, "x") }), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.words == nil {
				if c.err != nil {
					t.Errorf("expected no mistake, got %v", c.err)
				}
				return
			}
			kit.Refused(t, c.err, dovetail.ErrInvalidRelation, append(c.words, `table "x"`, `db:"-"`)...)
		})
	}
}

func TestTrap_A13_RefusesDeclarationsAfterTheFirstUse(t *testing.T) {
	t.Parallel()
	uses := map[string]func(r *dovetail.Registry, bosses *dovetail.Table[models.Boss]) error{
		"Validate": func(r *dovetail.Registry, _ *dovetail.Table[models.Boss]) error { return r.Validate() },
		"a query": func(_ *dovetail.Registry, bosses *dovetail.Table[models.Boss]) error {
			return kit.StatementError(dovetail.Select(bosses))
		},
	}
	for name, use := range uses {
		t.Run("after "+name, func(t *testing.T) {
			t.Parallel()
			r := dovetail.NewRegistry()
			bosses := dovetail.NewTable[models.Boss](r, "bosses")
			if err := use(r, bosses); err != nil {
				t.Fatal(err)
			}
			dovetail.HasMany(bosses, "underlings", bosses, dovetail.ForeignKey("id"))
			kit.Refused(t, use(r, bosses), dovetail.ErrFrozen, `"bosses.underlings"`, "already in use", "before the first query")
			late := dovetail.NewTable[models.Boss](r, "late")
			kit.Refused(t, kit.StatementError(dovetail.Select(late)), dovetail.ErrFrozen, `"bosses.underlings"`)
			kit.Refused(t, r.Validate(), dovetail.ErrFrozen)
		})
	}
	t.Run("meanwhile", func(t *testing.T) {
		t.Parallel()
		r := dovetail.NewRegistry()
		bosses := dovetail.NewTable[models.Boss](r, "bosses")
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				if i%2 == 0 {
					dovetail.NewTable[models.Boss](r, "others"+strings.Repeat("x", i))
					return
				}
				// Some declarations are in time, others late; no use may see half of one.
				if err := kit.StatementError(dovetail.Select(bosses)); err != nil && !errors.Is(err, dovetail.ErrFrozen) {
					t.Errorf("expected no error or ErrFrozen, got %v", err)
				}
			})
		}
		wait.Wait()
		dovetail.NewTable[models.Boss](r, "last")
		kit.Refused(t, r.Validate(), dovetail.ErrFrozen)
	})
}

type trapBrief struct {
	ID         int64
	Owner      string
	Activities []models.Activity
}

func TestTrap_A14_KeepsTablesApartThatShareANameOrAStruct(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	key := dovetail.ForeignKey("account_id")
	accounts, briefs := dovetail.NewTable[models.Account](r, "accounts"), dovetail.NewTable[trapBrief](r, "accounts")
	old, activities := dovetail.NewTable[models.Account](r, "old_accounts"), dovetail.NewTable[models.Activity](r, "activity")
	dovetail.HasMany(accounts, "activities", activities, key, dovetail.Inverse("account"))
	dovetail.HasMany(briefs, "activities", activities, key)
	dovetail.HasMany(old, "activities", activities, key)
	ddl := kit.ReadingsDDL(t) + `
CREATE TABLE old_accounts AS
  SELECT id, 'old ' || owner AS owner, email, balance, created_at FROM accounts WHERE id <> 2;`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		full := kit.All(t, d.DB, dovetail.Select(accounts).Preload("activities.account").OrderBy("id"))
		short := kit.All(t, d.DB, dovetail.Select(briefs).Preload("activities").OrderBy("id DESC"))
		former := kit.All(t, d.DB, dovetail.Select(old).Preload("activities").OrderBy("id"))
		count := func(a *models.Account) int { return len(a.Activities) }
		kit.Same(t, "activities of accounts", kit.Pluck(full, count), 3, 1, 2, 0)
		kit.Same(t, "activities of briefs", kit.Pluck(short, func(b *trapBrief) int { return len(b.Activities) }), 0, 2, 1, 3)
		kit.Same(t, "activities of old accounts", kit.Pluck(former, count), 3, 2, 0)
		kit.Same(t, "old owners", kit.Pluck(former, func(a *models.Account) string { return a.Owner }),
			"old SpongeBob", "old Squidward", "old Sandy")
		if got := full[0].Activities[0].Account; got != full[0] {
			t.Errorf("expected the account itself, got %+v", got)
		}
		found := kit.All(t, d.DB, dovetail.Select(briefs).Join("activities").Where("activities.amount = ?", 30))
		kit.Same(t, "joined from briefs", kit.Pluck(found, func(b *trapBrief) string { return b.Owner }), "Patrick")
	})
}

func TestTrap_A15_DeclarationOrderDoesNotMatterAndNothingIsGlobal(t *testing.T) {
	t.Parallel()
	// Each declaration as a package of its own would make it, given the tables.
	type tables struct {
		students    *dovetail.Table[models.Student]
		courses     *dovetail.Table[models.Course]
		enrollments *dovetail.Table[models.Enrollment]
	}
	declarations := []func(s tables){
		func(s tables) {
			dovetail.ManyToMany(s.students, "courses", s.courses, s.enrollments,
				dovetail.ThroughKeys("student_id", "course_id"), dovetail.Inverse("students"))
		},
		func(s tables) {
			dovetail.HasMany(s.students, "enrollments", s.enrollments,
				dovetail.ForeignKey("student_id"), dovetail.Inverse("student"))
		},
		func(s tables) {
			dovetail.BelongsTo(s.enrollments, "course", s.courses, dovetail.ForeignKey("course_id"))
		},
	}
	explain := func(order []int, courseFirst bool) string {
		r := dovetail.NewRegistry()
		var s tables
		if courseFirst {
			s.courses = dovetail.NewTable[models.Course](r, "courses")
		}
		s.enrollments = dovetail.NewTable[models.Enrollment](r, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
		s.students = dovetail.NewTable[models.Student](r, "students")
		if !courseFirst {
			s.courses = dovetail.NewTable[models.Course](r, "courses")
		}
		for _, i := range order {
			declarations[i](s)
		}
		text, err := dovetail.Select(s.students).Join("courses").Has("enrollments.course").Distinct().
			Preload("enrollments.course.students").Preload("courses").Explain(postgres.Dialect)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	want := explain([]int{0, 1, 2}, true)
	for _, order := range [][]int{{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		if got := explain(order, slices.Contains([]int{0, 1}, order[0])); got != want {
			t.Errorf("declared in the order %v: expected\n%s\ngot\n%s", order, want, got)
		}
	}
	// Another registry with the same names knows nothing of it.
	r := dovetail.NewRegistry()
	type Student struct{ ID int64 }
	alone := dovetail.NewTable[Student](r, "students")
	kit.Refused(t, kit.StatementError(dovetail.Select(alone).Join("courses")),
		dovetail.ErrUnknownRelation, `"courses"`, "none is declared")
}

// TestScopesOfRegistriesThatQueryEachOther: neither waits for the other, in whatever order and by however many they are used first.
func TestScopesOfRegistriesThatQueryEachOther(t *testing.T) {
	t.Parallel()
	type row struct {
		ID    int64
		Other int64
	}
	for range 20 {
		one, two := dovetail.NewRegistry(), dovetail.NewRegistry()
		base1, base2 := dovetail.NewTable[row](one, "base1"), dovetail.NewTable[row](two, "base2")
		table1 := dovetail.NewTable[row](one, "table1", dovetail.Scope("base", squirrel.Eq{"other": dovetail.Select(base2).Columns("id")}))
		table2 := dovetail.NewTable[row](two, "table2", dovetail.Scope("base", squirrel.Eq{"other": dovetail.Select(base1).Columns("id")}))
		var both sync.WaitGroup
		for _, q := range []dovetail.Query[*row]{dovetail.Select(table1), dovetail.Select(table2)} {
			both.Go(func() {
				if _, _, err := q.ToSql(); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
	}
}
