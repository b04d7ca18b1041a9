package peers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The scenarios of docs/peers.md that come from GORM's tests and that no other test of ours shows.

// Shelves, boxes, items, labels and hints are held by value all the way down; labels and hints are shared.

type peerShelf struct {
	ID    int64
	Boxes []peerBox
}

type peerBox struct {
	ID      int64
	ShelfID int64
	Items   []peerItem
	Shelf   peerShelfRow
}

type peerShelfRow struct{ ID int64 }

type peerItem struct {
	ID     int64
	BoxID  int64
	Labels []peerLabel
}

type peerLabel struct {
	ID    int64
	Hints []peerHint
}

type peerHint struct{ ID int64 }

type peerItemLabel struct{ ItemID, LabelID int64 }

type peerLabelHint struct{ LabelID, HintID int64 }

// PeerAddress is embedded, with a relation of its own.
type PeerAddress struct {
	City      string
	CountryID *int64
	Country   *peerCountry
}

// PostalAddress and VisitedAddress are two addresses of one struct.

type PostalAddress struct{ PeerAddress }

type VisitedAddress struct{ PeerAddress }

type peerCountry struct {
	ID   int64
	Name string
}

type peerPerson struct {
	ID int64
	PeerAddress
}

type peerOffice struct {
	ID             int64
	PostalAddress  `db:"postal"`
	VisitedAddress `db:"visited"`
}

// peerPersonInfo is a person with a column more, filled by an expression.
type peerPersonInfo struct {
	peerPersonRow
	Something string `db:"something,computed"`
}

type peerPersonRow struct {
	ID        int64
	CountryID *int64
	Country   *peerCountry
}

type peerGorm struct {
	shelves *dovetail.Table[peerShelf]
	boxes   *dovetail.Table[peerBox]
	labels  *dovetail.Table[peerLabel]
	people  *dovetail.Table[peerPerson]
	offices *dovetail.Table[peerOffice]
	infos   *dovetail.Table[peerPersonInfo]
}

func newPeerGorm() peerGorm {
	r := dovetail.NewRegistry()
	g := peerGorm{
		shelves: dovetail.NewTable[peerShelf](r, "peer_shelves"),
		boxes:   dovetail.NewTable[peerBox](r, "peer_boxes"),
		labels:  dovetail.NewTable[peerLabel](r, "peer_labels"),
		people:  dovetail.NewTable[peerPerson](r, "peer_people"),
		offices: dovetail.NewTable[peerOffice](r, "peer_offices"),
		infos:   dovetail.NewTable[peerPersonInfo](r, "peer_people"),
	}
	items, hints := dovetail.NewTable[peerItem](r, "peer_items"), dovetail.NewTable[peerHint](r, "peer_hints")
	countries, rows := dovetail.NewTable[peerCountry](r, "peer_countries"), dovetail.NewTable[peerShelfRow](r, "peer_shelves")
	itemLabels := dovetail.NewTable[peerItemLabel](r, "peer_item_labels")
	labelHints := dovetail.NewTable[peerLabelHint](r, "peer_label_hints")
	dovetail.HasMany(g.shelves, "boxes", g.boxes, dovetail.ForeignKey("shelf_id"))
	dovetail.BelongsTo(g.boxes, "shelf", rows, dovetail.ForeignKey("shelf_id"))
	dovetail.HasMany(g.boxes, "items", items, dovetail.ForeignKey("box_id"))
	dovetail.ManyToMany(items, "labels", g.labels, itemLabels, dovetail.ThroughKeys("item_id", "label_id"))
	dovetail.ManyToMany(g.labels, "hints", hints, labelHints, dovetail.ThroughKeys("label_id", "hint_id"))
	dovetail.BelongsTo(g.people, "country", countries, dovetail.ForeignKey("country_id"))
	dovetail.BelongsTo(g.infos, "country", countries, dovetail.ForeignKey("country_id"))
	dovetail.BelongsTo(g.offices, "postal_country", countries, dovetail.ForeignKey("postal.country_id"),
		dovetail.Field("PostalAddress.Country"))
	dovetail.BelongsTo(g.offices, "visited_country", countries, dovetail.ForeignKey("visited.country_id"),
		dovetail.Field("VisitedAddress.Country"))
	return g
}

