package ddl_test

import (
	"database/sql"
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type status string

// cents converts itself, so that nobody can tell its SQL type.
type cents struct{ N int64 }

func (c *cents) Scan(any) error { return nil }

type author struct {
	ID      int64
	Name    string
	Code    string
	BossID  *int64
	Boss    *author
	Books   []*book
	Profile *profile
	Tags    []*tag
}

type profile struct {
	AuthorID int64
	Bio      *string
	Photo    []byte
}

type book struct {
	ID        int64
	AuthorID  int64
	EditorID  *int64
	Title     string
	Status    status
	Price     int64
	Count     int32
	Total     int64
	CreatedAt time.Time
	Pages     int64 `db:"pages,computed"`
	Notes     []*note
}

type bookTitle struct {
	ID       int64
	Title    string
	Subtitle *string
}

type tag struct {
	ID   int64
	Name string
}

type authorTag struct {
	ID       int64
	AuthorID int64
	TagID    int64
}

type note struct {
	ID       int64
	ItemType string
	ItemID   int64
	Text     string
}

type award struct {
	ID       int64
	AuthorID int64
	Name     string
}

type picture struct {
	ID       int64
	ItemType string
	ItemID   int64
}

// library has every kind of relation.
func library() *dovetail.Registry {
	r := dovetail.NewRegistry()
	notes := dovetail.NewTable[note](r, "notes")
	books := dovetail.NewTable[book](r, "books",
		dovetail.OneOf("status", status("draft"), status("author's"), status("out")),
		dovetail.Default("status", "'draft'"), dovetail.Default("created_at", "CURRENT_TIMESTAMP"),
		dovetail.Generated("total", "price * count"), dovetail.Check("price >= 0"), dovetail.Unique("author_id", "title"),
		dovetail.Index("created_at"), dovetail.Type("price", "numeric(12, 2)"))
	dovetail.NewTable[bookTitle](r, "books", dovetail.Check("title <> ''"))
	authors := dovetail.NewTable[author](r, "authors")
	profiles := dovetail.NewTable[profile](r, "profiles", dovetail.PrimaryKey("author_id"))
	tags := dovetail.NewTable[tag](r, "tags", dovetail.Unique("name"), dovetail.AssignedKey())
	links := dovetail.NewTable[authorTag](r, "author_tags")
	awards := dovetail.NewTable[award](r, "awards")
	dovetail.HasOne(authors, "award", awards, dovetail.ForeignKey("author_id"), dovetail.Inverse("author"))
	pictures := dovetail.NewTable[picture](r, "pictures")
	dovetail.HasMany(authors, "books", books, dovetail.ForeignKey("author_id"), dovetail.OnDelete(dovetail.Cascade))
	dovetail.BelongsTo(books, "editor", authors, dovetail.ForeignKey("editor_id"), dovetail.OnDelete(dovetail.SetNull))
	dovetail.HasOne(authors, "profile", profiles, dovetail.ForeignKey("author_id"))
	dovetail.BelongsTo(authors, "boss", authors, dovetail.ForeignKey("boss_id"), dovetail.OnDelete(dovetail.NoAction))
	dovetail.ManyToMany(authors, "tags", tags, links, dovetail.ThroughKeys("author_id", "tag_id"))
	dovetail.MorphMany(books, "notes", notes, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("book"))
	dovetail.MorphOne(books, "picture", pictures, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("book"))
	return r
}

type kinds struct {
	ID       uuid.UUID
	Small    int8
	Short    int16
	Wide     int32
	Long     int
	Unsigned uint32
	Single   float32
	Double   float64
	Yes      bool
	Text     string
	Named    status
	Bytes    []byte
	At       time.Time
	Raw      json.RawMessage
	Map      map[string]int
	Address  netip.Addr
	Network  netip.Prefix
	Words    []string
	Numbers  []int64
	Pointer  *int64
	Wrapped  sql.NullString
	When     sql.Null[time.Time]
	Amount   cents
	Dotted   string `db:"dot.ted"`
	Quoted   string `db:"quo\"ted"`
}

func everyType() *dovetail.Registry {
	r := dovetail.NewRegistry()
	dovetail.NewTable[kinds](r, "kinds", dovetail.Type("amount", "numeric(12, 2)"), dovetail.NotNull("words"),
		dovetail.Check(`"named" <> 'a?b'`))
	return r
}

type team struct {
	ID        int64
	CaptainID int64
	Code      string
	Players   []*player
}

type player struct {
	ID       int64
	TeamID   int64
	TeamCode *string
}

// cyclic has two tables that point at each other, and a key that does not point at a primary key.
func cyclic() *dovetail.Registry {
	r := dovetail.NewRegistry()
	teams := dovetail.NewTable[team](r, "teams")
	players := dovetail.NewTable[player](r, "players")
	dovetail.HasMany(teams, "players", players, dovetail.ForeignKey("team_id"), dovetail.Inverse("team"))
	dovetail.BelongsTo(teams, "captain", players, dovetail.ForeignKey("captain_id"))
	dovetail.BelongsTo(players, "coded", teams, dovetail.ForeignKey("team_code"), dovetail.References("code"))
	return r
}

type part struct {
	Shelf   string
	Row     int32
	UpShelf *string
	UpRow   *int32
}

type longNamed struct {
	ID    int64
	Shelf string `db:"the_shelf_on_which_the_part_lies_in_the_storage_room"`
	Row   int32  `db:"the_row_of_the_shelf_on_which_the_part_lies_in_the_room_üüü"`
}

type pair struct {
	ID int64
	BC int64 `db:"b_c"`
	C  int64
}

// names has keys of two columns, names beyond every limit, and two tables whose indexes would have one name.
func names() *dovetail.Registry {
	r := dovetail.NewRegistry()
	parts := dovetail.NewTable[part](r, "parts", dovetail.PrimaryKey("shelf", "row"))
	long := dovetail.NewTable[longNamed](r, "things_that_lie_somewhere_on_a_shelf")
	dovetail.BelongsTo(parts, "up", parts, dovetail.ForeignKey("up_shelf", "up_row"))
	dovetail.HasOne(parts, "long", long, dovetail.ForeignKey(
		"the_shelf_on_which_the_part_lies_in_the_storage_room",
		"the_row_of_the_shelf_on_which_the_part_lies_in_the_room_üüü"))
	dovetail.NewTable[pair](r, "a", dovetail.Index("b_c"))
	dovetail.NewTable[pair](r, "a_b", dovetail.Index("c"))
	return r
}
