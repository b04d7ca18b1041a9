package writes_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// coAddress is in a struct twice.
type coAddress struct {
	City string
	Zip  *string
}

type CoStamp struct{ By string }

type coOrder struct {
	ID       int64
	Billing  coAddress  `db:"billing_"`
	Shipping *coAddress `db:"shipping_"`
	CoStamp  `db:"made_"`
	Lines    []*coLine
}

type coLine struct {
	ID, OrderID int64
	Order       *coOrder
}

const prefixedDDL = `CREATE TABLE co_orders (id BIGINT PRIMARY KEY, billing_city TEXT NOT NULL, billing_zip TEXT, shipping_city TEXT,
  shipping_zip TEXT, made_by TEXT NOT NULL);
CREATE TABLE co_lines (id BIGINT PRIMARY KEY, order_id BIGINT NOT NULL REFERENCES co_orders);
`

// TestColumnsUnderAPrefix writes, reads, filters and collects structs of which two fields are of one struct.
func TestColumnsUnderAPrefix(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	orders := dovetail.NewTable[coOrder](r, "co_orders", dovetail.AssignedKey())
	lines := dovetail.NewTable[coLine](r, "co_lines", dovetail.AssignedKey())
	dovetail.HasMany(orders, "lines", lines, dovetail.ForeignKey("order_id"), dovetail.Inverse("order"))

	kit.OnEach(t, prefixedDDL, func(t *testing.T, d kit.Database) {
		zip := "10115"
		kit.Insert(t, d.DB, dovetail.Insert(orders,
			&coOrder{ID: 1, Billing: coAddress{"Berlin", &zip}, Shipping: &coAddress{City: "Bonn"}, CoStamp: CoStamp{"ann"}, Lines: []*coLine{{ID: 7}}},
			&coOrder{ID: 2, Billing: coAddress{City: "Bonn"}, Shipping: &coAddress{City: "Berlin"}},
		).With("lines"))
		cities := func(o *coOrder) string { return o.Billing.City + ">" + o.Shipping.City + " " + o.By }
		kit.Same(t, "orders", kit.Pluck(kit.All(t, d.DB, dovetail.Select(orders).OrderBy("shipping_city DESC")), cities), "Berlin>Bonn ann", "Bonn>Berlin ")
		from := kit.All(t, d.DB, dovetail.Select(lines).Where(squirrel.Eq{"order.billing_zip": zip}).Fetch("order"))
		kit.Same(t, "fetched", kit.Pluck(from, func(l *coLine) string { return cities(l.Order) }), "Berlin>Bonn ann")
		kit.Same(t, "zip", kit.Pluck(from, func(l *coLine) string { return *l.Order.Billing.Zip }), zip)

		first := from[0].Order
		first.Shipping.City = "Ulm"
		kit.NoError(t, dovetail.Save(t.Context(), d.DB, orders, first, "shipping_city"))
		kit.Same(t, "saved", kit.Collect[string](t, d.DB, dovetail.Select(orders).Columns("shipping_city").OrderBy("id")), "Ulm", "Berlin")

		err := dovetail.Insert(orders, &coOrder{ID: 3}).Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrArgType, `"shipping_city"`, "is NULL, as the struct", "set the struct")
		first.Shipping = nil
		kit.Refused(t, dovetail.Save(t.Context(), d.DB, orders, first, "shipping_city"), dovetail.ErrArgType, `"shipping_city"`)

		type row struct {
			ID int64
			To *coAddress `db:"shipping_"`
		}
		got := kit.Collect[row](t, d.DB, dovetail.Select(orders).Columns("id", "shipping_city", "shipping_zip").OrderBy("id"))
		kit.Same(t, "collected", kit.Pluck(got, func(r row) string { return r.To.City }), "Ulm", "Berlin")
		_, err = dovetail.Collect[row](t.Context(), d.DB, dovetail.Select(orders).Columns("id", "shipping_city"))
		kit.Refused(t, err, dovetail.ErrUnknownColumn, "shipping_zip", "row.To.Zip")
	})
}

type coArtist struct {
	ArtistId int64
	Name     string
	Albums   []*coAlbum
}

type coAlbum struct {
	AlbumId  int64
	ArtistId int64
	Title    string
	Note     string `db:"note"`
	Artist   *coArtist
}

