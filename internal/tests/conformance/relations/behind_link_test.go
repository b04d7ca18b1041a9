package relations_test

import (
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The models of a join table with relations of its own: a client has addresses, each by links of a kind, with remarks.

type behindClient struct {
	ID        int64
	Name      string
	First     *string `db:"first,computed"`
	Most      *string `db:"most,computed"`
	Homes     int64   `db:"homes,computed"`
	Addresses []dovetail.Linked[behindAddress, behindUse]
	Plain     []*behindAddress
}

type behindLetter struct {
	ID       int64
	ClientID int64
	Client   *behindClient
}

type behindAddress struct {
	ID      int64
	City    string
	Clients []dovetail.Linked[behindClient, behindUse]
}

type behindUse struct {
	ID        int64
	ClientID  int64
	AddressID int64
	KindID    *int64
	Kind      *behindKind
	Remarks   []*behindRemark
}

type behindKind struct {
	ID      int64
	Name    string
	GroupID int64
	Gone    bool
	Group   *behindGroup
}

type behindGroup struct {
	ID   int64
	Name string
}

type behindRemark struct {
	ID    int64
	UseID int64
	Text  string
}

const behindDDL = `
CREATE TABLE clients (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE letters (id BIGINT PRIMARY KEY, client_id BIGINT NOT NULL);
CREATE TABLE addresses (id BIGINT PRIMARY KEY, city TEXT NOT NULL);
CREATE TABLE kind_groups (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE kinds (id BIGINT PRIMARY KEY, name TEXT NOT NULL, group_id BIGINT NOT NULL, gone BOOLEAN NOT NULL);
CREATE TABLE uses (id BIGINT PRIMARY KEY, client_id BIGINT NOT NULL, address_id BIGINT NOT NULL, kind_id BIGINT);
CREATE TABLE remarks (id BIGINT PRIMARY KEY, use_id BIGINT NOT NULL, text TEXT NOT NULL);
INSERT INTO clients (id, name) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cat');
INSERT INTO letters (id, client_id) VALUES (1, 1), (2, 1), (3, 3);
INSERT INTO addresses (id, city) VALUES (1, 'Rome'), (2, 'Oslo'), (3, 'Bonn');
INSERT INTO kind_groups (id, name) VALUES (1, 'private'), (2, 'business');
INSERT INTO kinds (id, name, group_id, gone) VALUES (1, 'home', 1, FALSE), (2, 'work', 2, FALSE), (3, 'old', 1, TRUE);
INSERT INTO uses (id, client_id, address_id, kind_id) VALUES (1, 1, 1, 1), (2, 1, 1, 2), (3, 1, 2, NULL), (4, 2, 2, 2), (5, 2, 3, 3);
INSERT INTO remarks (id, use_id, text) VALUES (1, 1, 'ring'), (2, 4, 'shut'), (3, 4, 'gate');`

type behindTables struct {
	clients   *dovetail.Table[behindClient]
	addresses *dovetail.Table[behindAddress]
	letters   *dovetail.Table[behindLetter]
}

func newBehind() behindTables {
	r := dovetail.NewRegistry()
	t := behindTables{
		clients: dovetail.NewTable[behindClient](r, "clients"), addresses: dovetail.NewTable[behindAddress](r, "addresses"),
		letters: dovetail.NewTable[behindLetter](r, "letters"),
	}
	uses := dovetail.NewTable[behindUse](r, "uses")
	kinds := dovetail.NewTable[behindKind](r, "kinds", dovetail.SoftDelete("gone"))
	groups, remarks := dovetail.NewTable[behindGroup](r, "kind_groups"), dovetail.NewTable[behindRemark](r, "remarks")
	keys := dovetail.ThroughKeys("client_id", "address_id")
	dovetail.ManyToMany(t.clients, "addresses", t.addresses, uses, keys, dovetail.Inverse("clients"))
	dovetail.ManyToMany(t.clients, "plain", t.addresses, uses, keys)
	dovetail.ManyToMany(t.clients, "private", t.addresses, uses, keys,
		dovetail.Where(dovetail.Has("link.kind", sq.Eq{"group_id": 1})))
	dovetail.BelongsTo(uses, "kind", kinds, dovetail.ForeignKey("kind_id"))
	dovetail.HasMany(uses, "remarks", remarks, dovetail.ForeignKey("use_id"))
	dovetail.BelongsTo(kinds, "group", groups, dovetail.ForeignKey("group_id"))
	dovetail.BelongsTo(t.letters, "client", t.clients, dovetail.ForeignKey("client_id"))
	return t
}

// TestPathsGoOnBehindALink names rows behind the row of a join table, in every clause.
func TestPathsGoOnBehindALink(t *testing.T) {
	t.Parallel()
	tables := newBehind()
	clients, addresses := dovetail.Select(tables.clients), dovetail.Select(tables.addresses)
	kit.OnEach(t, behindDDL, func(t *testing.T, d kit.Database) {
		names := func(what string, q dovetail.Query[*behindClient], want ...string) {
			t.Helper()
			kit.Same(t, what, kit.Pluck(kit.All(t, d.DB, q.OrderBy("id")), func(c *behindClient) string { return c.Name }), want...)
		}
		joined := clients.Join("addresses")
		names("a map", joined.Where(sq.Eq{"addresses.link.kind.name": "work"}), "Ann", "Bob")
		names("text", joined.Where("addresses.link.kind.name = ?", "home"), "Ann")
		names("deeper", joined.Where(sq.Eq{"addresses.link.kind.group.name": "business"}), "Ann", "Bob")
		names("no row there", joined.Where(sq.Eq{"addresses.link.kind.id": nil}), "Ann", "Bob") // the kind of Bonn is deleted
		names("a scope lifted", joined.UnscopedAt("addresses.link.kind", "deleted").Where(sq.Eq{"addresses.link.kind.name": "old"}), "Bob")
		names("a left join", clients.LeftJoin("addresses").Where(sq.Eq{"addresses.link.kind.name": nil}), "Ann", "Bob", "Cat")
		names("a join", clients.Join("addresses.link.kind", sq.Eq{"group_id": 1}), "Ann")
		names("a join to many", clients.Join("addresses.link.remarks").Where(sq.Eq{"addresses.link.remarks.text": "gate"}), "Bob")
		names("in On", clients.Join("addresses").Join("addresses.link.kind").Join("addresses.link.kind.group", sq.Expr("addresses.id = self.id")),
			"Ann", "Bob")
		names("has", clients.Has("addresses", sq.Eq{"link.kind.name": "home"}), "Ann")
		names("has along the path", clients.Has("addresses.link.kind", sq.Eq{"name": "work"}), "Ann", "Bob")
		names("has to many", clients.Has("addresses.link.remarks"), "Ann", "Bob")
		names("has in has", clients.Has("addresses", dovetail.Has("link.remarks", sq.Eq{"text": "shut"}), sq.Eq{"city": "Oslo"}), "Bob")
		names("has at least", clients.HasAtLeast(2, "addresses.link.remarks"), "Bob")
		names("none", clients.HasNone("addresses.link.kind", sq.Eq{"name": "home"}), "Bob", "Cat")
		names("a column as a value", clients.Has("addresses", sq.NotEq{"link.kind.group_id": dovetail.Col("link.kind.id")}))
		names("outer", clients.Has("addresses", dovetail.Has("link.kind", sq.Expr("outer.link.kind_id > outer.id"))), "Ann")
		names("a relation's rule", clients.Has("private"), "Ann")

		ordered := kit.Collect[struct{ Name, Kind string }](t, d.DB, joined.Columns("name", "addresses.link.kind.name AS kind").
			Where(sq.NotEq{"addresses.link.kind.name": nil}).OrderBy("addresses.link.kind.group.name", "addresses.link.kind.name", "name"))
		kit.Equal(t, "ordered and selected", fmt.Sprint(ordered), "[{Ann work} {Bob work} {Ann home}]")
		grouped := kit.Collect[struct {
			Kind string
			N    int64
		}](t, d.DB, joined.Columns().Columns("addresses.link.kind.name AS kind").Column("count(*) AS n").
			Where(sq.NotEq{"addresses.link.kind.name": nil}).GroupBy("addresses.link.kind.name").OrderBy("n"))
		kit.Equal(t, "grouped", fmt.Sprint(grouped), "[{home 1} {work 2}]")

		valued := kit.All(t, d.DB, clients.OrderBy("id").With(
			dovetail.FirstOf("addresses.link.kind.name").OrderBy("name DESC").As("first"),
			dovetail.Max("addresses.link.kind.name").As("most"),
			dovetail.Count("addresses").Where(sq.Eq{"link.kind.name": "home"}).As("homes")))
		text := func(s *string) string {
			if s == nil {
				return "-"
			}
			return *s
		}
		kit.Same(t, "values", kit.Pluck(valued, func(c *behindClient) string {
			return fmt.Sprint(text(c.First), " ", text(c.Most), " ", c.Homes)
		}), "work work 1", "work work 0", "- - 0")

		on := kit.All(t, d.DB, clients.OrderBy("id").Preload("plain", addresses.LeftJoin("clients", sq.Expr("link.kind_id = outer.link.kind_id")).
			Where(sq.Eq{"clients.id": nil})))
		kit.Equal(t, "the link of a join in a preload, and that of its rows", kit.Lists(on, func(c *behindClient) any { return c.Name },
			func(c *behindClient) []*behindAddress { return c.Plain }, func(a *behindAddress) any { return a.City }), "Ann:Oslo Bob: Cat:")

		plain := kit.All(t, d.DB, clients.OrderBy("id").Preload("plain", addresses.Where(sq.Eq{"link.kind.name": "work"}).
			OrderBy("link.kind.group.name").Limit(1)))
		kit.Equal(t, "a preload's query", kit.Lists(plain, func(c *behindClient) any { return c.Name },
			func(c *behindClient) []*behindAddress { return c.Plain }, func(a *behindAddress) any { return a.City }), "Ann:Rome Bob:Oslo Cat:")
	})
}

// showUses writes clients with their addresses and what was loaded behind the links.
func showUses(clients []*behindClient) string {
	var b strings.Builder
	for _, c := range clients {
		fmt.Fprintf(&b, "%s:", c.Name)
		for _, a := range c.Addresses {
			fmt.Fprintf(&b, " %s", a.Row.City)
			if k := a.Link.Kind; k != nil {
				b.WriteString("/" + k.Name)
				if k.Group != nil {
					b.WriteString("/" + k.Group.Name)
				}
			}
			for _, r := range a.Link.Remarks {
				b.WriteString("+" + r.Text)
			}
		}
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// TestPreloadBehindALink fills the fields of the rows of a join table, by one statement for each path.
func TestPreloadBehindALink(t *testing.T) {
	t.Parallel()
	tables := newBehind()
	clients, addresses := dovetail.Select(tables.clients).OrderBy("id"), dovetail.Select(tables.addresses)
	kit.OnEach(t, behindDDL, func(t *testing.T, d kit.Database) {
		const all = "Ann: Rome/home/private+ring Rome/work/business Oslo; Bob: Oslo/work/business+shut+gate Bonn; Cat:"
		whole := clients.Preload("addresses.link.kind.group").Preload("addresses.link.remarks")
		rec := d.Record()
		rows := kit.All(t, rec, whole)
		kit.Equal(t, "all", showUses(rows), all)
		rec.Expect(t, 5, 4)
		if rows[0].Addresses[1].Link.Kind != rows[1].Addresses[0].Link.Kind {
			t.Error("one kind is two rows")
		}
		if rows[0].Addresses[2].Link.Remarks == nil {
			t.Error("a list that was loaded is nil")
		}

		bare := kit.All(t, d.DB, clients)
		kit.Load(t, d.DB, tables.clients, bare, "addresses.link.kind.group")
		kit.Load(t, d.DB, tables.clients, bare[:1], "addresses.link.remarks")
		kit.Equal(t, "loaded onto rows", showUses(bare), "Ann: Rome+ring Rome Oslo; Bob: Oslo/work/business Bonn; Cat:")

		limited := clients.Preload("addresses", addresses.OrderBy("link.id DESC").Limit(2).Columns("city", "link.id")).Preload("addresses.link.kind")
		kit.Equal(t, "limited, with columns of the link", showUses(kit.All(t, d.DB, limited)), "Ann: Oslo Rome/work; Bob: Bonn Oslo/work; Cat:")

		nested := clients.Preload("addresses", addresses.Where(sq.NotEq{"link.kind.name": "work"}).Preload("link.kind").
			UnscopedAt("link.kind", "deleted"))
		kit.Equal(t, "in the query of the preload", showUses(kit.All(t, d.DB, nested)), "Ann: Rome/home; Bob: Bonn/old; Cat:")
		lifted := clients.Preload("addresses.link.kind").UnscopedAt("addresses.link.kind", "deleted")
		kit.Equal(t, "a scope lifted", showUses(kit.All(t, d.DB, lifted)), "Ann: Rome/home Rome/work Oslo; Bob: Oslo/work Bonn/old; Cat:")

		fetched := clients.Fetch("addresses").Preload("addresses.link.kind").Preload("addresses.link.remarks").OrderBy("addresses.link.id")
		kit.Equal(t, "onto rows that are fetched", strings.ReplaceAll(showUses(kit.All(t, d.DB, fetched)), "/private", ""),
			"Ann: Rome/home+ring Rome/work Oslo; Bob: Oslo/work+shut+gate Bonn; Cat:")

		letters := kit.All(t, d.DB, dovetail.Select(tables.letters).OrderBy("id").Preload("client.addresses.link.kind"))
		kit.Equal(t, "from another root", showUses([]*behindClient{letters[0].Client, letters[1].Client, letters[2].Client}),
			"Ann: Rome/home Rome/work Oslo; Ann: Rome/home Rome/work Oslo; Cat:")

		back := kit.All(t, d.DB, addresses.OrderBy("id").Preload("clients.link.kind").Preload("clients.addresses.link.remarks"))
		kit.Equal(t, "from the other end", fmt.Sprint(len(back[0].Clients), back[0].Clients[1].Link.Kind.Name, " ", showUses(
			[]*behindClient{back[2].Clients[0].Row})), "2work Bob: Oslo+shut+gate Bonn")

		var streamed []*behindClient
		for c, err := range whole.Each(t.Context(), d.DB) {
			kit.NoError(t, err)
			streamed = append(streamed, c)
		}
		kit.Equal(t, "streamed", showUses(streamed), all)
	})
}

// TestBehindALinkIsRefused says what to write where a link cannot be gone on from.
func TestBehindALinkIsRefused(t *testing.T) {
	t.Parallel()
	clients := dovetail.Select(newBehind().clients)
	refused := func(sentinel error, q dovetail.Query[*behindClient], words ...string) {
		t.Helper()
		_, err := q.Explain(sqlite.Dialect)
		kit.Refused(t, err, sentinel, words...)
	}
	refused(dovetail.ErrInvalidRelation, clients.Preload("plain.link.kind"), `"plain.link.kind"`, "[]dovetail.Linked[behindAddress, behindUse]")
	refused(dovetail.ErrUnsupported, clients.Fetch("addresses.link.kind"), `"addresses.link.kind"`, "use Preload")
	for _, q := range []dovetail.Query[*behindClient]{
		clients.Preload("addresses.link"), clients.Has("addresses.link"), clients.Join("addresses.link"),
		clients.UnscopedAt("addresses.link", "deleted"), clients.With(dovetail.Count("addresses.link").As("homes")),
	} {
		refused(dovetail.ErrUnknownRelation, q, `"addresses.link"`, `as in "addresses.link.kind"`)
	}
	refused(dovetail.ErrUnknownRelation, clients.Where(sq.Eq{"addresses.link.kind.name": "x"}), `Has("addresses", …)`)
	refused(dovetail.ErrUnknownRelation, clients.Join("addresses").Where(sq.Eq{"addresses.link.remarks.text": "x"}),
		`Has("addresses.link.remarks", …)`)
	refused(dovetail.ErrUnknownRelation, clients.Join("addresses").Where(sq.Eq{"addresses.link.knid.name": "x"}), `"kind"`)
	refused(dovetail.ErrFanOut, clients.Join("addresses").OrderBy("addresses.link.kind.name").Limit(1), `join "addresses"`)
}

type behindNode struct {
	ID      int64
	Name    string
	Friends []*behindNode
}

type behindEdge struct {
	ID, FromID, ToID, Weight, KindID int64
	Kind                             *behindNode
}

// TestTreeAlongLinks filters a tree by the links on the way, and by what lies behind them; a row of it that several links lead to
// has no place by one of them.
func TestTreeAlongLinks(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	nodes, edges := dovetail.NewTable[behindNode](r, "nodes"), dovetail.NewTable[behindEdge](r, "edges")
	dovetail.BelongsTo(edges, "kind", nodes, dovetail.ForeignKey("kind_id"))
	dovetail.ManyToMany(nodes, "friends", nodes, edges, dovetail.ThroughKeys("from_id", "to_id"))
	const tables = `CREATE TABLE nodes (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
		CREATE TABLE edges (id BIGINT PRIMARY KEY, from_id BIGINT NOT NULL, to_id BIGINT NOT NULL, weight BIGINT NOT NULL, kind_id BIGINT NOT NULL);
		INSERT INTO nodes (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c');
		INSERT INTO edges (id, from_id, to_id, weight, kind_id) VALUES (1, 1, 2, 5, 1), (2, 1, 3, 3, 1), (3, 2, 3, 1, 2);`
	kit.OnEach(t, tables, func(t *testing.T, d kit.Database) {
		all := dovetail.Select(nodes)
		for what, q := range map[string]dovetail.Query[*behindNode]{
			"a link": all.Where("link.weight > 2"), "behind it": all.Where("link.kind.name = 'a'"), "in Has": all.Where(dovetail.Has("link.kind", sq.Eq{"id": 1})),
		} {
			rows := kit.All(t, d.DB, all.Where("id = 1").PreloadTree("friends", 0, q))
			kit.Equal(t, what, kit.Lists(rows[0].Friends, func(n *behindNode) any { return n.Name },
				func(n *behindNode) []*behindNode { return n.Friends }, func(n *behindNode) any { return n.Name }), "b: c:")
		}
		for _, order := range []string{"link.weight", "link.kind.name"} {
			_, err := all.PreloadTree("friends", 0, all.OrderBy(order)).All(t.Context(), d.DB)
			kit.Refused(t, err, dovetail.ErrUnsupported, order, `order by columns of "nodes"`)
		}
	})
}
