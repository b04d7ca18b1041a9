package oracle_test

import (
	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
)

// The tables of the oracle test: five groups, each with what loaders get wrong. None has a constraint but its primary
// key, so that foreign keys dangle.

// Integer keys: two relations between the same two tables, a has-one, a many-to-many whose join table has no
// primary key.

type oraPerson struct {
	oraBase
	dovetail.Loads
	ID      int64
	Name    *string
	Age     *int64
	Posts   []*oraPost
	Edited  []oraPost
	Profile *oraProfile
}

type oraProfile struct {
	oraBase
	ID       int64
	PersonID int64
	Bio      *string
	Person   oraPerson
}

type oraPost struct {
	oraBase
	dovetail.Loads
	ID       int64
	AuthorID *int64
	EditorID *int64
	Title    string
	Score    *int64
	Author   *oraPerson
	Editor   *oraPerson
	Labels   []*oraLabel
	Links    []*oraPostLabel
}

type oraLabel struct {
	oraBase
	ID    int64
	Name  *string
	Posts []*oraPost
}

type oraPostLabel struct {
	oraBase
	PostID  *int64
	LabelID *int64
	Weight  *int64
	Post    *oraPost
	Label   *oraLabel
}

// A table that relates to itself in three ways.

type oraNode struct {
	oraBase
	dovetail.Loads
	ID         int64
	ParentID   *int64
	BuddyID    *int64
	Kind       *string
	N          int64
	Parent     *oraNode
	Children   []*oraNode
	Buddy      *oraNode
	Fans       []*oraNode
	Friends    []*oraNode
	Peers      []*oraNode
	Befriended []oraNode
	Ties       []dovetail.Linked[oraNode, oraTie]
	Loops      []dovetail.Linked[oraNode, oraTie]
	Rings      []*oraNode
}

type oraTie struct {
	oraBase
	ID     int64
	A      *int64 `db:"a_id"`
	B      *int64 `db:"b_id"`
	Weight *int64
	From   *oraNode
}

type oraNodeLink struct {
	A *int64 `db:"a_id"`
	B *int64 `db:"b_id"`
}

// Composite keys, text keys, and a key that references a nullable column.

type oraOrder struct {
	oraBase
	Region    string
	Num       int64
	Ref       *string
	State     *string
	Lines     []*oraLine
	Shipments []oraShipment
	Marks     []*oraMark
	Stamps    []dovetail.Linked[oraMark, oraOrderMark]
}

type oraLine struct {
	oraBase
	ID     int64
	Region *string
	Num    *int64
	Item   *string
	Qty    int64
	Order  *oraOrder
}

type oraShipment struct {
	oraBase
	ID       int64
	OrderRef *string
	Carrier  string
	Order    *oraOrder
}

type oraMark struct {
	oraBase
	Code    string
	Title   *string
	Orders  []*oraOrder
	Remarks []*oraRemark
}

type oraOrderMark struct {
	Region *string
	Num    *int64
	Code   *string
}

type oraRemark struct {
	oraBase
	ID       int64
	MarkCode string
	Body     *string
	Mark     *oraMark
}

// UUID keys. A table has a name in the singular, and relations to it have that name and that of their own foreign key.

type oraOwner struct {
	oraBase
	ID    uuid.UUID
	Name  string
	Docs  []*oraDoc
	Badge *oraBadge
	Reads []*oraDoc
}

type oraDoc struct {
	oraBase
	ID      uuid.UUID
	OwnerID *uuid.UUID `db:"owner"`
	Title   *string
	Owner   *oraOwner
	Readers []*oraOwner
}

type oraBadge struct {
	oraBase
	ID      uuid.UUID
	OwnerID *uuid.UUID `db:"owner"`
	Level   int64
	Owner   *oraOwner
}

type oraReader struct {
	DocID   *uuid.UUID
	OwnerID *uuid.UUID
}

// Hostile names.

type oraWeird struct {
	oraBase
	ID     int64   `db:"id"`
	Order  *int64  `db:"order"`
	Quoted string  `db:"a\"b"`
	Dotted *string `db:"x.y"`
	Spaced *int64  `db:"sp ace"`
	Words  []*oraStrange
	Where  []*oraStrange
}

type oraStrange struct {
	oraBase
	Group *int64  `db:"fo.re\"ign"`
	Key   int64   `db:"group"`
	Elan  *string `db:"élan🙂"`
	Limit *oraWeird
	Joins []*oraWeird
}

type oraBetween struct {
	Left  *int64 `db:"left"`
	Right *int64 `db:"ri ght"`
}

const (
	oraSelectName  = `select`
	oraStrangeName = `we"ird.ta ble🙂`
	oraBetweenName = `in ner.join`
)

