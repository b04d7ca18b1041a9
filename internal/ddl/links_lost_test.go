package ddl_test

import (
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail"
)

type (
	llEnd  struct{ ID int64 }
	llLink struct {
		AID int64 `db:"a_id"`
		TID int64 `db:"t_id"`
	}
	llGraded struct {
		AID   int64 `db:"a_id"`
		TID   int64 `db:"t_id"`
		Grade *string
	}
	llMorph struct {
		ItemType string
		ItemID   int64
		TID      int64 `db:"t_id"`
	}
)

// TestLinksThatGoWithWhatIsNotDeclaredAreReported: the rows of a join table go by themselves where no struct has more than their keys, and
// the database may have.
func TestLinksThatGoWithWhatIsNotDeclaredAreReported(t *testing.T) {
	t.Parallel()
	const (
		lost = `warning as.ts: table "l": a delete of a row that is linked by relation "as.ts" removes its links, and with them what is in columns that ` +
			`are not declared (grade): declare them, or OnDelete on the relation`
		lostOfMorph = `warning as.ts: table "m": a delete of a row that is linked by relation "as.ts" removes its links, and with them what is in ` +
			`columns that are not declared (grade): declare them, or OnDelete on the relation`
	)
	onEach(t, func(t *testing.T, s server) {
		s.must(t, `CREATE TABLE "as" (id BIGINT NOT NULL PRIMARY KEY)`, `CREATE TABLE ts (id BIGINT NOT NULL PRIMARY KEY)`,
			`CREATE TABLE l (a_id BIGINT NOT NULL REFERENCES "as" ON DELETE CASCADE, t_id BIGINT NOT NULL REFERENCES ts ON DELETE CASCADE, grade TEXT, PRIMARY KEY (a_id, t_id))`,
			`CREATE INDEX l_t ON l (t_id)`,
			`CREATE TABLE m (item_type TEXT NOT NULL, item_id BIGINT NOT NULL, t_id BIGINT NOT NULL REFERENCES ts ON DELETE CASCADE, grade TEXT, PRIMARY KEY (item_type, item_id, t_id))`)
		keys := dovetail.PrimaryKey("a_id", "t_id")
		through := dovetail.ThroughKeys("a_id", "t_id")
		tables := func() (*dovetail.Registry, *dovetail.Table[llEnd], *dovetail.Table[llEnd]) {
			r := dovetail.NewRegistry()
			return r, dovetail.NewTable[llEnd](r, "as", dovetail.AssignedKey()), dovetail.NewTable[llEnd](r, "ts", dovetail.AssignedKey())
		}
		for _, c := range []struct {
			name, want string
			declare    func() *dovetail.Registry
		}{
			{"unsaid", lost, func() *dovetail.Registry {
				r, as, ts := tables()
				dovetail.ManyToMany(as, "ts", ts, dovetail.NewTable[llLink](r, "l", keys), through)
				return r
			}},
			{"polymorphic", lostOfMorph, func() *dovetail.Registry {
				r, as, ts := tables()
				dovetail.MorphToMany(as, "ts", ts, dovetail.NewTable[llMorph](r, "m", dovetail.PrimaryKey("item_type", "item_id", "t_id")),
					dovetail.MorphKey("item_type", "item_id"), dovetail.ForeignKey("t_id"), dovetail.MorphValue("a"))
				return r
			}},
			{"said", "", func() *dovetail.Registry {
				r, as, ts := tables()
				dovetail.ManyToMany(as, "ts", ts, dovetail.NewTable[llLink](r, "l", keys), through, dovetail.OnDelete(dovetail.Cascade))
				return r
			}},
			{"declared by another struct", "", func() *dovetail.Registry {
				r, as, ts := tables()
				dovetail.NewTable[llGraded](r, "l", keys)
				dovetail.ManyToMany(as, "ts", ts, dovetail.NewTable[llLink](r, "l", keys), through)
				return r
			}},
		} {
			var got []string
			for _, line := range lines(s.check(t, c.declare())) {
				if line == lost || line == lostOfMorph {
					got = append(got, line)
				}
			}
			if c.want == "" && len(got) > 0 || c.want != "" && !slices.Equal(got, []string{c.want}) {
				t.Errorf("%s: expected %q, got %q of %q", c.name, c.want, got, lines(s.check(t, c.declare())))
			}
		}
	})
}
