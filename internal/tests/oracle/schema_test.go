package oracle_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail"
)

// What the oracle knows of the tables. It is written down a second time, by hand, so that a mistake in the
// registry, or in what the library makes of a declaration, is not shared.

// oraKind is the kind of a column's values.
type oraKind int

const (
	oraInt  oraKind = iota
	oraText         // of words that sort alike under every collation
	oraNote         // of text that is compared for equality only
	oraUUID
	oraType // what a type column says
	oraFloat
	oraBool
)

type oraColumn struct {
	name   string
	field  string // of the struct
	kind   oraKind
	null   bool
	unique bool
	refs   *oraColumn // most values are taken from here
	rare   bool       // mostly NULL
	few    bool       // has two values only
	bare   bool       // the name holds a dot, so it can be given without a path only
}

type oraTable struct {
	name      string
	group     string
	columns   []*oraColumn
	key       []*oraColumn
	relations []*oraRelation
	morphs    []*oraRelation // that lead to several tables
	open      func() oraQuery
	scopes    []oraTableScope
	query     string                 // the table is one; empty: it is stored
	answer    func(*oraData) [][]any // its rows
}

// as makes the table a query.
func (t *oraTable) as(sql string, answer func(*oraData) [][]any) { t.query, t.answer = sql, answer }

// from is the table in a FROM clause.
func (t *oraTable) from() string {
	if t.query != "" {
		return "(" + t.query + "\n)"
	}
	return oraQuote(t.name)
}

// oraTableScope tells the rows that queries see.
type oraTableScope struct {
	name string
	sees func(*oraData, *oraRow) bool
}

func (t *oraTable) goType() reflect.Type { return t.open().typ() }

