package reads_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Items belong to one owner by a text, to another by an integer that may be NULL and is smaller in the table than in the struct.
type knownOwner struct {
	Code   string
	Number int64
	ByCode []*knownItem                            `rel:"by_code"`
	ByNum  []*knownItem                            `rel:"by_number"`
	Liked  []*knownItem                            `rel:"liked"`
	Links  []dovetail.Linked[knownItem, knownLike] `rel:"links"`
}

type knownItem struct {
	ID        int64
	OwnerCode string
	OwnerNum  *int64
	Name      string
	Labels    []*knownLabel
}

type knownLabel struct {
	ID     int32
	ItemID int64
}

type knownLike struct {
	OwnerNumber, ItemID int64
	Grade               int
}

// A row that comes again is not read again, and yet tells whose it is: by a column of its own, of the join table or beside both, also
// where it repeats because of what is fetched with it.
func TestARowThatIsKnownTellsItsOwner(t *testing.T) {
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[knownOwner](r, "known_owners", dovetail.PrimaryKey("number"))
	items := dovetail.NewTable[knownItem](r, "known_items")
	labels := dovetail.NewTable[knownLabel](r, "known_labels")
	likes := dovetail.NewTable[knownLike](r, "known_likes", dovetail.PrimaryKey("owner_number", "item_id"))
	dovetail.HasMany(owners, "by_code", items, dovetail.ForeignKey("owner_code"), dovetail.References("code"))
	dovetail.HasMany(owners, "by_number", items, dovetail.ForeignKey("owner_num"))
	dovetail.ManyToMany(owners, "liked", items, likes, dovetail.ThroughKeys("owner_number", "item_id"))
	dovetail.ManyToMany(owners, "links", items, likes, dovetail.ThroughKeys("owner_number", "item_id"))
	dovetail.HasMany(items, "labels", labels, dovetail.ForeignKey("item_id"))
	kit.OnEach(t, `CREATE TABLE known_owners (code TEXT NOT NULL UNIQUE, number INTEGER PRIMARY KEY);
		CREATE TABLE known_items (id BIGINT PRIMARY KEY, owner_code TEXT NOT NULL, owner_num SMALLINT, name TEXT NOT NULL);
		CREATE TABLE known_labels (id INTEGER PRIMARY KEY, item_id BIGINT NOT NULL);
		CREATE TABLE known_likes (owner_number BIGINT, item_id BIGINT, grade INTEGER NOT NULL, PRIMARY KEY (owner_number, item_id));
		INSERT INTO known_owners VALUES ('a', 1), ('b', 2), ('c', 30000);
		INSERT INTO known_items VALUES (11, 'a', 2, 'x'), (12, 'a', NULL, 'y'), (13, 'b', 30000, 'z');
		INSERT INTO known_labels VALUES (1, 11), (2, 11), (3, 12), (4, 13), (5, 13);
		INSERT INTO known_likes VALUES (1, 11, 1), (1, 13, 2), (2, 13, 3), (2, 11, 4), (30000, 13, 5);`, func(t *testing.T, d kit.Database) {
		withLabels := dovetail.Select(items).Fetch("labels").OrderBy("id")
		q := dovetail.Select(owners).OrderBy("number")
		for _, test := range []struct {
			name string
			q    dovetail.Query[*knownOwner]
			want string
		}{
			{"a text", q.Preload("by_code", withLabels), "a: 11x[1 2] 12y[3] | b: 13z[4 5] | c:"},
			{"an integer", q.Preload("by_number", withLabels), "a: | b: 11x[1 2] | c: 13z[4 5]"},
			{"beside", q.Preload("liked", withLabels), "a: 11x[1 2] 13z[4 5] | b: 11x[1 2] 13z[4 5] | c: 13z[4 5]"},
			{"beside, alone", q.Preload("liked", dovetail.Select(items).OrderBy("id")), "a: 11x[] 13z[] | b: 11x[] 13z[] | c: 13z[]"},
			{"the join table", q.Preload("links", withLabels), "a: 11x[1 2]1 13z[4 5]2 | b: 11x[1 2]4 13z[4 5]3 | c: 13z[4 5]5"},
			{"all in one", q.Fetch("liked").Fetch("liked.labels"), "a: 11x[1 2] 13z[4 5] | b: 11x[1 2] 13z[4 5] | c: 13z[4 5]"},
		} {
			t.Run(test.name, func(t *testing.T) {
				found, err := test.q.All(t.Context(), d.DB)
				kit.NoError(t, err)
				var texts []string
				for _, o := range found {
					text := o.Code + ":"
					for _, i := range append(append(o.ByCode, o.ByNum...), o.Liked...) {
						text += " " + knownText(i)
					}
					for _, l := range o.Links {
						text += fmt.Sprint(" ", knownText(l.Row), l.Link.Grade)
					}
					texts = append(texts, text)
				}
				if got := strings.Join(texts, " | "); got != test.want {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
			})
		}
	})
}

func knownText(i *knownItem) string {
	ids := []int32{}
	for _, l := range i.Labels {
		ids = append(ids, l.ID)
	}
	return fmt.Sprint(i.ID, i.Name, ids)
}
