package writes_test

import (
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

type kbNode struct {
	ID     int64
	UpID   *int64
	GoneAt *time.Time
}

// TestDeletesOfTreesTellRowsThatTheDatabaseKeeps: a trigger keeps a row of a tree without an error. Nothing of the tree goes then, though one
// statement takes all of it.
func TestDeletesOfTreesTellRowsThatTheDatabaseKeeps(t *testing.T) {
	t.Parallel()
	type nodes = *dovetail.Table[kbNode]
	top := squirrel.Eq{"id": 1}
	marks := []dovetail.TableOption{dovetail.SoftDelete("gone_at")}
	for name, c := range map[string]struct {
		options []dovetail.TableOption
		gone    bool // all are marked before
		do      func(t *testing.T, d kit.Database, n nodes) error
	}{
		"Exec": {nil, false, func(t *testing.T, d kit.Database, n nodes) error {
			_, err := dovetail.Delete(n).Where(top).Exec(t.Context(), d.DB)
			return err
		}},
		"Returning": {nil, false, func(t *testing.T, d kit.Database, n nodes) error {
			_, err := dovetail.Delete(n).Where(top).Returning(t.Context(), d.DB)
			return err
		}},
		"DeleteRows": {nil, false, func(t *testing.T, d kit.Database, n nodes) error {
			return dovetail.DeleteRows(t.Context(), d.DB, n, &kbNode{ID: 1})
		}},
		"in a transaction": {nil, false, func(t *testing.T, d kit.Database, n nodes) error {
			return d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
				_, err := dovetail.Delete(n).Where(top).Exec(t.Context(), tx)
				kit.SQL[int64](t.Context(), tx, "SELECT 1") // which goes on
				return err
			})
		}},
		"marked": {marks, false, func(t *testing.T, d kit.Database, n nodes) error {
			_, err := dovetail.Delete(n).Where(top).Exec(t.Context(), d.DB)
			return err
		}},
		"restored": {marks, true, func(t *testing.T, d kit.Database, n nodes) error {
			_, err := dovetail.Restore(n).Where(top).Exec(t.Context(), d.DB)
			return err
		}},
	} {
		for _, enforced := range []bool{true, false} {
			for _, keeps := range []string{"1", "2"} {
				if enforced && keeps == "2" && c.options == nil {
					continue // its key refuses
				}
				t.Run(name+map[bool]string{true: "", false: " logical"}[enforced]+" keeps "+keeps, func(t *testing.T) {
					t.Parallel()
					kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
						relation := []dovetail.RelationOption{dovetail.ForeignKey("up_id"), dovetail.OnDelete(dovetail.Cascade)}
						references := " REFERENCES kb_nodes ON DELETE CASCADE"
						if !enforced {
							relation, references = append(relation, dovetail.Logical()), ""
						}
						r := dovetail.NewRegistry()
						n := dovetail.NewTable[kbNode](r, "kb_nodes", append(c.options, dovetail.AssignedKey())...)
						dovetail.HasMany(n, "below", n, relation...)
						d.Exec(t, "CREATE TABLE kb_nodes (id BIGINT PRIMARY KEY, up_id BIGINT"+references+", gone_at TIMESTAMP)")
						d.Exec(t, "INSERT INTO kb_nodes (id, up_id) VALUES (1, NULL), (2, 1), (3, 2), (4, NULL)")
						if c.gone {
							d.Exec(t, "UPDATE kb_nodes SET gone_at = '2020-01-01 00:00:00'")
						}
						kbKeep(t, d, c.options != nil, keeps)
						kit.Refused(t, c.do(t, d, n), dovetail.ErrInvalidRow, `1 row of "kb_nodes" would be `, "and is as before")
						people.ExpectLines(t, d, "SELECT count(*) || ' ' || count(gone_at) FROM kb_nodes", map[bool]string{false: "4 0", true: "4 4"}[c.gone])

						d.Exec(t, "DROP TRIGGER keeps"+map[bool]string{true: " ON kb_nodes"}[d.Postgres()])
						kit.NoError(t, c.do(t, d, n))
						want := map[bool]string{true: "1 0", false: "4 3"}[c.options == nil]
						if c.gone {
							want = "4 1"
						}
						people.ExpectLines(t, d, "SELECT count(*) || ' ' || count(gone_at) FROM kb_nodes", want)
					})
				})
			}
		}
	}
}

// kbKeep has the database keep a row as it is.
func kbKeep(t *testing.T, d kit.Database, marks bool, id string) {
	t.Helper()
	verb := map[bool]string{true: "UPDATE", false: "DELETE"}[marks]
	text := "CREATE TRIGGER keeps BEFORE {verb} ON kb_nodes WHEN old.id = {id} BEGIN SELECT RAISE(IGNORE); END"
	if d.Postgres() {
		text = `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
			CREATE TRIGGER keeps BEFORE {verb} ON kb_nodes FOR EACH ROW WHEN (old.id = {id}) EXECUTE FUNCTION keep()`
	}
	d.Exec(t, strings.NewReplacer("{verb}", verb, "{id}", id).Replace(text))
}
