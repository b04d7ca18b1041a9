package dovetail_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// mustIDs runs the query, which must be one statement, and returns what id gives of each row.
func mustIDs[T any](t *testing.T, d database, q dovetail.Query[T], id func(*T) int64) []int64 {
	t.Helper()
	r := d.record()
	rows, err := q.OrderBy("id").All(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	r.expect(t, 1, 1)
	ids := make([]int64, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, id(row))
	}
	return ids
}

// I12: "any" and "all" are different methods, and the empty set tells them apart.
func TestTrap_I12_AnyAndAllDifferForTheEmptySet(t *testing.T) {
	t.Parallel()
	onEach(t, readings(t), func(t *testing.T, d database) {
		accounts, id := dovetail.Select(Accounts), func(a *Account) int64 { return a.ID }
		large := sq.GtOrEq{"amount": 750}
		for _, c := range []struct {
			name string
			got  []int64
			want []int64
		}{
			{"any", mustIDs(t, d, accounts.Has("activities", large), id), []int64{1, 3}},
			{"all", mustIDs(t, d, accounts.HasEvery("activities", large), id), []int64{3, 4}},
			{"none", mustIDs(t, d, accounts.HasNone("activities", large), id), []int64{2, 4}},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%s: expected %v, got %v", c.name, c.want, c.got)
			}
		}
	})
}

func TestQuantifiersOverRelatedRows(t *testing.T) {
	t.Parallel()
	accountID := func(a *Account) int64 { return a.ID }
	studentID := func(s *Student) int64 { return s.ID }
	userID := func(u *User) int64 { return u.ID }
	postID := func(p *Post) int64 { return p.ID }
	accounts, students, users, posts := dovetail.Select(Accounts), dovetail.Select(Students), dovetail.Select(Users), dovetail.Select(Posts)
	onEvery(t, readings(t), func(t *testing.T, d database) {
		for _, c := range []struct {
			name string
			got  []int64
			want []int64
		}{
			{"every", mustIDs(t, d, accounts.HasEvery("activities", sq.Gt{"amount": 100}), accountID), []int64{1, 3, 4}},
			{"every and some", mustIDs(t, d, accounts.HasEvery("activities", sq.Gt{"amount": 100}).Has("activities"), accountID), []int64{1, 3}},
			{"every of two conditions", mustIDs(t, d, accounts.HasEvery("activities", sq.Gt{"amount": 100}, sq.Eq{"activity_type": Deposit}),
				accountID), []int64{4}},
			// Ada has an A and a NULL: the NULL is not an A.
			{"every with NULL", mustIDs(t, d, students.HasEvery("enrollments", sq.Eq{"grade": "A"}), studentID), []int64{3}},
			{"every with NOT over NULL", mustIDs(t, d, students.HasEvery("enrollments", sq.NotEq{"grade": "C"}), studentID), []int64{3}},
			{"every over a path", mustIDs(t, d, users.HasEvery("posts.tags", sq.Eq{"name": "sql"}), userID), []int64{2, 3}},
			{"every over many-to-many", mustIDs(t, d, students.HasEvery("courses", sq.Eq{"title": "Algebra"}), studentID), []int64{2, 3}},
			{"at least 1", mustIDs(t, d, accounts.HasAtLeast(1, "activities"), accountID), []int64{1, 2, 3}},
			{"at least 2", mustIDs(t, d, accounts.HasAtLeast(2, "activities"), accountID), []int64{1, 3}},
			{"at least 2 deposits", mustIDs(t, d, accounts.HasAtLeast(2, "activities", sq.Eq{"activity_type": Deposit}), accountID), []int64{1}},
			{"at least 4", mustIDs(t, d, accounts.HasAtLeast(4, "activities"), accountID), []int64{}},
			{"at least 2 over many-to-many", mustIDs(t, d, students.HasAtLeast(2, "courses"), studentID), []int64{1}},
			{"at least 3 over a path", mustIDs(t, d, users.HasAtLeast(3, "posts.tags"), userID), []int64{1}},
			{"all of none", mustIDs(t, d, posts.HasAll("tags"), postID), []int64{1, 2, 3}},
			{"all of one", mustIDs(t, d, posts.HasAll("tags", 2), postID), []int64{1, 2}},
			{"all of two", mustIDs(t, d, posts.HasAll("tags", 1, int64(2)), postID), []int64{1}},
			{"all of one twice", mustIDs(t, d, posts.HasAll("tags", 2, 2), postID), []int64{1, 2}},
			{"all with a missing one", mustIDs(t, d, posts.HasAll("tags", 2, 99), postID), []int64{}},
			{"as conditions", mustIDs(t, d, accounts.Where(sq.Or{
				dovetail.HasAtLeast(3, "activities"), dovetail.HasNone("activities"),
				sq.And{dovetail.HasEvery("activities", sq.LtOrEq{"amount": 30}), dovetail.Has("activities")},
			}), accountID), []int64{1, 2, 4}},
			{"all as a condition inside Has", mustIDs(t, d, users.Has("posts", dovetail.HasAll("tags", 1, 2)), userID), []int64{1}},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%s: expected %v, got %v", c.name, c.want, c.got)
			}
		}
	})
}

