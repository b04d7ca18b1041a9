package declaring_test

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Section A: mistakes in declarations. The words are DESIGN.md's: what the traps call Build is Validate, a model is a
// table. Verify, which asks the live database (A4, half of A6), comes later.

func TestTrap_A1_NamesTheTableThatIsNotDeclared(t *testing.T) {
	t.Parallel()
	var missing *dovetail.Table[models.Activity]
	elsewhere := dovetail.NewTable[models.Activity](dovetail.NewRegistry(), "activity")
	key := dovetail.ForeignKey("account_id")
	cases := []struct {
		name    string
		declare func(r *dovetail.Registry, accounts *dovetail.Table[models.Account])
		words   []string
	}{
		{"the related table is nil", func(_ *dovetail.Registry, accounts *dovetail.Table[models.Account]) {
			dovetail.HasMany(accounts, "activities", missing, key)
		}, []string{`"accounts.activities"`, "nil", "NewTable"}},
		{"the related table is of another registry", func(_ *dovetail.Registry, accounts *dovetail.Table[models.Account]) {
			dovetail.HasMany(accounts, "activities", elsewhere, key)
		}, []string{`"accounts.activities"`, "another registry", "NewTable"}},
		{"the owner is nil", func(_ *dovetail.Registry, accounts *dovetail.Table[models.Account]) {
			dovetail.BelongsTo(missing, "account", accounts, key)
		}, []string{`.account"`, "nil", "NewTable"}},
		{"the join table is nil", func(r *dovetail.Registry, _ *dovetail.Table[models.Account]) {
			students, courses := dovetail.NewTable[models.Student](r, "students"), dovetail.NewTable[models.Course](r, "courses")
			var through *dovetail.Table[models.Enrollment]
			dovetail.ManyToMany(students, "courses", courses, through,
				dovetail.ThroughKeys("student_id", "course_id"), dovetail.Inverse("students"))
		}, []string{`"students.courses"`, "nil", "NewTable"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := kit.Declared(func(r *dovetail.Registry) { c.declare(r, dovetail.NewTable[models.Account](r, "accounts")) })
			kit.Refused(t, err, dovetail.ErrUnknownTable, c.words...)
		})
	}
	t.Run("the table of a query is nil", func(t *testing.T) {
		t.Parallel()
		_, err := dovetail.Select(missing).All(t.Context(), kit.Silent{TB: t})
		kit.Refused(t, err, dovetail.ErrUnknownTable, "nil", "NewTable")
	})
}

// nextLine returns the place of the line after its caller's, as file:line.
func nextLine() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", filepath.Base(file), line+1)
}

