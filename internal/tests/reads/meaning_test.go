package reads_test

import (
	"fmt"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// One relation has one meaning: whatever loads it gives the same rows, as often and in the same order.

type artist struct {
	ID     int64
	Albums []*album
	Tracks []*track

	Records []*album
	Songs   []*track
}

type album struct {
	ID       int64
	ArtistID int64
	Title    string
	Year     int64
	Artist   *artist
	Tracks   []*track
	Tags     []*genre
	Marks    []*genre
	Picks    []*genre
}

type track struct {
	ID      int64
	AlbumID int64
	N       int64
}

type genre struct {
	ID     int64
	Albums []*album
	Tracks []*track
}

type (
	albumTag  struct{ ID, AlbumID, GenreID int64 }
	albumMark struct{ AlbumID, GenreID int64 } // has no key
	albumPick struct{ AlbumID, GenreID int64 } // a pair is there once
)

type music struct {
	artists *dovetail.Table[artist]
	albums  *dovetail.Table[album]
	genres  *dovetail.Table[genre]
	tracks  *dovetail.Table[track]
}

func newMusic() music {
	r := dovetail.NewRegistry()
	m := music{
		dovetail.NewTable[artist](r, "artists"), dovetail.NewTable[album](r, "albums"), dovetail.NewTable[genre](r, "genres"),
		dovetail.NewTable[track](r, "tracks"),
	}
	tags := dovetail.NewTable[albumTag](r, "album_tags")
	marks := dovetail.NewTable[albumMark](r, "album_marks")
	picks := dovetail.NewTable[albumPick](r, "album_picks", dovetail.Unique("album_id", "genre_id"))
	keys := dovetail.ThroughKeys("album_id", "genre_id")
	dovetail.HasMany(m.artists, "albums", m.albums, dovetail.ForeignKey("artist_id"), dovetail.Inverse("artist"),
		dovetail.OrderBy("year DESC"))
	dovetail.HasMany(m.albums, "tracks", m.tracks, dovetail.ForeignKey("album_id"), dovetail.OrderBy("n DESC"))
	dovetail.ManyToMany(m.albums, "tags", m.genres, tags, keys, dovetail.Inverse("albums"))
	dovetail.ManyToMany(m.albums, "marks", m.genres, marks, keys)
	dovetail.ManyToMany(m.albums, "picks", m.genres, picks, keys)
	dovetail.HasManyThrough(m.artists, "tracks", m.tracks, "albums.tracks")
	dovetail.HasManyThrough(m.genres, "tracks", m.tracks, "albums.tracks")
	// Orders by the columns of other rows.
	dovetail.HasMany(m.artists, "records", m.albums, dovetail.ForeignKey("artist_id"), dovetail.OrderBy("artist.id", "year"))
	dovetail.HasManyThrough(m.artists, "songs", m.tracks, "records.tracks")
	return m
}

const musicDDL = `
CREATE TABLE artists (id bigint PRIMARY KEY);
CREATE TABLE albums (id bigint PRIMARY KEY, artist_id bigint NOT NULL, title text NOT NULL, year bigint NOT NULL);
CREATE TABLE tracks (id bigint PRIMARY KEY, album_id bigint NOT NULL, n bigint NOT NULL);
CREATE TABLE genres (id bigint PRIMARY KEY);
CREATE TABLE album_tags (id bigint PRIMARY KEY, album_id bigint NOT NULL, genre_id bigint NOT NULL);
CREATE TABLE album_marks (album_id bigint NOT NULL, genre_id bigint NOT NULL);
CREATE TABLE album_picks (album_id bigint NOT NULL, genre_id bigint NOT NULL, UNIQUE (album_id, genre_id));
INSERT INTO artists VALUES (1), (2);
INSERT INTO albums VALUES (1, 1, 'old', 1990), (2, 1, 'new', 2020), (3, 2, 'one', 2000);
INSERT INTO tracks VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 2, 2), (5, 3, 1);
INSERT INTO genres VALUES (1), (2), (3);
INSERT INTO album_tags VALUES (1, 1, 1), (2, 1, 2), (3, 1, 2), (4, 2, 2);
INSERT INTO album_marks VALUES (1, 1), (1, 2), (1, 2), (2, 2);
INSERT INTO album_picks VALUES (1, 1), (1, 2), (2, 2);
`

func (m music) lists(albums []*album, of func(*album) []*genre) string {
	return kit.Lists(albums, func(a *album) any { return a.ID }, of, func(g *genre) any { return g.ID })
}

func albumTags(a *album) []*genre  { return a.Tags }
func albumMarks(a *album) []*genre { return a.Marks }
func albumPicks(a *album) []*genre { return a.Picks }

func TestARelationHasOneMeaning(t *testing.T) {
	t.Parallel()
	m := newMusic()
	all := dovetail.Select(m.albums).OrderBy("id")
	kit.OnEach(t, musicDDL, func(t *testing.T, d kit.Database) {
		want := "1:1,2,2 2:2 3:"
		for name, q := range map[string]dovetail.Query[*album]{
			"preloaded":                     all.Preload("tags"),
			"preloaded, limited":            all.Preload("tags", dovetail.Select(m.genres).Limit(5)),
			"fetched":                       all.Fetch("tags"),
			"fetched, joined":               all.LeftJoin("tags").Fetch("tags"),
			"fetched beside a list":         all.Fetch("tags", "tracks"),
			"fetched beside itself":         all.Fetch("tags", "marks"),
			"fetched with a list below":     all.Fetch("tags.albums"),
			"preloaded with a list fetched": all.Preload("tags", dovetail.Select(m.genres).Fetch("albums")),
		} {
			rows, err := q.All(t.Context(), d.DB)
			if name == "fetched beside itself" { // the rows of album_marks cannot be told apart
				kit.Refused(t, err, dovetail.ErrInvalidQuery, `"marks"`, `"album_marks"`, "PrimaryKey", `Unique("`)
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			kit.Equal(t, name, m.lists(rows, albumTags), want)
			if first := rows[0].Tags; len(first) == 3 && first[1] != first[2] {
				t.Errorf("%s: one row has two pointers", name)
			}
		}
		loaded := kit.All(t, d.DB, all)
		kit.Load(t, d.DB, m.albums, loaded, "tags")
		kit.Equal(t, "loaded", m.lists(loaded, albumTags), want)
		kit.Same(t, "counted", kit.Collect[int](t, d.DB, all.Columns().With(dovetail.Count("tags").As("n"))), 3, 1, 0)
		kit.Equal(t, "at least three", len(kit.All(t, d.DB, all.HasAtLeast(3, "tags"))), 1)
		kit.Equal(t, "once each", m.lists(kit.All(t, d.DB, all.Preload("tags", dovetail.Select(m.genres).Distinct())), albumTags), "1:1,2 2:2 3:")

		kit.Equal(t, "without a key, alone", m.lists(kit.All(t, d.DB, all.Fetch("marks")), albumMarks), want)
		kit.Equal(t, "a pair there once", m.lists(kit.All(t, d.DB, all.Fetch("picks", "tracks")), albumPicks), "1:1,2 2:2 3:")

		below := kit.All(t, d.DB, dovetail.Select(m.artists).OrderBy("id").Preload("albums", dovetail.Select(m.albums).OrderBy("id").Fetch("tags")))
		kit.Equal(t, "fetched in a preload", m.lists(below[0].Albums, albumTags), "1:1,2,2 2:2")
		genres := dovetail.Select(m.genres).OrderBy("id")
		byLink := func(q dovetail.Query[*genre]) string {
			return kit.Lists(kit.All(t, d.DB, q), func(g *genre) any { return g.ID }, func(g *genre) []*album { return g.Albums },
				func(a *album) any { return a.ID })
		}
		kit.Equal(t, "the other way", byLink(genres.Preload("albums")), "1:1 2:1,1,2 3:")
		kit.Equal(t, "the other way, with a list fetched", byLink(genres.Preload("albums", dovetail.Select(m.albums).Fetch("tracks"))), "1:1 2:1,1,2 3:")
		kit.Equal(t, "the other way, distinct", byLink(genres.Preload("albums", dovetail.Select(m.albums).Distinct().Fetch("tracks"))), "1:1 2:1,2 3:")
	})
}

// TestAPathHasTheOrdersOfItsRelations: albums come by year, the tracks of each by number, from the last.
func TestAPathHasTheOrdersOfItsRelations(t *testing.T) {
	t.Parallel()
	m := newMusic()
	all := dovetail.Select(m.artists).OrderBy("id")
	genres := dovetail.Select(m.genres).OrderBy("id")
	tracks := func(list []*track) string { return fmt.Sprint(kit.Pluck(list, func(r *track) int64 { return r.ID })) }
	kit.OnEach(t, musicDDL, func(t *testing.T, d kit.Database) {
		for name, q := range map[string]dovetail.Query[*artist]{
			"preloaded":          all.Preload("tracks"),
			"preloaded, limited": all.Preload("tracks", dovetail.Select(m.tracks).Limit(9)),
			"fetched":            all.Fetch("tracks"),
		} {
			kit.Equal(t, name, tracks(kit.All(t, d.DB, q)[0].Tracks), "[4 3 2 1]")
		}
		for name, q := range map[string]dovetail.Query[*artist]{
			"preloaded": all.Preload("songs"), "fetched": all.Fetch("songs"),
			"preloaded, limited": all.Preload("songs", dovetail.Select(m.tracks).Limit(9)),
		} {
			kit.Equal(t, name+", by other rows", tracks(kit.All(t, d.DB, q)[0].Songs), "[2 1 4 3]")
		}
		records := kit.All(t, d.DB, all.Fetch("records"))[0].Records
		kit.Same(t, "fetched by other rows", kit.Pluck(records, func(a *album) int64 { return a.ID }), 1, 2)
		kit.Same(t, "first by other rows", kit.Collect[int64](t, d.DB, all.Columns().With(dovetail.FirstOf("songs.id").As("n"))), 2, 5)
		kit.Same(t, "first", kit.Collect[int64](t, d.DB, all.Columns().With(dovetail.FirstOf("tracks.id").As("n"))), 4, 5)
		// Several ways may lead from a genre to a track, which has a place by its own number alone.
		kit.Equal(t, "several ways", tracks(kit.All(t, d.DB, genres.Preload("tracks"))[1].Tracks), "[2 4 1 3]")
		kit.Equal(t, "several ways, fetched", tracks(kit.All(t, d.DB, genres.Fetch("tracks"))[1].Tracks), "[2 4 1 3]")
		kit.Same(t, "first of several ways", kit.Collect[int64](t, d.DB,
			genres.Columns().Where("id < 3").With(dovetail.FirstOf("tracks.id").As("n"))), 2, 2)
	})
}

func TestPreloadedRowsHaveTheKeysTheyWereFoundBy(t *testing.T) {
	t.Parallel()
	m := newMusic()
	titles := dovetail.Select(m.albums).Columns("title")
	kit.OnEach(t, musicDDL, func(t *testing.T, d kit.Database) {
		for name, q := range map[string]dovetail.Query[*album]{"plain": titles, "limited": titles.Limit(2), "distinct": titles.Distinct()} {
			for _, a := range kit.All(t, d.DB, dovetail.Select(m.artists).Preload("albums.artist").Preload("albums", q)) {
				for _, b := range a.Albums {
					kit.Equal(t, name+": the key", b.ArtistID, a.ID)
					kit.Equal(t, name+": the owner", b.Artist, a)
					kit.Equal(t, name+": what was not asked for", b.Tags == nil, true)
				}
			}
		}
	})
}