const peerGormDDL = `
CREATE TABLE peer_shelves (id BIGINT PRIMARY KEY);
CREATE TABLE peer_boxes (id BIGINT PRIMARY KEY, shelf_id BIGINT NOT NULL);
CREATE TABLE peer_items (id BIGINT PRIMARY KEY, box_id BIGINT NOT NULL);
CREATE TABLE peer_labels (id BIGINT PRIMARY KEY);
CREATE TABLE peer_hints (id BIGINT PRIMARY KEY);
CREATE TABLE peer_item_labels (item_id BIGINT NOT NULL, label_id BIGINT NOT NULL);
CREATE TABLE peer_label_hints (label_id BIGINT NOT NULL, hint_id BIGINT NOT NULL);
INSERT INTO peer_shelves VALUES (1), (2), (3);
INSERT INTO peer_boxes VALUES (11, 1), (12, 1), (13, 2);
INSERT INTO peer_items VALUES (21, 11), (22, 11), (23, 13);
INSERT INTO peer_labels VALUES (31), (32), (33);
INSERT INTO peer_hints VALUES (41), (42);
INSERT INTO peer_item_labels VALUES (21, 31), (21, 32), (22, 31), (23, 31), (23, 33);
INSERT INTO peer_label_hints VALUES (31, 41), (31, 42), (32, 42);
CREATE TABLE peer_countries (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE peer_people (id BIGINT PRIMARY KEY, city TEXT NOT NULL, country_id BIGINT);
CREATE TABLE peer_offices (id BIGINT PRIMARY KEY, "postal.city" TEXT NOT NULL, "postal.country_id" BIGINT,
  "visited.city" TEXT NOT NULL, "visited.country_id" BIGINT);
INSERT INTO peer_countries VALUES (1, 'Chad'), (2, 'Peru');
INSERT INTO peer_people VALUES (1, 'Ati', 1), (2, 'Lima', 2), (3, 'Atlantis', NULL);
INSERT INTO peer_offices VALUES (1, 'Ati', 1, 'Lima', 2), (2, 'Lima', 2, 'Atlantis', NULL);
`

func TestPeersGorm(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, kit.ReadingsDDL(t)+peerGormDDL, []kit.Case{
		{Name: "empty lists are [] in JSON and nil is null", Run: testGormEmptyJSON},
		{Name: "four levels of values", Run: testGormValues},
		{Name: "a condition at the fourth level", Run: testGormValuesFiltered},
		{Name: "owners shared below a to-one", Run: testGormSharedBelow},
		{Name: "relation of an embedded struct", Run: testGormEmbedded},
		{Name: "one struct embedded twice", Run: testGormEmbeddedTwice},
		{Name: "embedded model with a computed column", Run: testGormDiffModel},
		{Name: "one relation filtered in two ways", Run: testGormTwoFilters},
		{Name: "joins with a condition each", Run: testGormJoinConditions},
		{Name: "count and then the rows of one query", Run: testGormCountThenRows},
		{Name: "group by two columns", Run: testGormGroupTwo},
		{Name: "count of expressions", Run: testGormCountExpressions},
		{Name: "preload below a fetched row that may be missing", Run: testGormPreloadBelowFetched},
	})
}

func testGormEmptyJSON(t *testing.T, d kit.Database) {
	q := dovetail.Select(newPeerGorm().shelves).Where(squirrel.Eq{"id": []int64{2, 3}}).OrderBy("id")
	for want, q := range map[string]dovetail.Query[*peerShelf]{
		`[{"ID":2,"Boxes":null},{"ID":3,"Boxes":null}]`:                                                q,
		`[{"ID":2,"Boxes":[{"ID":13,"ShelfID":2,"Items":null,"Shelf":{"ID":0}}]},{"ID":3,"Boxes":[]}]`: q.Preload("boxes"),
	} {
		text, err := json.Marshal(kit.All(t, d.DB, q))
		if err != nil || string(text) != want {
			t.Errorf("expected %s, got %s, %v", want, text, err)
		}
	}
}

// shelvesText shows shelves with all that is loaded below them; a list that is not loaded is "?".
func shelvesText(shelves []*peerShelf) string {
	var b strings.Builder
	for _, s := range shelves {
		fmt.Fprintf(&b, "%d(", s.ID)
		for _, box := range s.Boxes {
			fmt.Fprintf(&b, "%d(", box.ID)
			for _, item := range box.Items {
				fmt.Fprintf(&b, "%d(", item.ID)
				for _, label := range item.Labels {
					fmt.Fprintf(&b, "%d(", label.ID)
					for _, hint := range label.Hints {
						fmt.Fprintf(&b, "%d ", hint.ID)
					}
					b.WriteString(loadedEnd(label.Hints == nil))
				}
				b.WriteString(loadedEnd(item.Labels == nil))
			}
			b.WriteString(loadedEnd(box.Items == nil))
		}
		b.WriteString(loadedEnd(s.Boxes == nil))
	}
	return strings.TrimSpace(b.String())
}

