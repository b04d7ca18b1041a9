package oracle_test

import (
	"github.com/dovetail-go/dovetail"
)

// The group of links: join tables that have columns of their own, and fields that hold their rows.

type oraAuthor struct {
	oraBase
	dovetail.Loads
	ID     int64
	Name   *string
	Books  []dovetail.Linked[oraBook, oraWrote]
	Titles []*oraBook
	Copies []oraBook
	Wrote  []*oraWrote
	Genres []*oraGenre
}

type oraBook struct {
	oraBase
	ID      int64
	Title   *string
	Pages   int64
	Authors []dovetail.Linked[oraAuthor, oraWrote]
	Genres  []dovetail.Linked[oraGenre, oraBookGenre]
	Shelf   *oraShelf
	ShelfID *int64
}

type oraWrote struct {
	oraBase
	ID       int64
	AuthorID *int64
	BookID   *int64
	Role     *string
	Share    *int64
	Book     *oraBook
}

type oraGenre struct {
	oraBase
	dovetail.Loads
	Code  string
	Label *string
	Books []*oraBook
}

// oraBookGenre has no primary key.
type oraBookGenre struct {
	BookID *int64
	Code   *string
	Weight *int64
}

type oraShelf struct {
	oraBase
	ID    int64
	Room  *string
	Books []*oraBook
}

var (
	oraAuthors    = dovetail.NewTable[oraAuthor](oraRegistry, "authors", dovetail.AssignedKey())
	oraBooks      = dovetail.NewTable[oraBook](oraRegistry, "books", dovetail.AssignedKey())
	oraWrotes     = dovetail.NewTable[oraWrote](oraRegistry, "wrote", dovetail.AssignedKey())
	oraGenres     = dovetail.NewTable[oraGenre](oraRegistry, "genres", dovetail.PrimaryKey("code"))
	oraBookGenres = dovetail.NewTable[oraBookGenre](oraRegistry, "book_genres")
	oraShelves    = dovetail.NewTable[oraShelf](oraRegistry, "shelves", dovetail.AssignedKey())

	oraWroteKeys = dovetail.ThroughKeys("author_id", "book_id")

	_ = dovetail.ManyToMany(oraAuthors, "books", oraBooks, oraWrotes, oraWroteKeys, dovetail.Inverse("authors"))
	_ = dovetail.ManyToMany(oraAuthors, "titles", oraBooks, oraWrotes, oraWroteKeys)
	_ = dovetail.ManyToMany(oraAuthors, "copies", oraBooks, oraWrotes, oraWroteKeys, dovetail.OrderBy("title"))
	_ = dovetail.HasMany(oraAuthors, "wrote", oraWrotes, dovetail.ForeignKey("author_id"))
	_ = dovetail.BelongsTo(oraWrotes, "book", oraBooks, dovetail.ForeignKey("book_id"))
	_ = dovetail.ManyToMany(oraBooks, "genres", oraGenres, oraBookGenres,
		dovetail.ThroughKeys("book_id", "code"), dovetail.Inverse("books"))
	_ = dovetail.HasManyThrough(oraAuthors, "genres", oraGenres, "books.genres")
	_ = dovetail.HasMany(oraShelves, "books", oraBooks, dovetail.ForeignKey("shelf_id"), dovetail.Inverse("shelf"))
)

func oraLinks() []*oraTable {
	authors := oraDefine("linked", "authors", opener(oraAuthors), "id|ID|int|key", "name|Name|text|null")
	books := oraDefine("linked", "books", opener(oraBooks), "id|ID|int|key", "title|Title|text|null", "pages|Pages|int",
		"shelf_id|ShelfID|int|null")
	wrote := oraDefine("linked", "wrote", opener(oraWrotes), "id|ID|int|key", "author_id|AuthorID|int|null",
		"book_id|BookID|int|null", "role|Role|text|null", "share|Share|int|null")
	genres := oraDefine("linked", "genres", opener(oraGenres), "code|Code|text|key", "label|Label|note|null")
	links := oraDefine("linked", "book_genres", opener(oraBookGenres), "book_id|BookID|int|null", "code|Code|text|null",
		"weight|Weight|int|null")
	shelves := oraDefine("linked", "shelves", opener(oraShelves), "id|ID|int|key", "room|Room|text|null")
	wrote.refer("author_id", authors, "id")
	wrote.refer("book_id", books, "id")
	links.refer("book_id", books, "id")
	links.refer("code", genres, "code")
	books.refer("shelf_id", shelves, "id")

	authors.relate("books", "Books", "many linked", wrote, "id=author_id", books, "book_id=id")
	authors.relate("titles", "Titles", "many", wrote, "id=author_id", books, "book_id=id")
	authors.relate("copies", "Copies", "many value", wrote, "id=author_id", books, "book_id=id")
	authors.relation("copies").order = []oraOrderTerm{{ref: oraRef{col: books.column("title")}}}
	authors.relate("wrote", "Wrote", "many", wrote, "id=author_id")
	wrote.relate("book", "Book", "", books, "book_id=id")
	books.relate("authors", "Authors", "many linked", wrote, "id=book_id", authors, "author_id=id")
	books.relate("genres", "Genres", "many linked", links, "id=book_id", genres, "code=code")
	books.relate("shelf", "Shelf", "", shelves, "shelf_id=id")
	genres.relate("books", "Books", "many", links, "code=code", books, "book_id=id")
	shelves.relate("books", "Books", "many back=shelf", books, "id=shelf_id")
	authors.through("genres", "Genres", "many ways", "books", "genres")
	return []*oraTable{shelves, authors, books, wrote, genres, links}
}