const namingDDL = `CREATE TABLE "Artist" ("ArtistId" BIGINT NOT NULL PRIMARY KEY, "Name" TEXT NOT NULL);
CREATE TABLE "Album" ("AlbumId" BIGINT NOT NULL PRIMARY KEY, "ArtistId" BIGINT NOT NULL REFERENCES "Artist", "Title" TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX co_albums ON "Album" ("ArtistId");
`

// TestColumnsNamedByAFunction uses a schema in another convention, without a tag on its fields.
func TestColumnsNamedByAFunction(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry(dovetail.Naming(func(field string) string { return field }))
	artists := dovetail.NewTable[coArtist](r, "Artist", dovetail.PrimaryKey("ArtistId"), dovetail.AssignedKey())
	albums := dovetail.NewTable[coAlbum](r, "Album", dovetail.PrimaryKey("AlbumId"), dovetail.AssignedKey())
	dovetail.HasMany(artists, "albums", albums, dovetail.ForeignKey("ArtistId"), dovetail.Inverse("Artist"))

	kit.OnEach(t, namingDDL, func(t *testing.T, d kit.Database) {
		kit.Insert(t, d.DB, dovetail.Insert(artists, &coArtist{ArtistId: 3, Name: "Bo", Albums: []*coAlbum{{AlbumId: 5, Title: "Blue", Note: "x"},
			{AlbumId: 6, Title: "Red"}}}).With("albums"))
		q := dovetail.Select(artists).Preload("albums.Artist").Has("albums", squirrel.Eq{"Title": "Red"})
		got := kit.All(t, d.DB, q)
		kit.Same(t, "titles", kit.Pluck(got[0].Albums, func(a *coAlbum) string { return a.Title + a.Note + a.Artist.Name }), "BluexBo", "RedBo")
		type line struct {
			Title string
			Note  string `db:"note"`
		}
		kit.Same(t, "collected", kit.Collect[line](t, d.DB, dovetail.Select(albums).Columns("Title", "note").OrderBy("AlbumId")), line{"Blue", "x"}, line{"Red", ""})
		kit.Equal(t, "findings", kit.ListFindings(kit.MustFind(t, r, d.DB)), "")
	})
}

// TestNamingNamesThePrimaryKey takes the column of a field ID for the key, however it is named.
func TestNamingNamesThePrimaryKey(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int64
		Name string
	}
	upper := dovetail.NewRegistry(dovetail.Naming(func(field string) string { return "C_" + field }))
	sql, _, err := dovetail.Select(dovetail.NewTable[row](upper, "rows")).OrderBy("C_Name").Limit(1).ToSql()
	kit.NoError(t, err)
	kit.Equal(t, "statement", sql, `SELECT "rows"."C_ID", "rows"."C_Name" FROM "rows" ORDER BY "rows"."C_Name", "rows"."C_ID" LIMIT 1`)
	none := dovetail.NewRegistry(dovetail.Naming(func(string) string { return "" }))
	dovetail.NewTable[row](none, "rows")
	kit.Refused(t, none.Validate(), dovetail.ErrInvalidRelation, "row.ID is given no column name by Naming", `tag it db:"-"`)
}

type coFilm struct {
	ID     int64
	Title  string
	Search *string
	Parts  []*coPart
}

type coPart struct {
	ID       int64
	FilmKey  *string
	FilmName string
	Film     *coFilm
}

const (
	readOnlyTables = `CREATE TABLE co_parts (id BIGINT NOT NULL PRIMARY KEY, film_name TEXT NOT NULL, film_key TEXT GENERATED ALWAYS AS (lower(film_name)) STORED);
CREATE INDEX co_keys ON co_parts (film_key);
CREATE TABLE co_films (id BIGINT NOT NULL PRIMARY KEY, title TEXT NOT NULL, search TEXT UNIQUE);
`
	readOnlyPostgres = `CREATE FUNCTION co_search() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.search := lower(NEW.title); RETURN NEW; END $$;
CREATE TRIGGER co_search BEFORE INSERT OR UPDATE ON co_films FOR EACH ROW EXECUTE FUNCTION co_search();
`
	readOnlySQLite = `CREATE TRIGGER co_insert AFTER INSERT ON co_films BEGIN UPDATE co_films SET search = lower(title) WHERE id = NEW.id; END;
CREATE TRIGGER co_update AFTER UPDATE OF title ON co_films BEGIN UPDATE co_films SET search = lower(title) WHERE id = NEW.id; END;
`
)

