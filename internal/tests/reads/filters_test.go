package reads_test

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
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// mustIDs runs the query, which must be one statement, and returns what id gives of each row.
func mustIDs[T any](t *testing.T, d kit.Database, q dovetail.Query[*T], id func(*T) int64) []int64 {
	t.Helper()
	r := d.Record()
	rows, err := q.OrderBy("id").All(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	r.Expect(t, 1, 1)
	ids := make([]int64, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, id(row))
	}
	return ids
}

// I12: "any" and "all" are different methods, and the empty set tells them apart.
func TestTrap_I12_AnyAndAllDifferForTheEmptySet(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		accounts, id := dovetail.Select(models.Accounts), func(a *models.Account) int64 { return a.ID }
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
	accountID := func(a *models.Account) int64 { return a.ID }
	studentID := func(s *models.Student) int64 { return s.ID }
	userID := func(u *models.User) int64 { return u.ID }
	postID := func(p *models.Post) int64 { return p.ID }
	accounts, students, users, posts := dovetail.Select(models.Accounts), dovetail.Select(models.Students), dovetail.Select(models.Users), dovetail.Select(models.Posts)
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for _, c := range []struct {
			name string
			got  []int64
			want []int64
		}{
			{"every", mustIDs(t, d, accounts.HasEvery("activities", sq.Gt{"amount": 100}), accountID), []int64{1, 3, 4}},
			{"every and some", mustIDs(t, d, accounts.HasEvery("activities", sq.Gt{"amount": 100}).Has("activities"), accountID), []int64{1, 3}},
			{"every of two conditions", mustIDs(t, d, accounts.HasEvery("activities", sq.Gt{"amount": 100}, sq.Eq{"activity_type": models.Deposit}),
				accountID), []int64{4}},
			// Ada has an A and a NULL: the NULL is not an A.
			{"every with NULL", mustIDs(t, d, students.HasEvery("enrollments", sq.Eq{"grade": "A"}), studentID), []int64{3}},
			{"every with NOT over NULL", mustIDs(t, d, students.HasEvery("enrollments", sq.NotEq{"grade": "C"}), studentID), []int64{3}},
			{"every over a path", mustIDs(t, d, users.HasEvery("posts.tags", sq.Eq{"name": "sql"}), userID), []int64{2, 3}},
			{"every over many-to-many", mustIDs(t, d, students.HasEvery("courses", sq.Eq{"title": "Algebra"}), studentID), []int64{2, 3}},
			{"at least 1", mustIDs(t, d, accounts.HasAtLeast(1, "activities"), accountID), []int64{1, 2, 3}},
			{"at least 2", mustIDs(t, d, accounts.HasAtLeast(2, "activities"), accountID), []int64{1, 3}},
			{"at least 2 deposits", mustIDs(t, d, accounts.HasAtLeast(2, "activities", sq.Eq{"activity_type": models.Deposit}), accountID), []int64{1}},
			{"at least 4", mustIDs(t, d, accounts.HasAtLeast(4, "activities"), accountID), []int64{}},
			{"at least 2 over many-to-many", mustIDs(t, d, students.HasAtLeast(2, "courses"), studentID), []int64{1}},
			{"at least 3 over a path", mustIDs(t, d, users.HasAtLeast(3, "posts.tags"), userID), []int64{1}},
			{"all of none", mustIDs(t, d, posts.HasAll("tags"), postID), []int64{1, 2, 3}},
			{"all of one", mustIDs(t, d, posts.HasAll("tags", 2), postID), []int64{1, 2}},
			{"all of two", mustIDs(t, d, posts.HasAll("tags", 1, int64(2)), postID), []int64{1}},
			{"all of one twice", mustIDs(t, d, posts.HasAll("tags", 2, 2), postID), []int64{1, 2}},
			{"all of many", mustIDs(t, d, posts.HasAll("tags", 1, 2, int32(1), int64(2), uint8(2)), postID), []int64{1}},
			{"all of many, one in several types", mustIDs(t, d, posts.HasAll("tags", 2, int8(2), int64(2), uint64(2)), postID), []int64{1, 2}},
			{"all of many with a missing one", mustIDs(t, d, posts.HasAll("tags", 1, 2, 98, 99, 1), postID), []int64{}},
			{"all of many inside Has", mustIDs(t, d, users.Has("posts", dovetail.HasAll("tags", 1, 2, 2, 1)), userID), []int64{1}},
			{"all of many over a path", mustIDs(t, d, users.HasAll("posts.tags", 1, 2, 1, 2), userID), []int64{1}},
			{"not all of many", mustIDs(t, d, posts.Where(dovetail.Not(dovetail.HasAll("tags", 1, 2, 1, 2))), postID), []int64{2, 3}},
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
		{"every of nothing", dovetail.Select(models.Accounts).HasEvery("activities"), dovetail.ErrInvalidQuery},
		{"at least 0", dovetail.Select(models.Accounts).HasAtLeast(0, "activities"), dovetail.ErrInvalidQuery},
		{"a NULL key", dovetail.Select(models.Posts).HasAll("tags", nil), dovetail.ErrArgType},
		{"a list for a key", dovetail.Select(models.Posts).HasAll("tags", []int64{1}), dovetail.ErrArgType},
		{"a text key", dovetail.Select(models.Posts).HasAll("tags", "one"), dovetail.ErrArgType},
		{"a composite key", dovetail.Select(models.Orders).HasAll("lines", 1), dovetail.ErrInvalidQuery},
		{"many of a composite key", dovetail.Select(models.Orders).HasAll("lines", 1, 2, 3, 4, 5), dovetail.ErrInvalidQuery},
		{"text keys, many", dovetail.Select(models.Posts).HasAll("tags", "1", "2", "3", "4", "5"), dovetail.ErrArgType},
		{"an unknown path", dovetail.Select(models.Posts).HasAll("tag", 1), dovetail.ErrUnknownRelation},
		{"SkipLocked alone", dovetail.Select(models.Posts).SkipLocked(), dovetail.ErrInvalidQuery},
		{"SkipLocked and NoWait", dovetail.Select(models.Posts).ForShare().SkipLocked().NoWait(), dovetail.ErrInvalidQuery},
	} {
		if _, _, err := c.q.ToSql(); !errors.Is(err, c.is) {
			t.Errorf("%s: expected %v, got %v", c.name, c.is, err)
		}
	}
	if _, _, err := dovetail.Select(models.Posts).ForKeyShare().SQL(sqlite.Dialect); !errors.Is(err, dovetail.ErrUnsupported) {
		t.Errorf("a lock on SQLite: expected ErrUnsupported, got %v", err)
	}
}

