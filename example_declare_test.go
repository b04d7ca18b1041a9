package dovetail_test

import (
	"errors"
	"fmt"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func ExampleNewRegistry() {
	type Sailor struct {
		ID, ShipID int64
		Name       string
	}
	type Port struct {
		ID   int64
		Name string
	}
	type Call struct {
		ShipID, PortID int64
		Day            time.Time
	}
	type Ship struct {
		ID    int64
		Name  string
		Crew  []*Sailor `rel:"sailors"`
		Ports []Port
	}
	fleet := dovetail.NewRegistry()
	ships := dovetail.NewTable[Ship](fleet, "ships")
	sailors := dovetail.NewTable[Sailor](fleet, "sailors")
	ports := dovetail.NewTable[Port](fleet, "ports")
	calls := dovetail.NewTable[Call](fleet, "calls", dovetail.PrimaryKey("ship_id", "port_id", "day"))

	dovetail.HasMany(ships, "sailors", sailors, dovetail.ForeignKey("ship_id"), dovetail.Inverse("ship"))
	dovetail.ManyToMany(ships, "ports", ports, calls, dovetail.ThroughKeys("ship_id", "port_id"))

	fmt.Println(fleet.Validate())
	// Output: <nil>
}

// All mistakes are reported at once.
func ExampleRegistry_Validate() {
	r := dovetail.NewRegistry()
	authors := dovetail.NewTable[models.Author](r, "authors")
	books := dovetail.NewTable[models.Book](r, "books")
	dovetail.HasMany(authors, "books", books, dovetail.ForeignKey("autor_id"))
	dovetail.BelongsTo(books, "author", authors)

	err := r.Validate()
	fmt.Println(errors.Is(err, dovetail.ErrInvalidRelation))
	fmt.Println(bySentence(err))
	// Output:
	// true
	// dovetail: 2 mistakes in the declarations:
	// 	relation "authors.books": table "books" has no column "autor_id";
	// did you mean "author_id"?
	// 	relation "books.author": no foreign key;
	// name the columns of "books" that point at "authors" with ForeignKey
}

// Fields are columns as scany maps them.
func ExampleNewTable() {
	type Audit struct {
		CreatedAt time.Time
	}
	type Member struct {
		ID     int64
		Mail   string `db:"email"`
		Cached string `db:"-"`              // no column
		Posts  int64  `db:"posts,computed"` // filled by Column("… AS posts") alone
		Audit         // its fields are columns too
	}
	members := dovetail.NewTable[Member](dovetail.NewRegistry(), "members")

	printSQL(dovetail.Select(members))
	// Output:
	// SELECT "members"."id", "members"."email", "members"."created_at"
	// FROM "members"
}

func ExampleTable_Name() {
	fmt.Println(models.Activities.Name())
	// Output: activity
}

// Under a limit the primary key ends the order. Without PrimaryKey it is the column "id".
func ExamplePrimaryKey() {
	r := dovetail.NewRegistry()
	lines := dovetail.NewTable[models.OrderLine](r, "order_lines", dovetail.PrimaryKey("warehouse", "number", "line"))
	orders := dovetail.NewTable[models.Order](r, "order", dovetail.PrimaryKey("warehouse", "number"))
	labels := dovetail.NewTable[models.Label](r, "labels")
	dovetail.HasMany(orders, "lines", lines, dovetail.ForeignKey("warehouse", "number"), dovetail.Inverse("order"))
	dovetail.ManyToMany(lines, "labels", labels, dovetail.NewTable[models.LineLabel](r, "line_labels"),
		dovetail.ThroughKeys([]string{"warehouse", "number", "line"}, "label_id"), dovetail.Inverse("lines"))

	printSQL(dovetail.Select(lines).Columns("item").OrderBy("item").Limit(10))
	printSQL(dovetail.Select(orders).Columns("number").Join("lines").Distinct())
	// Output:
	// SELECT "order_lines"."item"
	// FROM "order_lines"
	// ORDER BY "order_lines"."item", "order_lines"."warehouse", "order_lines"."number", "order_lines"."line"
	// LIMIT 10
	// SELECT DISTINCT "order"."number"
	// FROM "order"
	// JOIN "order_lines" AS "lines" ON "lines"."warehouse" = "order"."warehouse"
	// AND "lines"."number" = "order"."number"
}

func ExampleSchema() {
	type Port struct {
		ID   int64
		Name string
	}
	ports := dovetail.NewTable[Port](dovetail.NewRegistry(), "ports", dovetail.Schema("sea"))

	printSQL(dovetail.Select(ports))
	// Output:
	// SELECT "ports"."id", "ports"."name"
	// FROM "sea"."ports" AS "ports"
}

func ExampleHasMany() {
	r := dovetail.NewRegistry()
	authors := dovetail.NewTable[models.Author](r, "authors")
	books := dovetail.NewTable[models.Book](r, "books")
	dovetail.HasMany(authors, "books", books, dovetail.ForeignKey("author_id"), dovetail.Inverse("author"))

	printSQL(dovetail.Select(authors).Columns("name").Join("books"))
	printSQL(dovetail.Select(books).Columns("title").Join("author"))
	// Output:
	// SELECT "authors"."name"
	// FROM "authors"
	// JOIN "books" ON "books"."author_id" = "authors"."id"
	// SELECT "books"."title"
	// FROM "books"
	// JOIN "authors" AS "author" ON "author"."id" = "books"."author_id"
}

func ExampleHasOne() {
	type Ship struct {
		ID   int64
		Name string
	}
	type Sailor struct {
		ID         int64
		CommandsID *int64 // the ship of which this is the captain
		Name       string
	}
	fleet := dovetail.NewRegistry()
	ships := dovetail.NewTable[Ship](fleet, "ships")
	sailors := dovetail.NewTable[Sailor](fleet, "sailors")
	dovetail.HasOne(ships, "captain", sailors, dovetail.ForeignKey("commands_id"))

	printSQL(dovetail.Select(ships).Columns("name", "captain.name"))
	// Output:
	// SELECT "ships"."name", "captain"."name" AS "captain.name"
	// FROM "ships"
	// LEFT JOIN "sailors" AS "captain" ON "captain"."commands_id" = "ships"."id"
}

// A foreign key that may be NULL makes the related row optional: where its path is named it is joined by a LEFT JOIN.
func ExampleBelongsTo() {
	printSQL(dovetail.Select(models.Posts).Columns("title", "author.name", "editor.name"))
	// Output:
	// SELECT "posts"."title", "author"."name" AS "author.name", "editor"."name" AS "editor.name"
	// FROM "posts"
	// JOIN "user" AS "author" ON "author"."id" = "posts"."author_id"
	// LEFT JOIN "user" AS "editor" ON "editor"."id" = "posts"."editor_id"
}

func ExampleManyToMany() {
	printSQL(dovetail.Select(models.Tags).Columns("name").Has("posts"))
	// Output:
	// SELECT "tags"."name"
	// FROM "tags"
	// WHERE (EXISTS (SELECT 1
	//     FROM "post_tags" AS "posts#post_tags"
	//     JOIN "posts" ON "posts"."id" = "posts#post_tags"."post_id"
	//     WHERE "posts#post_tags"."tag_id" = "tags"."id"))
}

// A border is stored once, and seen from both countries.
func ExampleSymmetric() {
	type Country struct {
		Code       string
		Neighbours []*Country
	}
	type Border struct{ Country1, Country2 string }
	r := dovetail.NewRegistry()
	countries := dovetail.NewTable[Country](r, "countries", dovetail.PrimaryKey("code"))
	borders := dovetail.NewTable[Border](r, "borders", dovetail.PrimaryKey("country1", "country2"))
	dovetail.ManyToMany(countries, "neighbours", countries, borders, dovetail.ThroughKeys("country1", "country2"), dovetail.Symmetric())

	printSQL(dovetail.Select(countries).Join("neighbours").Where(sq.Eq{"neighbours.code": "FR"}))
	// Output:
	// SELECT "countries"."code"
	// FROM "countries"
	// JOIN (SELECT "borders"."country1", "borders"."country2", "borders"."country2" AS "country2#", "borders"."country1" AS "country1#"
	//   FROM "borders"
	//   UNION ALL SELECT "borders"."country1", "borders"."country2", "borders"."country1" AS "country2#", "borders"."country2" AS "country1#"
	//   FROM "borders"
	//   WHERE NOT ("borders"."country1" = "borders"."country2")
	//   AND (SELECT 1
	//     FROM "borders" AS "other#"
	//     WHERE "other#"."country1" = "borders"."country2"
	//     AND "other#"."country2" = "borders"."country1"
	//     LIMIT 1) IS NULL) AS "neighbours#borders" ON "neighbours#borders"."country1#" = "countries"."code"
	// JOIN "countries" AS "neighbours" ON "neighbours"."code" = "neighbours#borders"."country2#"
	// WHERE ("neighbours"."code" = $1)
	// -- [FR]
}

func ExampleToMany_String() {
	fmt.Println(models.AccountActivities)
	// Output: accounts.activities
}

func ExampleToOne_String() {
	fmt.Println(models.EmployeeManager)
	// Output: employees.manager
}

// A key of several columns matches the primary key it points at, in that order.
func ExampleForeignKey() {
	printSQL(dovetail.Select(models.OrderLines).Columns("item").Join("order"))
	// Output:
	// SELECT "order_lines"."item"
	// FROM "order_lines"
	// JOIN "order" ON "order"."warehouse" = "order_lines"."warehouse"
	// AND "order"."number" = "order_lines"."number"
}

// A foreign key may point at other columns than the primary key.
func ExampleReferences() {
	type Port struct {
		ID   int64
		Name string
	}
	type Logbook struct {
		ID       int64
		PortName string
	}
	r := dovetail.NewRegistry()
	ports := dovetail.NewTable[Port](r, "ports")
	logbooks := dovetail.NewTable[Logbook](r, "logbooks")
	dovetail.HasOne(ports, "log", logbooks, dovetail.ForeignKey("port_name"), dovetail.References("name"))

	printSQL(dovetail.Select(ports).Columns("id").Join("log"))
	// Output:
	// SELECT "ports"."id"
	// FROM "ports"
	// JOIN "logbooks" AS "log" ON "log"."port_name" = "ports"."name"
}

// The first list points at the owner's primary key, the second at the related table's.
func ExampleThroughKeys() {
	printSQL(dovetail.Select(models.OrderLines).Columns("item").Join("labels"))
	// Output:
	// SELECT "order_lines"."item"
	// FROM "order_lines"
	// JOIN "line_labels" AS "labels#line_labels" ON "labels#line_labels"."warehouse" = "order_lines"."warehouse"
	// AND "labels#line_labels"."number" = "order_lines"."number"
	// AND "labels#line_labels"."line" = "order_lines"."line"
	// JOIN "labels" ON "labels"."id" = "labels#line_labels"."label_id"
}

// The way back to the owner costs no statement.
func ExampleInverse() {
	text, err := dovetail.Select(models.Authors).Columns("name").
		Preload("books", dovetail.Select(models.Books).Columns("title")).
		Preload("books.author").
		Explain(postgres.Dialect)
	fmt.Println(err)
	fmt.Println(byClause(text))
	// Output:
	// <nil>
	// from authors, 2 columns
	// preload books: 1 statement
	//   from books, 3 columns
	//   preload books.author: the owner, no statement
	//
	// -- authors
	// SELECT "authors"."name", "authors"."id"
	// FROM "authors"
	//
	// -- preload books
	// SELECT "books"."title", "books"."id", "books"."author_id"
	// FROM "books"
	// WHERE "books"."author_id" = ANY($1::bigint[])
	// ORDER BY "books"."id"
	//
	// statements: 2, round trips: 2 where the driver pipelines
}

// A relation is loaded into the field of its name, or the one tagged `rel:"name"`. Field names any other.
func ExampleField() {
	type Hand struct {
		ID, VesselID int64
	}
	type Vessel struct {
		ID     int64
		Aboard []*Hand
	}
	r := dovetail.NewRegistry()
	vessels := dovetail.NewTable[Vessel](r, "vessels")
	hands := dovetail.NewTable[Hand](r, "hands")
	dovetail.HasMany(vessels, "hands", hands, dovetail.ForeignKey("vessel_id"), dovetail.Field("Aboard"))

	text, err := dovetail.Select(vessels).Preload("hands").Explain(postgres.Dialect)
	fmt.Println(err)
	fmt.Println(byClause(text))
	// Output:
	// <nil>
	// from vessels, 1 columns
	// preload hands: 1 statement
	//   from hands, 2 columns
	//
	// -- vessels
	// SELECT "vessels"."id"
	// FROM "vessels"
	//
	// -- preload hands
	// SELECT "hands"."id", "hands"."vessel_id"
	// FROM "hands"
	// WHERE "hands"."vessel_id" = ANY($1::bigint[])
	// ORDER BY "hands"."id"
	//
	// statements: 2, round trips: 2 where the driver pipelines
}

// Notes may be about documents that are gone: the database has no constraint for their key. A path that is named keeps such notes, and
// nothing is deleted with a document.
func ExampleLogical() {
	type Note struct {
		ID, DocID int64
	}
	type Doc struct {
		ID    int64
		Title string
		Notes []*Note
	}
	r := dovetail.NewRegistry()
	docs := dovetail.NewTable[Doc](r, "docs")
	notes := dovetail.NewTable[Note](r, "notes")
	dovetail.HasMany(docs, "notes", notes, dovetail.ForeignKey("doc_id"), dovetail.Logical(), dovetail.Inverse("doc"))

	printSQL(dovetail.Select(notes).Where(sq.Eq{"doc.title": nil}))
	printSQL(dovetail.Select(notes).Join("doc"))
	// Output:
	// SELECT "notes"."id", "notes"."doc_id"
	// FROM "notes"
	// LEFT JOIN "docs" AS "doc" ON "doc"."id" = "notes"."doc_id"
	// WHERE ("doc"."title" IS NULL)
	// SELECT "notes"."id", "notes"."doc_id"
	// FROM "notes"
	// JOIN "docs" AS "doc" ON "doc"."id" = "notes"."doc_id"
}

// A border is stored once; the query sees it from both ends.
func ExampleAs() {
	type Neighbour struct{ Country, Neighbour string }
	r := dovetail.NewRegistry()
	neighbours := dovetail.NewTable[Neighbour](r, "neighbours", dovetail.PrimaryKey("country", "neighbour"), dovetail.As(
		"SELECT country1 AS country, country2 AS neighbour FROM borders UNION SELECT country2, country1 FROM borders"))
	sql, args, err := dovetail.Select(neighbours).Where(sq.Eq{"country": "D"}).ToSql()
	fmt.Println(sql)
	fmt.Println(args, err)
	// Output:
	// SELECT "neighbours"."country", "neighbours"."neighbour" FROM (SELECT country1 AS country, country2 AS neighbour FROM borders UNION SELECT country2, country1 FROM borders) AS "neighbours" WHERE ("neighbours"."country" = ?)
	// [D] <nil>
}

// A worker's current salary is the newest of all: conditions test that one, and a delete does to all what it does to any.
func ExampleHasOne_oneOfMany() {
	type Salary struct {
		ID, WorkerID, Since, Amount int64
	}
	type Worker struct {
		ID            int64
		Name          string
		CurrentSalary *Salary
	}
	r := dovetail.NewRegistry()
	workers := dovetail.NewTable[Worker](r, "workers")
	salaries := dovetail.NewTable[Salary](r, "salaries")
	dovetail.HasOne(workers, "current_salary", salaries, dovetail.ForeignKey("worker_id"), dovetail.OrderBy("since DESC"))

	printSQL(dovetail.Select(workers).Columns("name").Where(sq.Gt{"current_salary.amount": 100}))
	// Output:
	// SELECT "workers"."name"
	// FROM "workers"
	// LEFT JOIN "salaries" AS "current_salary" ON "current_salary"."worker_id" = "workers"."id"
	// AND ("current_salary"."id" = (SELECT "current_salary#first"."id"
	//     FROM "salaries" AS "current_salary#first"
	//     WHERE ("current_salary#first"."worker_id" = "workers"."id")
	//     ORDER BY "current_salary#first"."since" DESC, "current_salary#first"."id"
	//     LIMIT 1))
	// WHERE ("current_salary"."amount" > $1)
	// -- [100]
}

// A member's favourite club is that of his favourite membership.
func ExampleHasOneThrough() {
	type Club struct {
		ID   int64
		Name string
	}
	type Membership struct {
		ID, MemberID, ClubID int64
		Favourite            bool
	}
	type Member struct {
		ID            int64
		Name          string
		FavouriteClub *Club
	}
	r := dovetail.NewRegistry()
	members, clubs := dovetail.NewTable[Member](r, "members"), dovetail.NewTable[Club](r, "clubs")
	memberships := dovetail.NewTable[Membership](r, "memberships")
	dovetail.HasOne(members, "favourite", memberships, dovetail.ForeignKey("member_id"), dovetail.Where(sq.Eq{"favourite": true}))
	dovetail.BelongsTo(memberships, "club", clubs, dovetail.ForeignKey("club_id"))
	dovetail.HasOneThrough(members, "favourite_club", clubs, "favourite.club")

	printSQL(dovetail.Select(members).Columns("name").Where(sq.Eq{"favourite_club.name": "Reds"}))
	// Output:
	// SELECT "members"."name"
	// FROM "members"
	// LEFT JOIN ("memberships" AS "favourite_club#memberships"
	//   JOIN "clubs" AS "favourite_club" ON "favourite_club"."id" = "favourite_club#memberships"."club_id") ON "favourite_club#memberships"."member_id" = "members"."id"
	// AND ("favourite_club#memberships"."favourite" = $1)
	// WHERE ("favourite_club"."name" = $2)
	// -- [true Reds]
}

// The capital of a department is told by a code of two columns, so no foreign key leads there.
func ExampleOn() {
	type Town struct {
		ID                     int64
		Department, Code, Name string
	}
	type Department struct {
		ID      int64
		Name    string
		Seat    string
		Capital *Town
	}
	r := dovetail.NewRegistry()
	departments, towns := dovetail.NewTable[Department](r, "departments"), dovetail.NewTable[Town](r, "towns")
	dovetail.HasOne(departments, "capital", towns, dovetail.On("outer.seat = self.department || self.code"))

	printSQL(dovetail.Select(departments).Columns("name", "capital.name").OrderBy("capital.name"))
	text, err := dovetail.Select(departments).Columns("name").Preload("capital").Explain(postgres.Dialect)
	fmt.Println(err)
	fmt.Println(byClause(text))
	// Output:
	// SELECT "departments"."name", "capital"."name" AS "capital.name"
	// FROM "departments"
	// LEFT JOIN "towns" AS "capital" ON ("departments"."seat" = "capital"."department" || "capital"."code")
	// ORDER BY "capital"."name"
	// <nil>
	// from departments, 2 columns
	// preload capital: 1 statement
	//   from towns, 4 columns
	//
	// -- departments
	// SELECT "departments"."name", "departments"."id"
	// FROM "departments"
	//
	// -- preload capital
	// SELECT "towns"."id", "towns"."department", "towns"."code", "towns"."name", "towns#departments"."id"
	// FROM "towns"
	// JOIN "departments" AS "towns#departments" ON TRUE
	// WHERE "towns#departments"."id" = ANY($1::bigint[])
	// AND ("towns#departments"."seat" = "towns"."department" || "towns"."code")
	//
	// statements: 2, round trips: 2 where the driver pipelines
}
