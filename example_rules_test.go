package dovetail_test

import (
	"context"
	"errors"
	"fmt"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Examples of declared rules, relations through others, and polymorphic ones.

type exTenant struct{}

type exDoc struct {
	ID        int64
	Tenant    int64
	FolderID  int64
	DeletedAt *string
}

type exFolder struct {
	ID     int64
	Tenant int64
	Name   string
	Docs   []*exDoc
	Newest []*exDoc
}

// Deleted rows are left out wherever their table is named.
func ExampleScope() {
	r := dovetail.NewRegistry()
	folders := dovetail.NewTable[exFolder](r, "folders")
	docs := dovetail.NewTable[exDoc](r, "docs", dovetail.Scope("alive", sq.Eq{"deleted_at": nil}))
	dovetail.HasMany(folders, "docs", docs, dovetail.ForeignKey("folder_id"))
	dovetail.HasMany(folders, "newest", docs, dovetail.ForeignKey("folder_id"), dovetail.OrderBy("id DESC"))
	printSQL(dovetail.Select(folders).Columns("name").LeftJoin("docs"))
	// Output:
	// SELECT "folders"."name"
	// FROM "folders"
	// LEFT JOIN "docs" ON "docs"."folder_id" = "folders"."id"
	// AND ("docs"."deleted_at" IS NULL)
}

func ExampleQuery_Unscoped() {
	printSQL(dovetail.Select(models.Articles).Columns("title").Join("writer"))
	printSQL(dovetail.Select(models.Articles).Columns("title").Join("writer").Unscoped("alive"))
	// Output:
	// SELECT "articles"."title"
	// FROM "articles"
	// JOIN "writers" AS "writer" ON "writer"."id" = "articles"."writer_id"
	// AND ("writer"."deleted_at" IS NULL)
	// WHERE ("articles"."deleted_at" IS NULL)
	// SELECT "articles"."title"
	// FROM "articles"
	// JOIN "writers" AS "writer" ON "writer"."id" = "articles"."writer_id"
	// AND ("writer"."deleted_at" IS NULL)
}

func ExampleQuery_UnscopedAt() {
	printSQL(dovetail.Select(models.Articles).Columns("title").Join("writer").UnscopedAt("writer", "alive"))
	// Output:
	// SELECT "articles"."title"
	// FROM "articles"
	// JOIN "writers" AS "writer" ON "writer"."id" = "articles"."writer_id"
	// WHERE ("articles"."deleted_at" IS NULL)
}

// Everybody sees the documents of his own tenant. Without one in the context, a call fails and nothing is sent.
func ExampleFromContext() {
	r := dovetail.NewRegistry()
	docs := dovetail.NewTable[exDoc](r, "docs", dovetail.Scope("tenant", sq.Eq{
		"tenant": dovetail.FromContext(func(ctx context.Context) (any, error) {
			tenant, ok := ctx.Value(exTenant{}).(int64)
			if !ok {
				return nil, errors.New("nobody is logged in")
			}
			return tenant, nil
		}),
	}))
	text, _, err := dovetail.Select(docs).Columns("id").SQL(postgres.Dialect)
	fmt.Println(byClause(text), err)
	_, err = dovetail.Select(docs).All(context.Background(), &kit.CaptureDB{Speaks: postgres.Dialect})
	fmt.Println(err)
	// Output:
	// SELECT "docs"."id"
	// FROM "docs"
	// WHERE ("docs"."tenant" = $1) <nil>
	// dovetail: select docs: FromContext: nobody is logged in
}

// A relation to some of the rows.
func ExampleWhere() {
	r := dovetail.NewRegistry()
	accounts := dovetail.NewTable[exFolder](r, "folders")
	docs := dovetail.NewTable[exDoc](r, "docs")
	dovetail.HasMany(accounts, "docs", docs, dovetail.ForeignKey("folder_id"), dovetail.Where(sq.Eq{"deleted_at": nil}))
	dovetail.HasMany(accounts, "newest", docs, dovetail.ForeignKey("folder_id"))
	printSQL(dovetail.Select(accounts).Columns("name").Has("docs"))
	// Output:
	// SELECT "folders"."name"
	// FROM "folders"
	// WHERE (EXISTS (SELECT 1
	//     FROM "docs"
	//     WHERE "docs"."folder_id" = "folders"."id"
	//     AND ("docs"."deleted_at" IS NULL)))
}

func ExampleOrderBy() {
	r := dovetail.NewRegistry()
	folders := dovetail.NewTable[exFolder](r, "folders")
	docs := dovetail.NewTable[exDoc](r, "docs")
	dovetail.HasMany(folders, "docs", docs, dovetail.ForeignKey("folder_id"))
	dovetail.HasMany(folders, "newest", docs, dovetail.ForeignKey("folder_id"), dovetail.OrderBy("id DESC"))
	text, err := dovetail.Select(folders).Columns("name").Preload("newest").Explain(postgres.Dialect)
	fmt.Println(byClause(text), err)
	// Output:
	// from folders, 2 columns
	// preload newest: 1 statement
	//   from docs, 4 columns
	//
	// -- folders
	// SELECT "folders"."name", "folders"."id"
	// FROM "folders"
	//
	// -- preload newest
	// SELECT "docs"."id", "docs"."tenant", "docs"."folder_id", "docs"."deleted_at"
	// FROM "docs"
	// WHERE "docs"."folder_id" = ANY($1::bigint[])
	// ORDER BY "docs"."id" DESC
	//
	// statements: 2, round trips: 2 where the driver pipelines
	//  <nil>
}

// The topics of a writer's articles, each once.
func ExampleHasManyThrough() {
	printSQL(dovetail.Select(models.Writers).Columns("name").Has("topics", sq.Eq{"name": "go"}).Unscoped("alive").UnscopedAt("topics", "alive"))
	// Output:
	// SELECT "writers"."name"
	// FROM "writers"
	// WHERE (EXISTS (SELECT 1
	//     FROM "articles" AS "topics#articles"
	//     JOIN "article_topics" AS "topics#article_topics" ON "topics#article_topics"."article_id" = "topics#articles"."id"
	//     JOIN "topics" ON "topics"."id" = "topics#article_topics"."topic_id"
	//     WHERE "topics#articles"."writer_id" = "writers"."id"
	//     AND ("topics"."name" = $1)))
	// -- [go]
}

// Conditions that are written once and used on their table and where it is related.
func ExampleMatching() {
	deposits := func(q dovetail.Query[*models.Activity]) dovetail.Query[*models.Activity] {
		return q.Where(sq.Eq{"activity_type": models.Deposit})
	}
	printSQL(deposits(dovetail.Select(models.Activities).Columns("id")))
	printSQL(dovetail.Select(models.Accounts).Columns("owner").Has("activities", dovetail.Matching(deposits(dovetail.Select(models.Activities)))))
	// Output:
	// SELECT "activity"."id"
	// FROM "activity"
	// WHERE ("activity"."activity_type" = $1)
	// -- [DEP]
	// SELECT "accounts"."owner"
	// FROM "accounts"
	// WHERE (EXISTS (SELECT 1
	//     FROM "activity" AS "activities"
	//     WHERE "activities"."account_id" = "accounts"."id"
	//     AND ("activities"."activity_type" = $1)))
	// -- [DEP]
}

type exVote struct {
	ID       int64
	ItemType string
	ItemID   int64
	Item     any
}

type exSong struct {
	ID    int64
	Votes []*exVote
}

type exFilm struct {
	ID   int64
	Vote *exVote
}

// exVotes declares votes on songs, any number of each, and on films, one of each.
func exVotes() (*dovetail.Table[exVote], *dovetail.Table[exSong], *dovetail.Table[exFilm]) {
	r := dovetail.NewRegistry()
	votes, songs := dovetail.NewTable[exVote](r, "votes"), dovetail.NewTable[exSong](r, "songs")
	films := dovetail.NewTable[exFilm](r, "films")
	key := dovetail.MorphKey("item_type", "item_id")
	dovetail.MorphMany(songs, "votes", votes, key, dovetail.MorphValue("song"), dovetail.Inverse("song"))
	dovetail.MorphOne(films, "vote", votes, key, dovetail.MorphValue("film"), dovetail.Inverse("film"))
	dovetail.MorphTo(votes, "item", key, dovetail.MorphType("song", songs), dovetail.MorphType("film", films))
	return votes, songs, films
}

func ExampleMorphMany() {
	_, songs, _ := exVotes()
	printSQL(dovetail.Select(songs).Join("votes"))
	// Output:
	// SELECT "songs"."id"
	// FROM "songs"
	// JOIN "votes" ON "votes"."item_id" = "songs"."id"
	// AND ("votes"."item_type" = $1)
	// -- [song]
}

func ExampleMorphOne() {
	_, _, films := exVotes()
	printSQL(dovetail.Select(films).LeftJoin("vote").Where(sq.Eq{"vote.id": nil}))
	// Output:
	// SELECT "films"."id"
	// FROM "films"
	// LEFT JOIN "votes" AS "vote" ON "vote"."item_id" = "films"."id"
	// AND ("vote"."item_type" = $1)
	// WHERE ("vote"."id" IS NULL)
	// -- [film]
}

type exGenre struct {
	ID    int64
	Songs []*exTune
}

type exTune struct {
	ID     int64
	Genres []*exGenre
}

type exGenreLink struct {
	ItemType        string
	ItemID, GenreID int64
}

// A join table may link rows of several tables: links of songs are told by their type.
func ExampleMorphToMany() {
	r := dovetail.NewRegistry()
	songs, genres := dovetail.NewTable[exTune](r, "songs"), dovetail.NewTable[exGenre](r, "genres")
	links := dovetail.NewTable[exGenreLink](r, "genre_links", dovetail.PrimaryKey("item_type", "item_id", "genre_id"))
	dovetail.MorphToMany(songs, "genres", genres, links, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("song"),
		dovetail.ForeignKey("genre_id"), dovetail.Inverse("songs"))

	printSQL(dovetail.Select(songs).Join("genres"))
	printSQL(dovetail.Select(genres).Has("songs", sq.Gt{"id": 7}))
	// Output:
	// SELECT "songs"."id"
	// FROM "songs"
	// JOIN "genre_links" AS "genres#genre_links" ON "genres#genre_links"."item_id" = "songs"."id"
	// JOIN "genres" ON "genres"."id" = "genres#genre_links"."genre_id"
	// AND ("genres#genre_links"."item_type" = $1)
	// -- [song]
	// SELECT "genres"."id"
	// FROM "genres"
	// WHERE (EXISTS (SELECT 1
	//     FROM "genre_links" AS "songs#genre_links"
	//     JOIN "songs" ON "songs"."id" = "songs#genre_links"."item_id"
	//     WHERE "songs#genre_links"."genre_id" = "genres"."id"
	//     AND ("songs#genre_links"."item_type" = $1)
	//     AND ("songs"."id" > $2)))
	// -- [song 7]
}

// What a vote is about is loaded by a statement for each type.
func ExampleMorphTo() {
	votes, _, _ := exVotes()
	text, err := dovetail.Select(votes).Preload("item").Explain(postgres.Dialect)
	fmt.Println(byClause(text), err)
	// Output:
	// from votes, 3 columns
	// preload item: 1 statement
	//   from songs, 1 columns
	// preload item: 1 statement
	//   from films, 1 columns
	//
	// -- votes
	// SELECT "votes"."id", "votes"."item_type", "votes"."item_id"
	// FROM "votes"
	//
	// -- preload item
	// SELECT "songs"."id"
	// FROM "songs"
	// WHERE "songs"."id" = ANY($1::bigint[])
	//
	// -- preload item
	// SELECT "films"."id"
	// FROM "films"
	// WHERE "films"."id" = ANY($1::bigint[])
	//
	// statements: 3, round trips: 2 where the driver pipelines
	//  <nil>
}

// A preload takes a query for each of the tables.
func ExampleMorphTo_queries() {
	votes, songs, films := exVotes()
	text, err := dovetail.Select(votes).Preload("item", dovetail.Select(songs).Where(sq.Gt{"id": 7}), dovetail.Select(films).Preload("vote")).
		Explain(postgres.Dialect)
	fmt.Println(byClause(text), err)
	// Output:
	// from votes, 3 columns
	// preload item: 1 statement
	//   from songs, 1 columns
	// preload item: 1 statement
	//   from films, 1 columns
	//   preload item.vote: 1 statement
	//     from votes, 3 columns
	//
	// -- votes
	// SELECT "votes"."id", "votes"."item_type", "votes"."item_id"
	// FROM "votes"
	//
	// -- preload item
	// SELECT "songs"."id"
	// FROM "songs"
	// WHERE "songs"."id" = ANY($1::bigint[])
	// AND ("songs"."id" > $2)
	//
	// -- preload item
	// SELECT "films"."id"
	// FROM "films"
	// WHERE "films"."id" = ANY($1::bigint[])
	//
	// -- preload item.vote
	// SELECT "votes"."id", "votes"."item_type", "votes"."item_id"
	// FROM "votes"
	// WHERE "votes"."item_id" = ANY($1::bigint[])
	// AND ("votes"."item_type" = $2)
	//
	// statements: 4, round trips: 3 where the driver pipelines
	//  <nil>
}

// The inverse of a polymorphic relation is about the rows of one type.
func ExampleMorphKey() {
	votes, _, _ := exVotes()
	printSQL(dovetail.Select(votes).Columns("id").Join("song"))
	// Output:
	// SELECT "votes"."id"
	// FROM "votes"
	// JOIN "songs" AS "song" ON "song"."id" = "votes"."item_id"
	// AND ("votes"."item_type" = $1)
	// -- [song]
}

func ExampleMorphValue() {
	votes, _, _ := exVotes()
	printSQL(dovetail.Select(votes).Columns("id").Has("film"))
	// Output:
	// SELECT "votes"."id"
	// FROM "votes"
	// WHERE (EXISTS (SELECT 1
	//     FROM "films" AS "film"
	//     WHERE "film"."id" = "votes"."item_id"
	//     AND ("votes"."item_type" = $1)))
	// -- [film]
}

// A vote on something else is an error that names its type.
func ExampleMorphType() {
	votes, _, _ := exVotes()
	rows := []*exVote{{ID: 1, ItemType: "book", ItemID: 1}}
	fmt.Println(dovetail.Load(context.Background(), &kit.CaptureDB{Speaks: postgres.Dialect}, votes, rows, "item"))
	// Output:
	// dovetail: preload item: a row of "votes" has the item_type "book", for which relation "votes.item" has no table; declare it with MorphType (declared: "song", "film"), or that there are others with MorphOthers
}

// A vote on a book is about no table of this registry, and has no item. Kinds are integers here.
func ExampleMorphOthers() {
	type Song struct{ ID int64 }
	type Vote struct {
		ID     int64
		Kind   int
		ItemID int64
		Item   any
	}
	r := dovetail.NewRegistry()
	songs, votes := dovetail.NewTable[Song](r, "songs"), dovetail.NewTable[Vote](r, "votes")
	dovetail.MorphTo(votes, "item", dovetail.MorphKey("kind", "item_id"), dovetail.MorphType(1, songs), dovetail.MorphOthers())

	rows := []*Vote{{ID: 1, Kind: 7, ItemID: 1}}
	fmt.Println(dovetail.Load(context.Background(), &kit.CaptureDB{Speaks: postgres.Dialect}, votes, rows, "item"))
	fmt.Println(rows[0].Item)
	// Output:
	// <nil>
	// <nil>
}

// The archive shows all documents, and says so.
func ExampleScopesDiffer() {
	type archived exDoc
	r := dovetail.NewRegistry()
	dovetail.NewTable[exDoc](r, "docs", dovetail.Scope("alive", sq.Eq{"deleted_at": nil}))
	dovetail.NewTable[archived](r, "docs", dovetail.ScopesDiffer("the archive shows deleted documents"))
	fmt.Println(r.Validate())
	// Output:
	// <nil>
}
