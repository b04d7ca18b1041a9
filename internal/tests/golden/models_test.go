package golden_test

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
)

// The models of the golden queries that the readings do not have. Their tables are in testdata/schemas/golden.sql.

type goldenDoc struct {
	ID    int64
	Title string
	Body  json.RawMessage
	Notes []*goldenNote
	Keys  []*goldenKey
}

type goldenNote struct {
	ID    int64
	DocID int64
	Text  string
	Doc   *goldenDoc
}

type goldenKey struct {
	ID    int64
	DocID int64
}

type goldenTeam struct {
	Code    string
	Name    string
	Members []*goldenMember
}

type goldenMember struct {
	ID       uuid.UUID
	Handle   string
	TeamCode *string
	JoinedAt time.Time
	Score    float64
	Active   bool
	Photo    []byte
	Team     *goldenTeam
	Badges   []*goldenBadge
}

type goldenBadge struct {
	ID       uuid.UUID
	MemberID uuid.UUID
	Label    string
	Member   *goldenMember
}

type goldenWeird struct {
	Key      int64   `db:"sel\"ect"`
	Spaced   string  `db:"a b"`
	Dotted   int64   `db:"dot.ted"`
	Japanese *string `db:"日本"`
	From     *int64
	Öffnung  *goldenWeird
	Children []*goldenWeird `rel:"öffnungen"`
}

type goldenAsk struct {
	ID     int64
	Really string `db:"really?"`
}

type goldenKin struct {
	ID    int64
	KinID int64
	Kin   *goldenKin `rel:"kin"`
}

// goldenClass and goldenNamespace are tables of PostgreSQL's own catalog, in a schema.
type goldenClass struct {
	OID          int64 `db:"oid"`
	Relname      string
	Relnamespace int64
}

type goldenNamespace struct {
	OID     int64 `db:"oid"`
	Nspname string
	Classes []*goldenClass
}

var (
	goldenRegistry = dovetail.NewRegistry()

	goldenDocs  = dovetail.NewTable[goldenDoc](goldenRegistry, "docs")
	goldenNotes = dovetail.NewTable[goldenNote](goldenRegistry, "notes")
	goldenKeys  = dovetail.NewTable[goldenKey](goldenRegistry, "keys")
	_           = dovetail.HasMany(goldenDocs, "notes", goldenNotes, dovetail.ForeignKey("doc_id"), dovetail.Inverse("doc"))
	_           = dovetail.HasMany(goldenDocs, "keys", goldenKeys, dovetail.ForeignKey("doc_id"))

	goldenTeams   = dovetail.NewTable[goldenTeam](goldenRegistry, "teams", dovetail.PrimaryKey("code"))
	goldenMembers = dovetail.NewTable[goldenMember](goldenRegistry, "members")
	goldenBadges  = dovetail.NewTable[goldenBadge](goldenRegistry, "badges")
	_             = dovetail.HasMany(goldenTeams, "members", goldenMembers,
		dovetail.ForeignKey("team_code"), dovetail.Inverse("team"))
	_ = dovetail.HasMany(goldenMembers, "badges", goldenBadges,
		dovetail.ForeignKey("member_id"), dovetail.Inverse("member"))

	goldenWeirds = dovetail.NewTable[goldenWeird](goldenRegistry, `we"ird; table`, dovetail.PrimaryKey(`sel"ect`))
	_            = dovetail.HasMany(goldenWeirds, "öffnungen", goldenWeirds,
		dovetail.ForeignKey("from"), dovetail.Inverse("öffnung"))
	goldenAsks = dovetail.NewTable[goldenAsk](goldenRegistry, "asks")
	goldenKins = dovetail.NewTable[goldenKin](goldenRegistry, "kin.kin")
	_          = dovetail.BelongsTo(goldenKins, "kin", goldenKins, dovetail.ForeignKey("kin_id"))

	goldenClasses = dovetail.NewTable[goldenClass](goldenRegistry, "pg_class", dovetail.Schema("pg_catalog"),
		dovetail.PrimaryKey("oid"))
	goldenNamespaces = dovetail.NewTable[goldenNamespace](goldenRegistry, "pg_namespace",
		dovetail.Schema("pg_catalog"), dovetail.PrimaryKey("oid"))
	_ = dovetail.HasMany(goldenNamespaces, "classes", goldenClasses, dovetail.ForeignKey("relnamespace"))
)
