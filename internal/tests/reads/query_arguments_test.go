package reads_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TestAQueryInSQLTextStandsInParentheses: what the database would refuse as bad syntax is refused before, with what to write.
func TestAQueryInSQLTextStandsInParentheses(t *testing.T) {
	t.Parallel()
	type num struct{ ID, N int64 }
	nums := dovetail.NewTable[num](dovetail.NewRegistry(), "nums")
	most := dovetail.Select(nums).Column("max(n)").Columns()
	all := dovetail.Select(nums).Columns("id")
	kit.OnEach(t, "CREATE TABLE nums (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); INSERT INTO nums VALUES (1, 5), (2, 7)", func(t *testing.T, d kit.Database) {
		db := d.Record()
		for _, c := range []struct {
			text string
			arg  any
		}{
			{"n = ?", most}, {"n >= ?", most}, {"n - ? = 0", most}, {"id IN ?", all}, {"id NOT in $1", all}, {"EXISTS\n?", all}, {"n = 1 OR ?", most},
			{"CASE WHEN n > 1 THEN ? END = 7", most}, {"n = ?", squirrel.Select("max(n)").From("nums")}, {"n IN (1, (SELECT max(m) FROM ? AS m))", most},
		} {
			_, err := dovetail.Select(nums).Where(c.text, c.arg).All(t.Context(), db)
			kit.Refused(t, err, dovetail.ErrInvalidQuery, "a query stands behind", "without parentheses")
			_, err = dovetail.Update(nums).Set("n", squirrel.Expr("n + ?", most)).All().Exec(t.Context(), db)
			kit.Refused(t, err, dovetail.ErrInvalidQuery, `a query stands behind "+" without parentheses; put them around it, as in + (?)`)
		}
		db.Expect(t, 0, 0)
		for _, c := range []struct {
			text string
			arg  any
		}{
			{"n = (?)", most}, {"id IN (?) AND n = 7", all.Where("n > 6")}, {"EXISTS (?) AND n = 7", all}, {"n = ?", squirrel.Expr("(?)", most)},
			{"n = ?", squirrel.Expr("(SELECT max(n) FROM nums)")}, {"n IN (SELECT 0 UNION ALL ?)", most},
		} {
			rows, err := dovetail.Select(nums).Where(c.text, c.arg).All(t.Context(), d.DB)
			if err != nil || len(rows) != 1 || rows[0].ID != 2 {
				t.Errorf("%s: expected the second row, got %d, %v", c.text, len(rows), err)
			}
		}
	})
}
