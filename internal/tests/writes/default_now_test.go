package writes_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type dnEvent struct {
	ID int64
	At time.Time
}

// TestTheTimeOfTheStatementIsADefault makes a table whose default is the time of the statement, as one text for both databases.
func TestTheTimeOfTheStatementIsADefault(t *testing.T) {
	t.Parallel()
	for i, now := range []string{"now()", "CURRENT_TIMESTAMP", " NOW ( ) "} {
		r := dovetail.NewRegistry()
		events := dovetail.NewTable[dnEvent](r, fmt.Sprintf("dn_events_%d", i), dovetail.Default("at", now))
		kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
			kit.NoError(t, r.CreateAll(t.Context(), d.DB))
			event := &dnEvent{}
			kit.NoError(t, dovetail.Insert(events, event).Exec(t.Context(), d.DB))
			if age := time.Since(event.At); age < -24*time.Hour || age > 48*time.Hour { // whatever the zone
				t.Errorf("%q: expected the time of the insert, got %v", now, event.At)
			}
			findings, err := r.Check(t.Context(), d.DB)
			kit.NoError(t, err)
			kit.Equal(t, "findings", len(findings), 0)
		})
	}
}

type (
	dnOwner struct {
		Tenant string
		ID     int64
		Card   *dnCard
	}
	dnCard struct {
		Tenant  string
		ID      int64
		OwnerID int64
	}
)

// TestMessagesNameWholeKeys names all columns of a key of which a to-one relation has two rows, and tells a Query in squirrel's Expr how to see the
// row around.
func TestMessagesNameWholeKeys(t *testing.T) {
	t.Parallel()
	r, key := dovetail.NewRegistry(), dovetail.PrimaryKey("tenant", "id")
	owners, cards := dovetail.NewTable[dnOwner](r, "owners", key), dovetail.NewTable[dnCard](r, "cards", key)
	dovetail.HasOne(owners, "card", cards, dovetail.ForeignKey("tenant", "owner_id"))
	kit.OnEach(t, `CREATE TABLE owners (tenant TEXT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (tenant, id));
		CREATE TABLE cards (tenant TEXT NOT NULL, id BIGINT NOT NULL, owner_id BIGINT NOT NULL, PRIMARY KEY (tenant, id));
		INSERT INTO owners VALUES ('a', 1);
		INSERT INTO cards VALUES ('a', 1, 1), ('a', 2, 1)`, func(t *testing.T, d kit.Database) {
		_, err := dovetail.Select(owners).Preload("card").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrTooManyRows, "have one tenant, owner_id;")

		alike := dovetail.Select(cards).Columns().Column("count(*)").Where(squirrel.Eq{"owner_id": dovetail.Col("outer.id")})
		_, err = dovetail.Select(owners).Where(squirrel.Expr("(?) >= ?", alike, 2)).All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnknownRelation, "squirrel's Expr", "Matching(")
		n, err := dovetail.Select(owners).Where("(?) >= ?", alike, 2).Count(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "as text of Where", n, 1)
	})
}