// TestColumnsThatAreReadOnly never writes what a trigger or an expression makes, and reads along it.
func TestColumnsThatAreReadOnly(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	films := dovetail.NewTable[coFilm](r, "co_films", dovetail.AssignedKey(), dovetail.ReadOnly("search"))
	parts := dovetail.NewTable[coPart](r, "co_parts", dovetail.AssignedKey(), dovetail.ReadOnly("film_key"))
	filmParts := dovetail.HasMany(films, "parts", parts, dovetail.ForeignKey("film_key"), dovetail.References("search"), dovetail.Logical(),
		dovetail.Inverse("film"))

	for _, d := range []kit.Database{kit.PostgresPool(t, readOnlyTables+readOnlyPostgres), kit.SQLiteDB(t, readOnlyTables+readOnlySQLite)} {
		t.Run(d.Name, func(t *testing.T) {
			ctx := t.Context()
			wrong := "wrong"
			film := &coFilm{ID: 1, Title: "Alien", Search: &wrong}
			part := &coPart{ID: 1, FilmKey: &wrong, FilmName: "ALIEN"}
			kit.Insert(t, d.DB, dovetail.Insert(films, film))
			kit.Insert(t, d.DB, dovetail.Insert(parts, part))
			kit.Equal(t, "generated, read back", *part.FilmKey, "alien")
			if d.Postgres() { // what an AFTER trigger writes is not in what RETURNING gives
				kit.Equal(t, "made by a trigger, read back", *film.Search, "alien")
			}
			films1 := kit.All(t, d.DB, dovetail.Select(films).Where(squirrel.Eq{"search": "alien"}).Preload("parts.film"))
			kit.Equal(t, "parts", films1[0].Parts[0].Film.Title, "Alien")

			film.Title = "Brazil"
			kit.NoError(t, dovetail.Save(ctx, d.DB, films, film, "title"))
			kit.Same(t, "after Save", kit.Collect[string](t, d.DB, dovetail.Select(films).Columns("search")), "brazil")
			kit.NoError(t, dovetail.Upsert(films, &coFilm{ID: 1, Title: "Casablanca", Search: &wrong}).OnConflict("id").Set("title").Exec(ctx, d.DB))
			kit.Same(t, "after Upsert", kit.Collect[string](t, d.DB, dovetail.Select(films).Columns("search")), "casablanca")

			_, err := dovetail.Update(films).Set("search", "x").All().Exec(ctx, d.DB)
			kit.Refused(t, err, dovetail.ErrInvalidQuery, `"search" is made by the database`)
			kit.Refused(t, dovetail.Save(ctx, d.DB, films, film, "search"), dovetail.ErrInvalidQuery, `"search"`, "leave it out")
			_, err = filmParts.Link(ctx, d.DB, film, part)
			kit.Refused(t, err, dovetail.ErrInvalidRelation, `column "film_key" of "co_parts"`, "read along")
			err = dovetail.Insert(films, &coFilm{ID: 2, Title: "x", Parts: []*coPart{{ID: 2}}}).With("parts").Exec(ctx, d.DB)
			kit.Refused(t, err, dovetail.ErrInvalidRelation, `column "film_key" of "co_parts"`)
			kit.Equal(t, "findings", kit.ListFindings(kit.MustFind(t, r, d.DB)), "")
		})
	}
}

// TestReadOnlyIsNotWhatIsWritten refuses options of a column that nothing could serve together.
func TestReadOnlyIsNotWhatIsWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []dovetail.TableOption
		words   string
	}{
		"default":     {[]dovetail.TableOption{dovetail.ReadOnly("search"), dovetail.Default("search", "''")}, "Default, of a value that inserts may give"},
		"version":     {[]dovetail.TableOption{dovetail.Version("id"), dovetail.ReadOnly("id")}, "Version"},
		"soft delete": {[]dovetail.TableOption{dovetail.ReadOnly("done"), dovetail.SoftDelete("done")}, "SoftDelete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type row struct {
				ID     int64
				Search string
				Done   bool
			}
			r := dovetail.NewRegistry()
			dovetail.NewTable[row](r, "rows", c.options...)
			kit.Refused(t, r.Validate(), dovetail.ErrInvalidRelation, c.words)
		})
	}
}