func loadedEnd(missing bool) string {
	if missing {
		return "?) "
	}
	return ") "
}

func testGormValues(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(newPeerGorm().shelves).OrderBy("id")
	shelves := kit.All(t, rec, q.Preload("boxes.items.labels.hints"))
	rec.Expect(t, 5, 5)
	kit.Equal(t, "shelves", shelvesText(shelves), "1(11(21(31(41 42 ) 32(42 ) ) 22(31(41 42 ) ) ) 12() ) "+
		"2(13(23(31(41 42 ) 33() ) ) ) 3()")
	shelves = kit.All(t, rec, q.Preload("boxes.items").Preload("boxes.shelf"))
	rec.Expect(t, 4, 3)
	kit.Equal(t, "two levels", shelvesText(shelves), "1(11(21(?) 22(?) ) 12() ) 2(13(23(?) ) ) 3()")
	kit.Equal(t, "shelf of a box", shelves[1].Boxes[0].Shelf.ID, 2)
}

func testGormValuesFiltered(t *testing.T, d kit.Database) {
	g := newPeerGorm()
	rec := d.Record()
	shelves := kit.All(t, rec, dovetail.Select(g.shelves).OrderBy("id").
		Preload("boxes.items.labels", dovetail.Select(g.labels).Where(squirrel.Eq{"id": []int64{32, 33}})))
	rec.Expect(t, 4, 4)
	kit.Equal(t, "only the labels are filtered", shelvesText(shelves), "1(11(21(32(?) ) 22() ) 12() ) 2(13(23(33(?) ) ) ) 3()")
}

// testGormSharedBelow reaches one account from three activities: its list is loaded once, not three times.
func testGormSharedBelow(t *testing.T, d kit.Database) {
	rec := d.Record()
	activities := kit.All(t, rec, dovetail.Select(models.Activities).Where(squirrel.Eq{"account_id": 1}).OrderBy("id").
		Preload("account.activities"))
	rec.Expect(t, 3, 3)
	for _, a := range activities {
		kit.Equal(t, "account", a.Account, activities[0].Account)
		kit.Same(t, "its activities", models.ActivityIDs(a.Account), 1, 2, 3)
	}
}

func testGormEmbedded(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(newPeerGorm().people).OrderBy("id")
	people := kit.All(t, rec, q.Preload("country"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "city", people[1].City, "Lima")
	kit.Equal(t, "country", people[0].Country.Name, "Chad")
	kit.Equal(t, "country", people[1].Country.Name, "Peru")
	kit.Equal(t, "no country", people[2].Country, (*peerCountry)(nil))
	peru := kit.All(t, rec, q.Where(squirrel.Eq{"country.name": "Peru"}))
	rec.Expect(t, 1, 1)
	kit.Same(t, "by country", kit.Pluck(peru, func(p *peerPerson) string { return p.City }), "Lima")
}

func testGormEmbeddedTwice(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(newPeerGorm().offices).OrderBy("id")
	offices := kit.All(t, rec, q.Preload("postal_country"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "postal", offices[1].PostalAddress.Country.Name, "Peru")
	kit.Equal(t, "the other is not loaded", offices[0].VisitedAddress.Country, (*peerCountry)(nil))
	offices = kit.All(t, rec, q.Preload("postal_country").Preload("visited_country"))
	rec.Expect(t, 3, 2)
	kit.Equal(t, "postal", offices[0].PostalAddress.Country.Name, "Chad")
	kit.Equal(t, "visited", offices[0].VisitedAddress.Country.Name, "Peru")
	kit.Equal(t, "visited without a country", offices[1].VisitedAddress.Country, (*peerCountry)(nil))
}

func testGormDiffModel(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(newPeerGorm().infos).Column("'yo' AS something").
		Where(squirrel.Eq{"id": 2}).Preload("country"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "computed", rows[0].Something, "yo")
	kit.Equal(t, "country", rows[0].Country.Name, "Peru")
}

func testGormTwoFilters(t *testing.T, d kit.Database) {
	rec := d.Record()
	base, kind := dovetail.Select(models.Accounts).Where(squirrel.Eq{"id": 1}), dovetail.Select(models.Activities)
	deposits := kit.All(t, rec, base.Preload("activities", kind.Where(squirrel.Eq{"activity_type": models.Deposit})))
	withdrawals := kit.All(t, rec, base.Preload("activities", kind.Where(squirrel.Eq{"activity_type": models.Withdrawal})))
	rec.Expect(t, 4, 4)
	kit.Same(t, "deposits", models.ActivityIDs(deposits[0]), 1, 2)
	kit.Same(t, "withdrawals", models.ActivityIDs(withdrawals[0]), 3)
}

func testGormJoinConditions(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users).Join("posts", squirrel.Eq{"title": "Joins"})
	kit.Same(t, "one join", kit.Pluck(kit.All(t, rec, q), models.UserName), "ann")
	kit.Same(t, "two joins", kit.Pluck(kit.All(t, rec, q.Join("profile", squirrel.Eq{"bio": "writes"})), models.UserName), "ann")
	kit.Same(t, "nothing", kit.Pluck(kit.All(t, rec, q.Join("profile", squirrel.Eq{"bio": "no such"})), models.UserName))
	kit.Same(t, "the same column of three tables", kit.Pluck(kit.All(t, rec, q.Join("profile").
		Where(squirrel.Eq{"id": 1, "posts.id": 1, "profile.id": 1})), models.UserName), "ann")
	rec.Expect(t, 4, 4)
}

func testGormCountThenRows(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts).Join("author").LeftJoin("editor").Where(squirrel.Eq{"author.name": "bea"})
	n, err := q.Count(t.Context(), rec)
	if err != nil || n != 1 {
		t.Fatalf("expected to count 1, got %d, %v", n, err)
	}
	post, err := q.One(t.Context(), rec)
	if err != nil || post.ID != 3 || post.Title != "Nulls" || *post.EditorID != 1 {
		t.Errorf("expected the post's own columns, got %+v, %v", post, err)
	}
	rec.Expect(t, 2, 2)
}

