package writes_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// A join table's rows go by default with what they link only where they say nothing else, and nothing points at them.

type (
	lpUser struct{ ID int64 }
	lpBook struct{ ID int64 }
	lpLoan struct {
		UserID, BookID int64
		Since          string
	}
	lpFine struct {
		ID             int64
		UserID, BookID *int64
		Fee            int64
	}
)

const lpDDL = `
CREATE TABLE lp_users (id BIGINT PRIMARY KEY);
CREATE TABLE lp_books (id BIGINT PRIMARY KEY);
CREATE TABLE lp_loans (user_id BIGINT NOT NULL REFERENCES lp_users (id), book_id BIGINT NOT NULL REFERENCES lp_books (id), since TEXT NOT NULL,
  PRIMARY KEY (user_id, book_id));
CREATE TABLE lp_fines (id BIGINT PRIMARY KEY, user_id BIGINT, book_id BIGINT, fee BIGINT NOT NULL,
  FOREIGN KEY (user_id, book_id) REFERENCES lp_loans (user_id, book_id))`

const lpFill = `DELETE FROM lp_fines; DELETE FROM lp_loans; DELETE FROM lp_users; DELETE FROM lp_books;
INSERT INTO lp_users VALUES (1), (2); INSERT INTO lp_books VALUES (1), (2);
INSERT INTO lp_loans VALUES (1, 1, 'a'), (2, 2, 'b'); INSERT INTO lp_fines VALUES (1, 1, 1, 5)`

const lpShown = `SELECT 'user ' || id FROM lp_users UNION ALL SELECT 'book ' || id FROM lp_books UNION ALL SELECT 'loan ' || user_id || ' ' || book_id FROM lp_loans
	UNION ALL SELECT 'fine ' || id || ' ' || coalesce(user_id, 0) FROM lp_fines ORDER BY 1`

type lpTables struct {
	users *dovetail.Table[lpUser]
	books *dovetail.Table[lpBook]
	lent  *dovetail.ToMany[*lpUser, *lpBook]
}

// newLPTables declares a many-to-many, with options, and fines that point at its links, with options, or not at all.
func newLPTables(links, fines []dovetail.RelationOption) lpTables {
	r := dovetail.NewRegistry()
	users, books := dovetail.NewTable[lpUser](r, "lp_users"), dovetail.NewTable[lpBook](r, "lp_books")
	loans := dovetail.NewTable[lpLoan](r, "lp_loans", dovetail.PrimaryKey("user_id", "book_id"))
	if fines != nil {
		dovetail.HasMany(loans, "fines", dovetail.NewTable[lpFine](r, "lp_fines"), append(fines, dovetail.ForeignKey("user_id", "book_id"))...)
	}
	return lpTables{users, books,
		dovetail.ManyToMany(users, "books", books, loans, append(links, dovetail.ThroughKeys("user_id", "book_id"))...)}
}