func (t *oraTable) column(name string) *oraColumn {
	for _, c := range t.columns {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (t *oraTable) index(c *oraColumn) int {
	for i := range t.columns {
		if t.columns[i] == c {
			return i
		}
	}
	return -1
}

type oraRelation struct {
	name      string
	field     string
	owner     *oraTable
	related   *oraTable
	many      bool
	single    bool           // a has-one: at most one row, unless the data breaks the promise
	optional  bool           // an owner may be without a row
	value     bool           // the field holds structs, not pointers
	linked    bool           // the field holds rows with their links
	variants  []*oraRelation // one for each table it leads to
	variant   bool           // the relation is one of these
	steps     []oraStep
	via       []*oraRelation // the relations it goes along
	cyclic    bool           // rows may lie below themselves
	symmetric bool           // a link relates both its rows to the other
	ways      bool           // several ways may lead to one row, which counts once
	where     func(*oraRow) bool
	on        func(owner, related *oraRow) bool // relates the rows, in place of keys
	order     []oraOrderTerm                    // of a preload whose query has none
	first     []oraOrderTerm                    // of several rows it is the first by this order
	back      string                            // the relation that leads from a related row to the owner it was fetched for

	isLink bool // it is no relation: a path goes on from the link that led to the owner's row

	followed *oraRelation // it is no relation: another is followed from the rows it leads to, again and again
	levels   int          // at most; 0: all
}

// oraStep is one join: columns of the table it comes from and of the table it leads to.
type oraStep struct {
	table        *oraTable
	from, to     []int
	fromIs, toIs map[int]any // constants
}

// joinTable returns the join table of a many-to-many, which a query names link, else nil.
func (r *oraRelation) joinTable() *oraTable {
	if len(r.steps) != 2 || len(r.via) > 0 {
		return nil
	}
	return r.steps[0].table
}

// paired reports whether all links of one owner to one row have the same in a column of the join table.
func (r *oraRelation) paired(c *oraColumn) bool {
	at := r.steps[0].table.index(c)
	_, is := r.steps[0].toIs[at]
	return is || slices.Contains(r.steps[0].to, at) || slices.Contains(r.steps[1].from, at)
}

// link is how a path goes on from the links of a many-to-many; nil: it has none that relates to anything.
func (r *oraRelation) link() *oraRelation {
	table := r.joinTable()
	if table == nil || len(table.relations) == 0 {
		return nil
	}
	return &oraRelation{name: "link", owner: r.related, related: table, isLink: true}
}

// star is how a path follows the relation, if it can be followed; nil: it cannot.
func (r *oraRelation) star(levels int) *oraRelation {
	if r.isLink || r.owner != r.related || len(r.owner.key) == 0 || len(r.steps[0].fromIs) > 0 {
		return nil
	}
	s := &oraRelation{name: r.name + "*", owner: r.owner, related: r.related, many: true, optional: true, followed: r, levels: levels, order: r.order}
	if levels > 0 {
		s.name += strconv.Itoa(levels)
	}
	return s
}

// morph adds a relation that leads to the tables of others, by the same columns.
func (t *oraTable) morph(name, field string, others ...string) {
	m := &oraRelation{name: name, field: field, owner: t}
	for _, other := range others {
		v := *t.relation(other)
		v.name, v.field, v.variant = name, field, true
		m.variants = append(m.variants, &v)
	}
	t.morphs = append(t.morphs, m)
}

func (t *oraTable) relation(name string) *oraRelation {
	for _, r := range t.relations {
		if r.name == name {
			return r
		}
	}
	return nil
}

// through adds a relation along others.
func (t *oraTable) through(name, field, marks string, path ...string) {
	r := &oraRelation{
		name: name, field: field, owner: t, many: strings.Contains(marks, "many"), optional: true,
		value: strings.Contains(marks, "value"), ways: strings.Contains(marks, "ways"), related: t,
	}
	for _, part := range path {
		along := r.related.relation(part)
		r.via, r.steps, r.related = append(r.via, along), append(r.steps, along.steps...), along.related
		r.order = along.order
	}
	t.relations = append(t.relations, r)
}

// opener returns how queries on the table are begun.
func opener[T any](t *dovetail.Table[T]) func() oraQuery {
	return func() oraQuery { return oraTyped[T]{table: t, q: dovetail.Select(t)} }
}

// oraDefine makes a table of one line for each column: name, Go field, kind, and marks: "null", "key" for the primary
// key, "unique" and "bare".
func oraDefine(group, name string, open func() oraQuery, lines ...string) *oraTable {
	t := &oraTable{name: name, group: group, open: open}
	kinds := map[string]oraKind{"int": oraInt, "text": oraText, "note": oraNote, "uuid": oraUUID, "type": oraType}
	for _, line := range lines {
		parts := strings.Split(line, "|")
		c := &oraColumn{name: parts[0], field: parts[1], kind: kinds[parts[2]]}
		for _, mark := range parts[3:] {
			switch mark {
			case "null":
				c.null = true
			case "rare":
				c.null, c.rare = true, true
			case "few":
				c.few = true
			case "unique":
				c.unique = true
			case "bare":
				c.bare = true
			case "key":
				t.key = append(t.key, c)
			}
		}
		t.columns = append(t.columns, c)
	}
	return t
}

// relate adds a relation of the table. on has a step for each join: the table it leads to and pairs of columns.
func (t *oraTable) relate(name, field, marks string, on ...any) {
	r := &oraRelation{
		name: name, field: field, owner: t,
		many:     strings.Contains(marks, "many"),
		single:   strings.Contains(marks, "single"),
		optional: !strings.Contains(marks, "required"),
		value:    strings.Contains(marks, "value"),
		linked:   strings.Contains(marks, "linked"),

		symmetric: strings.Contains(marks, "symmetric"),
		cyclic:    strings.Contains(marks, "cyclic"),
	}
	if _, back, ok := strings.Cut(marks, "back="); ok {
		r.back = back
	}
	at := t
	for i := 0; i < len(on); i += 2 {
		s := oraStep{table: on[i].(*oraTable), fromIs: map[int]any{}, toIs: map[int]any{}}
		for _, pair := range strings.Split(on[i+1].(string), ",") {
			if side, constant, ok := strings.Cut(pair, ":"); ok {
				column, text, _ := strings.Cut(constant, ":")
				if side == "from" {
					s.fromIs[at.index(at.column(column))] = at.column(column).constant(text)
				} else {
					s.toIs[s.table.index(s.table.column(column))] = s.table.column(column).constant(text)
				}
				continue
			}
			from, to, matches := strings.Cut(pair, "=")
			if !matches { // a condition relates the rows
				continue
			}
			s.from = append(s.from, at.index(at.column(from)))
			s.to = append(s.to, s.table.index(s.table.column(to)))
		}
		r.steps = append(r.steps, s)
		at = s.table
	}
	r.related = at
	t.relations = append(t.relations, r)
}

// constant is the value of the column that a text means.
func (c *oraColumn) constant(text string) any {
	if c.kind != oraInt {
		return text
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func (t *oraTable) refer(column string, to *oraTable, target string) {
	t.column(column).refs = to.column(target)
}

// oraGroups returns the tables, group by group. Nothing of them changes afterwards.
func oraGroups() [][]*oraTable {
	return [][]*oraTable{oraIntegers(), oraSelf(), oraComposite(), oraUUIDs(), oraHostile(), oraRuled(), oraLinks(), oraAsked()}
}

func oraIntegers() []*oraTable {
	people := oraDefine("integer", "people", opener(oraPeople),
		"id|ID|int|key", "name|Name|text|null", "age|Age|int|null")
	profiles := oraDefine("integer", "profiles", opener(oraProfiles),
		"id|ID|int|key", "person_id|PersonID|int", "bio|Bio|note|null")
	posts := oraDefine("integer", "posts", opener(oraPosts), "id|ID|int|key", "author_id|AuthorID|int|null",
		"editor_id|EditorID|int|null", "title|Title|text", "score|Score|int|null")
	labels := oraDefine("integer", "labels", opener(oraLabels), "id|ID|int|key", "name|Name|text|null")
	links := oraDefine("integer", "post_labels", opener(oraPostLabels),
		"post_id|PostID|int|null", "label_id|LabelID|int|null",
		"weight|Weight|int|null")
	profiles.refer("person_id", people, "id")
	posts.refer("author_id", people, "id")
	posts.refer("editor_id", people, "id")
	links.refer("post_id", posts, "id")
	links.refer("label_id", labels, "id")

	people.relate("posts", "Posts", "many back=author", posts, "id=author_id")
	people.relate("edited", "Edited", "many value back=editor", posts, "id=editor_id")
	people.relate("profile", "Profile", "single back=person", profiles, "id=person_id")
	profiles.relate("person", "Person", "required value", people, "person_id=id")
	posts.relate("author", "Author", "", people, "author_id=id")
	posts.relate("editor", "Editor", "", people, "editor_id=id")
	posts.relate("labels", "Labels", "many", links, "id=post_id", labels, "label_id=id")
	posts.relate("links", "Links", "many back=post", links, "id=post_id")
	labels.relate("posts", "Posts", "many", links, "id=label_id", posts, "post_id=id")
	links.relate("post", "Post", "", posts, "post_id=id")
	links.relate("label", "Label", "", labels, "label_id=id")
	return []*oraTable{people, profiles, posts, labels, links}
}

func oraSelf() []*oraTable {
	nodes := oraDefine("self", "nodes", opener(oraNodes), "id|ID|int|key", "parent_id|ParentID|int|null",
		"buddy_id|BuddyID|int|null", "kind|Kind|text|null", "n|N|int")
	links := oraDefine("self", "node_links", opener(oraNodeLinks), "a_id|A|int|null", "b_id|B|int|null")
	nodes.refer("parent_id", nodes, "id")
	nodes.refer("buddy_id", nodes, "id")
	links.refer("a_id", nodes, "id")
	links.refer("b_id", nodes, "id")

	nodes.relate("children", "Children", "many back=parent", nodes, "id=parent_id")
	nodes.relate("parent", "Parent", "", nodes, "parent_id=id")
	nodes.relate("buddy", "Buddy", "", nodes, "buddy_id=id")
	nodes.relate("fans", "Fans", "many back=buddy", nodes, "id=buddy_id")
	nodes.relate("friends", "Friends", "many", links, "id=a_id", nodes, "b_id=id")
	nodes.relate("peers", "Peers", "many symmetric", links, "id=a_id", nodes, "b_id=id")
	nodes.relate("befriended", "Befriended", "many value", links, "id=b_id", nodes, "a_id=id")
	ties := oraDefine("self", "ties", opener(oraTies), "id|ID|int|key", "a_id|A|int|null", "b_id|B|int|null", "weight|Weight|int|null")
	ties.refer("a_id", nodes, "id")
	ties.refer("b_id", nodes, "id")
	nodes.relate("ties", "Ties", "many linked", ties, "id=a_id", nodes, "b_id=id")
	nodes.relate("loops", "Loops", "many linked cyclic", ties, "id=b_id", nodes, "a_id=id")
	nodes.relate("rings", "Rings", "many symmetric cyclic", ties, "id=a_id", nodes, "b_id=id")
	ties.relate("from", "From", "", nodes, "a_id=id")
	return []*oraTable{nodes, links, ties}
}

func oraComposite() []*oraTable {
	orders := oraDefine("composite", "orders", opener(oraOrders), "region|Region|text|key", "num|Num|int|key",
		"ref|Ref|text|null|unique", "state|State|note|null")
	lines := oraDefine("composite", "lines", opener(oraLines),
		"id|ID|int|key", "region|Region|text|null", "num|Num|int|null",
		"item|Item|text|null", "qty|Qty|int")
	shipments := oraDefine("composite", "shipments", opener(oraShipments),
		"id|ID|int|key", "order_ref|OrderRef|text|null",
		"carrier|Carrier|note")
	marks := oraDefine("composite", "marks", opener(oraMarks), "code|Code|text|key", "title|Title|note|null")
	links := oraDefine("composite", "order_marks", opener(oraOrderMarks),
		"region|Region|text|null", "num|Num|int|null",
		"code|Code|text|null")
	remarks := oraDefine("composite", "remarks", opener(oraRemarks),
		"id|ID|int|key", "mark_code|MarkCode|text", "body|Body|text|null")
	for _, t := range []*oraTable{lines, links} {
		t.refer("region", orders, "region")
		t.refer("num", orders, "num")
	}
	shipments.refer("order_ref", orders, "ref")
	links.refer("code", marks, "code")
	remarks.refer("mark_code", marks, "code")

	orders.relate("lines", "Lines", "many back=order", lines, "region=region,num=num")
	orders.relate("shipments", "Shipments", "many value back=order", shipments, "ref=order_ref")
	orders.relate("marks", "Marks", "many", links, "region=region,num=num", marks, "code=code")
	orders.relate("stamps", "Stamps", "many linked", links, "region=region,num=num", marks, "code=code")
	lines.relate("order", "Order", "", orders, "region=region,num=num")
	shipments.relate("order", "Order", "", orders, "order_ref=ref")
	marks.relate("orders", "Orders", "many", links, "code=code", orders, "region=region,num=num")
	marks.relate("remarks", "Remarks", "many back=mark", remarks, "code=mark_code")
	remarks.relate("mark", "Mark", "", marks, "mark_code=code") // required, but logical
	return []*oraTable{orders, lines, shipments, marks, links, remarks}
}

func oraUUIDs() []*oraTable {
	owners := oraDefine("uuid", "owner", opener(oraOwners), "id|ID|uuid|key", "name|Name|text")
	docs := oraDefine("uuid", "docs", opener(oraDocs),
		"id|ID|uuid|key", "owner|OwnerID|uuid|null", "title|Title|text|null")
	badges := oraDefine("uuid", "badges", opener(oraBadges),
		"id|ID|uuid|key", "owner|OwnerID|uuid|null", "level|Level|int")
	readers := oraDefine("uuid", "readers", opener(oraReaders), "doc_id|DocID|uuid|null", "owner_id|OwnerID|uuid|null")
	docs.refer("owner", owners, "id")
	badges.refer("owner", owners, "id")
	readers.refer("doc_id", docs, "id")
	readers.refer("owner_id", owners, "id")

	owners.relate("docs", "Docs", "many back=owner", docs, "id=owner")
	owners.relate("badge", "Badge", "single back=owner", badges, "id=owner")
	owners.relate("reads", "Reads", "many", readers, "id=owner_id", docs, "doc_id=id")
	docs.relate("owner", "Owner", "", owners, "owner=id")
	docs.relate("readers", "Readers", "many", readers, "id=doc_id", owners, "owner_id=id")
	badges.relate("owner", "Owner", "", owners, "owner=id")
	return []*oraTable{owners, docs, badges, readers}
}

func oraHostile() []*oraTable {
	weird := oraDefine("hostile", oraSelectName, opener(oraSelect),
		"id|ID|int|key", "order|Order|int|null", `a"b|Quoted|text`,
		"x.y|Dotted|text|null|bare", "sp ace|Spaced|int|null")
	strange := oraDefine("hostile", oraStrangeName, opener(oraStranges),
		`fo.re"ign|Group|int|null|bare`, "group|Key|int|key",
		"élan🙂|Elan|text|null")
	between := oraDefine("hostile", oraBetweenName, opener(oraBetweens), "left|Left|int|null", "ri ght|Right|int|null")
	strange.refer(`fo.re"ign`, weird, "id")
	between.refer("left", weird, "id")
	between.refer("ri ght", strange, "group")

	weird.relate("words", "Words", "many back=limit", strange, `id=fo.re"ign`)
	weird.relate("where", "Where", "many", between, "id=left", strange, "ri ght=group")
	strange.relate("limit", "Limit", "", weird, `fo.re"ign=id`)
	strange.relate("joins", "Joins", "many", between, "group=ri ght", weird, "left=id")
	return []*oraTable{weird, strange, between}
}

// oraDDL returns the statements that make the tables, in SQL that both databases read.
func oraDDL() string {
	types := map[oraKind]string{oraInt: "BIGINT", oraText: "TEXT", oraNote: "TEXT", oraUUID: "UUID", oraType: "TEXT"}
	var b strings.Builder
	for _, group := range oraGroups() {
		for _, t := range group {
			if t.query != "" {
				continue
			}
			var parts, key []string
			for _, c := range t.columns {
				part := oraQuote(c.name) + " " + types[c.kind]
				if !c.null {
					part += " NOT NULL"
				}
				parts = append(parts, part)
			}
			for _, c := range t.key {
				key = append(key, oraQuote(c.name))
			}
			if len(key) > 0 {
				parts = append(parts, "PRIMARY KEY ("+strings.Join(key, ", ")+")")
			}
			fmt.Fprintf(&b, "CREATE TABLE %s (%s);\n", oraQuote(t.name), strings.Join(parts, ", "))
		}
	}
	return b.String()
}

func oraQuote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