var (
	oraRegistry = dovetail.NewRegistry()

	oraPeople     = dovetail.NewTable[oraPerson](oraRegistry, "people", dovetail.AssignedKey())
	oraProfiles   = dovetail.NewTable[oraProfile](oraRegistry, "profiles", dovetail.AssignedKey())
	oraPosts      = dovetail.NewTable[oraPost](oraRegistry, "posts", dovetail.AssignedKey())
	oraLabels     = dovetail.NewTable[oraLabel](oraRegistry, "labels", dovetail.AssignedKey())
	oraPostLabels = dovetail.NewTable[oraPostLabel](oraRegistry, "post_labels")

	_ = dovetail.HasMany(oraPeople, "posts", oraPosts, dovetail.ForeignKey("author_id"), dovetail.Inverse("author"))
	_ = dovetail.BelongsTo(oraPosts, "editor", oraPeople, dovetail.ForeignKey("editor_id"), dovetail.Inverse("edited"))
	_ = dovetail.HasOne(oraPeople, "profile", oraProfiles, dovetail.ForeignKey("person_id"), dovetail.Inverse("person"))
	_ = dovetail.ManyToMany(oraPosts, "labels", oraLabels, oraPostLabels,
		dovetail.ThroughKeys("post_id", "label_id"), dovetail.Inverse("posts"))
	_ = dovetail.HasMany(oraPosts, "links", oraPostLabels, dovetail.ForeignKey("post_id"), dovetail.Inverse("post"))
	_ = dovetail.BelongsTo(oraPostLabels, "label", oraLabels, dovetail.ForeignKey("label_id"))

	oraNodes     = dovetail.NewTable[oraNode](oraRegistry, "nodes", dovetail.AssignedKey())
	oraNodeLinks = dovetail.NewTable[oraNodeLink](oraRegistry, "node_links")

	_ = dovetail.HasMany(oraNodes, "children", oraNodes, dovetail.ForeignKey("parent_id"), dovetail.Inverse("parent"))
	_ = dovetail.BelongsTo(oraNodes, "buddy", oraNodes, dovetail.ForeignKey("buddy_id"), dovetail.Inverse("fans"))
	_ = dovetail.ManyToMany(oraNodes, "friends", oraNodes, oraNodeLinks,
		dovetail.ThroughKeys("a_id", "b_id"), dovetail.Inverse("befriended"))
	_ = dovetail.ManyToMany(oraNodes, "peers", oraNodes, oraNodeLinks, dovetail.ThroughKeys("a_id", "b_id"), dovetail.Symmetric())

	oraTies = dovetail.NewTable[oraTie](oraRegistry, "ties", dovetail.AssignedKey())

	_ = dovetail.ManyToMany(oraNodes, "ties", oraNodes, oraTies, dovetail.ThroughKeys("a_id", "b_id"))
	_ = dovetail.ManyToMany(oraNodes, "loops", oraNodes, oraTies, dovetail.ThroughKeys("b_id", "a_id"), dovetail.Cyclic())
	_ = dovetail.ManyToMany(oraNodes, "rings", oraNodes, oraTies, dovetail.ThroughKeys("a_id", "b_id"), dovetail.Cyclic(),
		dovetail.Symmetric())
	_ = dovetail.BelongsTo(oraTies, "from", oraNodes, dovetail.ForeignKey("a_id"))

	oraOrders     = dovetail.NewTable[oraOrder](oraRegistry, "orders", dovetail.PrimaryKey("region", "num"))
	oraLines      = dovetail.NewTable[oraLine](oraRegistry, "lines", dovetail.AssignedKey())
	oraShipments  = dovetail.NewTable[oraShipment](oraRegistry, "shipments", dovetail.AssignedKey())
	oraMarks      = dovetail.NewTable[oraMark](oraRegistry, "marks", dovetail.PrimaryKey("code"))
	oraOrderMarks = dovetail.NewTable[oraOrderMark](oraRegistry, "order_marks")
	oraRemarks    = dovetail.NewTable[oraRemark](oraRegistry, "remarks", dovetail.AssignedKey())

	_ = dovetail.HasMany(oraOrders, "lines", oraLines, dovetail.ForeignKey("region", "num"), dovetail.Inverse("order"))
	_ = dovetail.BelongsTo(oraShipments, "order", oraOrders,
		dovetail.ForeignKey("order_ref"), dovetail.References("ref"), dovetail.Inverse("shipments"))
	_ = dovetail.ManyToMany(oraOrders, "marks", oraMarks, oraOrderMarks,
		dovetail.ThroughKeys([]string{"region", "num"}, "code"), dovetail.Inverse("orders"))
	_ = dovetail.ManyToMany(oraOrders, "stamps", oraMarks, oraOrderMarks,
		dovetail.ThroughKeys([]string{"region", "num"}, "code"))
	_ = dovetail.HasMany(oraMarks, "remarks", oraRemarks, dovetail.ForeignKey("mark_code"),
		dovetail.Inverse("mark"), dovetail.Logical())

	oraOwners  = dovetail.NewTable[oraOwner](oraRegistry, "owner")
	oraDocs    = dovetail.NewTable[oraDoc](oraRegistry, "docs")
	oraBadges  = dovetail.NewTable[oraBadge](oraRegistry, "badges")
	oraReaders = dovetail.NewTable[oraReader](oraRegistry, "readers")

	_ = dovetail.HasMany(oraOwners, "docs", oraDocs, dovetail.ForeignKey("owner"), dovetail.Inverse("owner"))
	_ = dovetail.HasOne(oraOwners, "badge", oraBadges, dovetail.ForeignKey("owner"), dovetail.Inverse("owner"))
	_ = dovetail.ManyToMany(oraDocs, "readers", oraOwners, oraReaders,
		dovetail.ThroughKeys("doc_id", "owner_id"), dovetail.Inverse("reads"))

	oraSelect   = dovetail.NewTable[oraWeird](oraRegistry, oraSelectName, dovetail.AssignedKey())
	oraStranges = dovetail.NewTable[oraStrange](oraRegistry, oraStrangeName, dovetail.PrimaryKey("group"), dovetail.AssignedKey())
	oraBetweens = dovetail.NewTable[oraBetween](oraRegistry, oraBetweenName)

	_ = dovetail.HasMany(oraSelect, "words", oraStranges,
		dovetail.ForeignKey(`fo.re"ign`), dovetail.Inverse("limit"))
	_ = dovetail.ManyToMany(oraSelect, "where", oraStranges, oraBetweens,
		dovetail.ThroughKeys("left", "ri ght"), dovetail.Inverse("joins"))
)