// TestLinksThatRowsPointAt deletes both ends of links that hold data and are pointed at, and of links that are not.
func TestLinksThatRowsPointAt(t *testing.T) {
	t.Parallel()
	on := func(p dovetail.DeletePolicy) []dovetail.RelationOption {
		return []dovetail.RelationOption{dovetail.OnDelete(p)}
	}
	byLinks, byFines := []string{`rows of "lp_loans"`, "OnDelete(Cascade)"}, []string{`rows of "lp_fines" by relation "lp_loans.fines"`, "OnDelete(Cascade)"}
	kit.OnEach(t, lpDDL, func(t *testing.T, d kit.Database) {
		for _, c := range []struct {
			name         string
			links, fines []dovetail.RelationOption
			refused      []string // else the link goes
			fine         string   // what is left of what points at it
			other        bool     // a link that nothing points at goes
		}{
			{"nothing is said", nil, []dovetail.RelationOption{}, byLinks, "", false},
			{"fines go", nil, on(dovetail.Cascade), byLinks, "", false},
			{"links go, nothing is said of fines", on(dovetail.Cascade), []dovetail.RelationOption{}, byFines, "", true},
			{"links go, fines keep them", on(dovetail.Cascade), on(dovetail.Restrict), byFines, "", true},
			{"both go", on(dovetail.Cascade), on(dovetail.Cascade), nil, "", true},
			{"links go, fines stay", on(dovetail.Cascade), on(dovetail.SetNull), nil, "fine 1 0", true},
			{"links stay", on(dovetail.Restrict), on(dovetail.Cascade), byLinks, "", false},
		} {
			l := newLPTables(c.links, c.fines)
			for end, remove := range map[string]func(id int64) error{
				"user": func(id int64) error {
					return second(dovetail.Delete(l.users).Where(squirrel.Eq{"id": id}).Exec(t.Context(), d.DB))
				},
				"book": func(id int64) error {
					return second(dovetail.Delete(l.books).Where(squirrel.Eq{"id": id}).Exec(t.Context(), d.DB))
				},
				"row": func(id int64) error { return dovetail.DeleteRows(t.Context(), d.DB, l.users, &lpUser{ID: id}) },
			} {
				what := c.name + ", " + end
				d.Exec(t, lpFill)
				gone := map[string]string{"row": "user"}[end]
				if gone == "" {
					gone = end
				}
				want := lpLeft(t, d, c.refused == nil, "1", gone, c.fine)
				err := remove(1)
				lpSaid(t, what, err, c.refused)
				kit.Same(t, what, kit.Texts(t, d.DB, lpShown), want...)

				var refused []string
				if !c.other {
					refused = byLinks
				}
				want = lpLeft(t, d, c.other, "2", gone, "fine 1")
				lpSaid(t, what+", not pointed at", remove(2), refused)
				kit.Same(t, what+", not pointed at", kit.Texts(t, d.DB, lpShown), want...)
			}
		}
	})
}

// lpLeft is what is there when a link has gone with one of its ends, if it goes, and the fine with it, or as it is then.
func lpLeft(t *testing.T, d kit.Database, goes bool, id, end, fine string) (left []string) {
	t.Helper()
	for _, line := range kit.Texts(t, d.DB, lpShown) {
		switch {
		case goes && (line == end+" "+id || line == "loan "+id+" "+id):
		case goes && line == "fine 1 "+id:
			if fine != "" {
				left = append(left, fine)
			}
		default:
			left = append(left, line)
		}
	}
	return left
}

func lpSaid(t *testing.T, what string, err error, refused []string) {
	t.Helper()
	if refused == nil {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	t.Run(what, func(t *testing.T) { kit.Refused(t, err, dovetail.ErrRestricted, refused...) })
}

// TestUnlinkOfALinkThatRowsPointAt: what is asked of a delete is asked of the link itself.
func TestUnlinkOfALinkThatRowsPointAt(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, lpDDL, func(t *testing.T, d kit.Database) {
		for name, fines := range map[string][]dovetail.RelationOption{
			"restrict": {}, "cascade": {dovetail.OnDelete(dovetail.Cascade)}, "set null": {dovetail.OnDelete(dovetail.SetNull)},
		} {
			l, ctx, user := newLPTables(nil, fines), t.Context(), &lpUser{ID: 1}
			for call, unlink := range map[string]func() error{
				"unlink":     func() error { return second(l.lent.Unlink(ctx, d.DB, user, &lpBook{ID: 1})) },
				"unlink all": func() error { return second(l.lent.UnlinkAll(ctx, d.DB, user)) },
				"replace":    func() error { return second(l.lent.Replace(ctx, d.DB, user)) },
				"replace with": func() error {
					return second(dovetail.ReplaceWith(ctx, d.DB, l.lent, user, dovetail.Linked[lpBook, lpLoan]{Row: &lpBook{ID: 2}, Link: &lpLoan{Since: "c"}}))
				},
			} {
				d.Exec(t, lpFill)
				what, err := name+", "+call, unlink()
				var fine []string
				switch name {
				case "restrict":
					lpSaid(t, what, err, []string{`rows of "lp_fines" by relation "lp_loans.fines"`, "OnDelete(Cascade)"})
					fine = []string{"fine 1 1"}
				case "set null":
					fine = []string{"fine 1 0"}
				}
				if name != "restrict" && err != nil {
					t.Errorf("%s: %v", what, err)
				}
				kit.Same(t, what, kit.Texts(t, d.DB, "SELECT 'fine ' || id || ' ' || coalesce(user_id, 0) FROM lp_fines"), fine...)
			}
		}
	})
}