func testGormGroupTwo(t *testing.T, d kit.Database) {
	type sum struct {
		AccountID    int64
		ActivityType models.ActivityType
		Total        int64
	}
	rec := d.Record()
	q := dovetail.Select(models.Activities).Columns("account_id", "activity_type").GroupBy("account_id", "activity_type").
		Column("CAST(sum(amount) AS BIGINT) AS total").OrderBy("account_id", "activity_type")
	kit.Same(t, "sums", kit.Collect[sum](t, rec, q), sum{1, models.Deposit, 1700}, sum{1, models.Withdrawal, 500}, sum{2, models.Deposit, 30},
		sum{3, models.Deposit, 750}, sum{3, models.Withdrawal, 800})
	kit.Same(t, "having", kit.Collect[sum](t, rec, q.Having(squirrel.Eq{"account_id": 1}).Having("sum(amount) > ?", 600)),
		sum{1, models.Deposit, 1700})
	rec.Expect(t, 2, 2)
}

func testGormCountExpressions(t *testing.T, d kit.Database) {
	rec := d.Record()
	kind := squirrel.Expr("CASE WHEN owner = CAST(? AS TEXT) THEN 'main' ELSE 'other' END AS kind", "Patrick")
	q := dovetail.Select(models.Accounts).Columns().Column(kind)
	for _, c := range []struct {
		name string
		q    dovetail.Query[*models.Account]
		want int64
	}{{"rows", q, 4}, {"distinct values", q.Distinct(), 2}, {"limited", q.Limit(3), 3}} {
		n, err := c.q.Count(t.Context(), rec)
		if err != nil || n != c.want {
			t.Errorf("%s: expected to count %d, got %d, %v", c.name, c.want, n, err)
		}
		kit.Equal(t, c.name, len(kit.Collect[string](t, rec, c.q)), int(c.want))
	}
	rec.Expect(t, 6, 6)
}

// testGormPreloadBelowFetched has one post without an editor between two with one.
func testGormPreloadBelowFetched(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts).Fetch("editor.profile").Preload("editor.posts")
	posts := kit.All(t, rec, q.OrderBy("id"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "no editor", posts[1].Editor, (*models.User)(nil))
	for i, want := range map[int]string{0: "bea 2 [Nulls]", 2: "ann 1 [Joins Keys]"} {
		editor := posts[i].Editor
		titles := kit.Pluck(editor.Posts, func(p models.Post) string { return p.Title })
		kit.Equal(t, "editor", fmt.Sprint(editor.Name, " ", editor.Profile.ID, " ", titles), want)
	}
	last, err := q.OrderBy("id DESC").First(t.Context(), rec)
	if err != nil || last.Editor.Profile.ID != 1 || len(last.Editor.Posts) != 2 {
		t.Errorf("expected the editor with profile 1 and two posts, got %+v, %v", last, err)
	}
	rec.Expect(t, 2, 2)
}