func TestQuantifiersRefuseWhatHasNoMeaning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		q    dovetail.AnyQuery
		is   error
	}{
		{"every of nothing", dovetail.Select(Accounts).HasEvery("activities"), dovetail.ErrInvalidQuery},
		{"at least 0", dovetail.Select(Accounts).HasAtLeast(0, "activities"), dovetail.ErrInvalidQuery},
		{"a NULL key", dovetail.Select(Posts).HasAll("tags", nil), dovetail.ErrArgType},
		{"a list for a key", dovetail.Select(Posts).HasAll("tags", []int64{1}), dovetail.ErrArgType},
		{"a text key", dovetail.Select(Posts).HasAll("tags", "one"), dovetail.ErrArgType},
		{"a composite key", dovetail.Select(Orders).HasAll("lines", 1), dovetail.ErrInvalidQuery},
		{"an unknown path", dovetail.Select(Posts).HasAll("tag", 1), dovetail.ErrUnknownRelation},
		{"SkipLocked alone", dovetail.Select(Posts).SkipLocked(), dovetail.ErrInvalidQuery},
		{"SkipLocked and NoWait", dovetail.Select(Posts).ForShare().SkipLocked().NoWait(), dovetail.ErrInvalidQuery},
	} {
		if _, _, err := c.q.ToSql(); !errors.Is(err, c.is) {
			t.Errorf("%s: expected %v, got %v", c.name, c.is, err)
		}
	}
	if _, _, err := dovetail.Select(Posts).ForKeyShare().SQL(sqlite.Dialect); !errors.Is(err, dovetail.ErrUnsupported) {
		t.Errorf("a lock on SQLite: expected ErrUnsupported, got %v", err)
	}
}

// Locks are seen from a second session: what it may lock itself, and what it skips.
func TestLocksHoldTheRootAlone(t *testing.T) {
	t.Parallel()
	d := postgresPool(t, readings(t))
	for _, c := range []struct {
		name   string
		locked dovetail.Query[Account]
		other  dovetail.Query[Account]
		waits  bool
	}{
		{"update against share", dovetail.Select(Accounts).ForUpdate(), dovetail.Select(Accounts).ForShare(), true},
		{"update against key share", dovetail.Select(Accounts).ForUpdate(), dovetail.Select(Accounts).ForKeyShare(), true},
		{"no key update against key share", dovetail.Select(Accounts).ForNoKeyUpdate(), dovetail.Select(Accounts).ForKeyShare(), false},
		{"no key update against share", dovetail.Select(Accounts).ForNoKeyUpdate(), dovetail.Select(Accounts).ForShare(), true},
		{"share against share", dovetail.Select(Accounts).ForShare(), dovetail.Select(Accounts).ForShare(), false},
	} {
		lockAccount(t, c.locked.Where(sq.Eq{"id": 1}), func(ctx context.Context) {
			rows, err := c.other.NoWait().OrderBy("id").All(ctx, d.db)
			var pg *pgconn.PgError
			if c.waits && (!errors.As(err, &pg) || pg.Code != "55P03") || !c.waits && (err != nil || len(rows) != 4) {
				t.Errorf("%s, NoWait: got %d rows, %v", c.name, len(rows), err)
			}
			rows, err = c.other.SkipLocked().OrderBy("id").All(ctx, d.db)
			want := 4
			if c.waits {
				want = 3
			}
			if err != nil || len(rows) != want {
				t.Errorf("%s, SkipLocked: expected %d rows, got %d, %v", c.name, want, len(rows), err)
			}
		})
	}
}

// lockAccount runs the locking query in a transaction of its own, and then test while the lock is held.
func lockAccount(t *testing.T, q dovetail.Query[Account], test func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tx, err := dbtest.Postgres(t).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // the locks go with it
	if rows, err := q.All(ctx, postgres.New(tx)); err != nil || len(rows) != 1 {
		t.Fatalf("expected one locked row, got %d, %v", len(rows), err)
	}
	test(ctx)
}