// Locks are seen from a second session: what it may lock itself, and what it skips.
func TestLocksHoldTheRootAlone(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, kit.ReadingsDDL(t))
	for _, c := range []struct {
		name   string
		locked dovetail.Query[*models.Account]
		other  dovetail.Query[*models.Account]
		waits  bool
	}{
		{"update against share", dovetail.Select(models.Accounts).ForUpdate(), dovetail.Select(models.Accounts).ForShare(), true},
		{"update against key share", dovetail.Select(models.Accounts).ForUpdate(), dovetail.Select(models.Accounts).ForKeyShare(), true},
		{"no key update against key share", dovetail.Select(models.Accounts).ForNoKeyUpdate(), dovetail.Select(models.Accounts).ForKeyShare(), false},
		{"no key update against share", dovetail.Select(models.Accounts).ForNoKeyUpdate(), dovetail.Select(models.Accounts).ForShare(), true},
		{"share against share", dovetail.Select(models.Accounts).ForShare(), dovetail.Select(models.Accounts).ForShare(), false},
	} {
		lockAccount(t, c.locked.Where(sq.Eq{"id": 1}), func(ctx context.Context) {
			rows, err := c.other.NoWait().OrderBy("id").All(ctx, d.DB)
			var pg *pgconn.PgError
			if c.waits && (!errors.As(err, &pg) || pg.Code != "55P03") || !c.waits && (err != nil || len(rows) != 4) {
				t.Errorf("%s, NoWait: got %d rows, %v", c.name, len(rows), err)
			}
			rows, err = c.other.SkipLocked().OrderBy("id").All(ctx, d.DB)
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
func lockAccount(t *testing.T, q dovetail.Query[*models.Account], test func(context.Context)) {
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