func TestTrap_A2_NamesBothPlacesOfOneName(t *testing.T) {
	t.Parallel()
	key := dovetail.ForeignKey("account_id")
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		var first, second string
		err := kit.Declared(func(r *dovetail.Registry) {
			accounts, activities := dovetail.NewTable[models.Account](r, "accounts"), dovetail.NewTable[models.Activity](r, "activity")
			dovetail.BelongsTo(activities, "account", accounts, key)
			first = nextLine()
			dovetail.HasMany(accounts, "activities", activities, key)
			second = nextLine()
			dovetail.HasMany(accounts, "activities", activities, key)
		})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, `"accounts.activities"`, "declared twice", first, second)
	})
	t.Run("once by its inverse", func(t *testing.T) {
		t.Parallel()
		var first, second string
		err := kit.Declared(func(r *dovetail.Registry) {
			accounts, activities := dovetail.NewTable[models.Account](r, "accounts"), dovetail.NewTable[models.Activity](r, "activity")
			first = nextLine()
			dovetail.HasMany(accounts, "activities", activities, key, dovetail.Inverse("account"))
			second = nextLine()
			dovetail.BelongsTo(activities, "account", accounts, key)
		})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, `"activity.account"`, "declared twice", first, second)
	})
	t.Run("a column's name", func(t *testing.T) {
		t.Parallel()
		// No mistake (DESIGN.md 3.1): a path leads along the relation, and a bare name is the column.
		err := kit.Declared(func(r *dovetail.Registry) {
			accounts, activities := dovetail.NewTable[models.Account](r, "accounts"), dovetail.NewTable[models.Activity](r, "activity")
			dovetail.HasMany(accounts, "activities", activities, key, dovetail.Inverse("account"))
			dovetail.HasMany(accounts, "owner", activities, key)
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("a column's name and a field of its own", func(t *testing.T) {
		t.Parallel()
		err := kit.Declared(func(r *dovetail.Registry) {
			accounts, activities := dovetail.NewTable[models.Account](r, "accounts"), dovetail.NewTable[models.Activity](r, "activity")
			dovetail.HasMany(accounts, "owner", activities, key, dovetail.Field("Activities"), dovetail.Inverse("account"))
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("one field for two", func(t *testing.T) {
		t.Parallel()
		err := kit.Declared(func(r *dovetail.Registry) {
			accounts, activities := dovetail.NewTable[models.Account](r, "accounts"), dovetail.NewTable[models.Activity](r, "activity")
			dovetail.HasMany(accounts, "activities", activities, key, dovetail.Inverse("account"))
			dovetail.HasMany(accounts, "owner", activities, key, dovetail.Field("Activities"))
		})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, `"accounts.activities"`, `"accounts.owner"`, "Account.Activities", "Field", "`rel:")
	})
}

func TestTrap_A3_NamesTheMissingColumnAndTheKnownOnes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		declare func(accounts *dovetail.Table[models.Account], activities *dovetail.Table[models.Activity])
		words   []string
	}{
		{"misspelt", func(accounts *dovetail.Table[models.Account], activities *dovetail.Table[models.Activity]) {
			dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("acount_id"), dovetail.Inverse("account"))
		}, []string{`"accounts.activities"`, `"activity" has no column "acount_id"`, `did you mean "account_id"?`}},
		{"unlike any", func(accounts *dovetail.Table[models.Account], activities *dovetail.Table[models.Activity]) {
			dovetail.BelongsTo(activities, "account", accounts, dovetail.ForeignKey("parent"))
			dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"))
		}, []string{`"activity.account"`, `no column "parent"`,
			`"id", "account_id", "activity_type", "amount", "created_at"`}},
		{"of the other side", func(accounts *dovetail.Table[models.Account], activities *dovetail.Table[models.Activity]) {
			dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"),
				dovetail.References("number"), dovetail.Inverse("account"))
		}, []string{`"accounts.activities"`, `"accounts" has no column "number"`, `"email"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := kit.Declared(func(r *dovetail.Registry) {
				c.declare(dovetail.NewTable[models.Account](r, "accounts"), dovetail.NewTable[models.Activity](r, "activity"))
			})
			kit.Refused(t, err, dovetail.ErrInvalidRelation, c.words...)
			var declared *dovetail.RelationError
			if !errors.As(err, &declared) || declared.Table == "" || declared.Relation == "" {
				t.Errorf("expected a RelationError with its table and relation, got %#v", declared)
			}
		})
	}
	t.Run("together with every other mistake", func(t *testing.T) {
		t.Parallel()
		// One in a struct, one in a key, one in a field: none hides another that has nothing to do with it.
		err := kit.Declared(func(r *dovetail.Registry) {
			type Twice struct {
				ID    int64
				Other int64 `db:"id"`
			}
			type Boss struct{ ID int64 }
			type Worker struct {
				ID, BossID int64
				Boss       []*Boss
			}
			dovetail.NewTable[Twice](r, "twice")
			bosses, workers := dovetail.NewTable[Boss](r, "bosses"), dovetail.NewTable[Worker](r, "workers")
			dovetail.BelongsTo(workers, "boss", bosses, dovetail.ForeignKey("boss_id"))
			accounts, activities := dovetail.NewTable[models.Account](r, "accounts"), dovetail.NewTable[models.Activity](r, "activity")
			dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("acount_id"), dovetail.Inverse("account"))
		})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, "Twice", `"acount_id"`, "Worker.Boss")
		var several interface{ Unwrap() []error }
		if !errors.As(err, &several) || len(several.Unwrap()) != 3 {
			t.Errorf("expected 3 errors, got %v", err)
		}
	})
}

type trapMember struct {
	ID       int64
	Name     string
	Sent     []*trapMessage
	Received []*trapMessage
}

type trapMessage struct {
	ID          int64
	SenderID    int64
	RecipientID int64
	Sender      *trapMember
	Recipient   *trapMember
}

func TestTrap_A5_NeverChoosesBetweenTwoForeignKeys(t *testing.T) {
	t.Parallel()
	// Nothing is inferred (DESIGN.md 3.1): a relation without a foreign key is a mistake, with one candidate or two.
	err := kit.Declared(func(r *dovetail.Registry) {
		members, messages := dovetail.NewTable[trapMember](r, "members"), dovetail.NewTable[trapMessage](r, "messages")
		dovetail.HasMany(members, "received", messages, dovetail.ForeignKey("recipient_id"), dovetail.Inverse("recipient"))
		dovetail.HasMany(members, "sent", messages, dovetail.Inverse("sender"))
	})
	kit.Refused(t, err, dovetail.ErrInvalidRelation, `"members.sent"`, `"messages"`, `"members"`, "ForeignKey")

	r := dovetail.NewRegistry()
	members, messages := dovetail.NewTable[trapMember](r, "members"), dovetail.NewTable[trapMessage](r, "messages")
	dovetail.HasMany(members, "sent", messages, dovetail.ForeignKey("sender_id"), dovetail.Inverse("sender"))
	dovetail.HasMany(members, "received", messages, dovetail.ForeignKey("recipient_id"), dovetail.Inverse("recipient"))
	const ddl = `
CREATE TABLE members (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE messages (id BIGINT PRIMARY KEY, sender_id BIGINT NOT NULL, recipient_id BIGINT NOT NULL);
INSERT INTO members (id, name) VALUES (1, 'ann'), (2, 'bea');
INSERT INTO messages (id, sender_id, recipient_id) VALUES (1, 1, 2), (2, 1, 1), (3, 2, 1);`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		rows := kit.All(t, d.DB, dovetail.Select(members).OrderBy("id").
			Preload("sent.recipient").Preload("received.sender"))
		id := func(m *trapMessage) int64 { return m.ID }
		kit.Same(t, "sent by ann", kit.Pluck(rows[0].Sent, id), 1, 2)
		kit.Same(t, "received by ann", kit.Pluck(rows[0].Received, id), 2, 3)
		kit.Same(t, "sent by bea", kit.Pluck(rows[1].Sent, id), 3)
		kit.Same(t, "received by bea", kit.Pluck(rows[1].Received, id), 1)
		if got := rows[0].Sent[0].Recipient.Name + rows[0].Received[1].Sender.Name; got != "beabea" {
			t.Errorf("expected bea at the other end twice, got %q", got)
		}
	})
}

func TestTrap_A6_HasOneWithTwoRowsIsAnError(t *testing.T) {
	t.Parallel()
	// ErrMultiple is ErrTooManyRows. That Verify warns of the missing unique constraint is a later issue's.
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		q := dovetail.Select(models.Users).Preload("profile").OrderBy("id")
		users := kit.All(t, d.DB, q)
		if users[0].Profile == nil || users[0].Profile.ID != 1 || users[2].Profile != nil {
			t.Errorf("expected profile 1 for user 1 and none for user 3, got %v and %v", users[0].Profile, users[2].Profile)
		}
		// The same tables without the constraint, as any database might be.
		d.Exec(t, "DROP TABLE profiles")
		d.Exec(t, "CREATE TABLE profiles (id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL, bio TEXT, avatar_url TEXT)")
		d.Exec(t, "INSERT INTO profiles (id, user_id) VALUES (1, 1), (2, 2), (3, 2)")
		users, err := q.All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrTooManyRows, `"user.profile"`, `"profiles"`, "user_id")
		if users != nil {
			t.Errorf("expected no part of the result, got %d users", len(users))
		}
		one, err := dovetail.Select(models.Users).Where("id = ?", 1).Preload("profile").One(t.Context(), d.DB)
		if err != nil || one.Profile == nil {
			t.Errorf("expected user 1 with the one profile, got %v, %v", one, err)
		}
	})
}

func TestTrap_A7_CountsTheColumnsOfBothKeys(t *testing.T) {
	t.Parallel()
	err := kit.Declared(func(r *dovetail.Registry) {
		orders := dovetail.NewTable[models.Order](r, "order", dovetail.PrimaryKey("warehouse", "number"))
		lines := dovetail.NewTable[models.OrderLine](r, "order_lines", dovetail.PrimaryKey("warehouse", "number", "line"))
		labels := dovetail.NewTable[models.Label](r, "labels")
		links := dovetail.NewTable[models.LineLabel](r, "line_labels")
		dovetail.HasMany(orders, "lines", lines, dovetail.ForeignKey("number"), dovetail.Inverse("order"))
		dovetail.ManyToMany(lines, "labels", labels, links,
			dovetail.ThroughKeys([]string{"warehouse", "line"}, "label_id"), dovetail.Inverse("lines"))
	})
	kit.Refused(t, err, dovetail.ErrInvalidRelation,
		`"order.lines"`, "1 foreign key", "(number)", "for 2 column", "(warehouse, number)",
		`"order_lines.labels"`, "2 foreign key", "(warehouse, line)", "for 3 column", "(warehouse, number, line)")
}

func TestTrap_A8_RefusesKeysThatCannotMatch(t *testing.T) {
	t.Parallel()
	type Wide struct{ ID int64 }
	type Unique struct{ ID uuid.UUID }
	type Plain struct{ ID [16]byte }
	type Named struct{ ID string }
	type Pet struct {
		ID      int64
		Small   int16
		Big     *int64
		Unsure  *uuid.UUID
		Raw     [16]byte
		Word    string
		Flag    bool
		Unknown trapCode
	}
	cases := []struct {
		name, column string
		wide         bool // matched with the id of Wide, else of Unique
		want         string
	}{
		{"int64 and int16", "small", true, ""},
		{"int64 and *int64", "big", true, ""},
		{"int64 and a type that converts itself", "unknown", true, ""},
		{"int64 and text", "word", true, "cannot match wides.id (int64) with pets.word (string)"},
		{"int64 and uuid", "unsure", true, "cannot match wides.id (int64) with pets.unsure (*uuid.UUID)"},
		{"int64 and bool", "flag", true, "cannot match wides.id (int64) with pets.flag (bool)"},
		{"uuid and bytes of a uuid", "raw", false, ""},
		{"uuid and *uuid", "unsure", false, ""},
		{"uuid and text", "word", false, "cannot match uniques.id (uuid.UUID) with pets.word (string)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := kit.Declared(func(r *dovetail.Registry) {
				pets := dovetail.NewTable[Pet](r, "pets")
				if c.wide {
					dovetail.HasMany(dovetail.NewTable[Wide](r, "wides"), "pets", pets, dovetail.ForeignKey(c.column))
				} else {
					dovetail.HasMany(dovetail.NewTable[Unique](r, "uniques"), "pets", pets, dovetail.ForeignKey(c.column))
				}
			})
			if c.want == "" {
				if err != nil {
					t.Errorf("expected the keys to match, got %v", err)
				}
				return
			}
			kit.Refused(t, err, dovetail.ErrInvalidRelation, c.want)
		})
	}
	t.Run("text and bytes of a uuid", func(t *testing.T) {
		t.Parallel()
		err := kit.Declared(func(r *dovetail.Registry) {
			pets := dovetail.NewTable[Pet](r, "pets")
			dovetail.BelongsTo(pets, "plain", dovetail.NewTable[Plain](r, "plains"), dovetail.ForeignKey("word"))
			dovetail.BelongsTo(pets, "named", dovetail.NewTable[Named](r, "names"), dovetail.ForeignKey("raw"))
		})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, "cannot match plains.id ([16]uint8) with pets.word (string)",
			"cannot match names.id (string) with pets.raw ([16]uint8)")
	})
	t.Run("rows", func(t *testing.T) {
		t.Parallel()
		trapA8Rows(t)
	})
}

// trapA8Rows matches integers of different widths in Go and in the database.
func trapA8Rows(t *testing.T) {
	type Pet struct {
		ID      int32
		OwnerID *int16
	}
	type Owner struct {
		ID   int64
		Pets []*Pet
	}
	r := dovetail.NewRegistry()
	owners, pets := dovetail.NewTable[Owner](r, "owners"), dovetail.NewTable[Pet](r, "pets")
	dovetail.HasMany(owners, "pets", pets, dovetail.ForeignKey("owner_id"))
	const ddl = `
CREATE TABLE owners (id BIGINT PRIMARY KEY);
CREATE TABLE pets (id INTEGER PRIMARY KEY, owner_id SMALLINT);
INSERT INTO owners (id) VALUES (1), (2), (5000000000);
INSERT INTO pets (id, owner_id) VALUES (10, 2), (11, NULL), (12, 2), (13, 1);`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		rows := kit.All(t, d.DB, dovetail.Select(owners).Preload("pets").OrderBy("id"))
		id := func(p *Pet) int32 { return p.ID }
		kit.Same(t, "pets of 1", kit.Pluck(rows[0].Pets, id), 13)
		kit.Same(t, "pets of 2", kit.Pluck(rows[1].Pets, id), 10, 12)
		kit.Same(t, "pets of 5000000000, which no smallint can be", kit.Pluck(rows[2].Pets, id))
	})
}

// trapCode converts itself, so that only the database knows what it holds.
type trapCode struct{ n int64 }

func (c trapCode) Value() (driver.Value, error) { return c.n, nil }

func (c *trapCode) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("expected an int64, got a %T", v)
	}
	c.n = n
	return nil
}
