package relations_test

import (
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func songsQ() dovetail.Query[*models.Song] { return dovetail.Select(models.Songs).OrderBy("id") }

func filmsQ() dovetail.Query[*models.Film] { return dovetail.Select(models.Films).OrderBy("id") }

func moodsQ() dovetail.Query[*models.Mood] { return dovetail.Select(models.Moods).OrderBy("id") }

func songTitle(s *models.Song) string { return s.Title }

func filmTitle(f *models.Film) string { return f.Title }

func moodName(m *models.Mood) string { return m.Name }

// TestMorphToMany: links of one type are the only ones, in every use and from both ends.
func TestMorphToMany(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, models.MediaDDL, []kit.Case{
		{Name: "loaded", Run: morphLinkLoaded},
		{Name: "loaded from the other end", Run: morphLinkInverse},
		{Name: "limited", Run: morphLinkLimited},
		{Name: "with links", Run: morphLinkLinked},
		{Name: "joined and tested", Run: morphLinkTested},
		{Name: "joined and tested from the other end", Run: morphLinkInverseTested},
		{Name: "counted", Run: morphLinkCounted},
		{Name: "through", Run: morphLinkThrough},
		{Name: "tree", Run: morphLinkTree},
	})
}

// moodsOf writes the moods of each song.
func moodsOf(songs []*models.Song) string {
	return kit.Lists(songs, func(s *models.Song) any { return s.Title }, func(s *models.Song) []*models.Mood { return s.Moods },
		func(m *models.Mood) any { return m.Name })
}

func morphLinkLoaded(t *testing.T, d kit.Database) {
	const all = "s1:calm,glad s2:glad s3:"
	db := d.Record()
	kit.Equal(t, "Preload", moodsOf(kit.All(t, db, songsQ().Preload("moods"))), all)
	db.Expect(t, 2, 2)
	kit.Equal(t, "Fetch", moodsOf(kit.All(t, db, songsQ().Fetch("moods"))), all)
	db.Expect(t, 1, 1)
	rows := kit.All(t, d.DB, songsQ())
	kit.Load(t, d.DB, models.Songs, rows, "moods")
	kit.Equal(t, "Load", moodsOf(rows), all)
	kit.Equal(t, "a query", moodsOf(kit.All(t, d.DB, songsQ().Preload("moods", moodsQ().Where(sq.Gt{"link.weight": 3})))), "s1:glad s2:glad s3:")
	strong := kit.All(t, d.DB, songsQ().Preload("strong"))
	kit.Same(t, "strong", kit.Pluck(strong[0].Strong, moodName), "glad")
	kit.Same(t, "strong of s2", kit.Pluck(strong[1].Strong, moodName))
	links := kit.All(t, d.DB, dovetail.Select(models.SequelLinks).Where(sq.Eq{"from_type": "film"}).OrderBy("id").Preload("from.moods"))
	kit.Same(t, "the reference itself", kit.Pluck(links, func(l *models.SequelLink) string { return l.From.(*models.Film).Moods[0].Name }), "glad",
		"calm")
}

func morphLinkInverse(t *testing.T, d kit.Database) {
	write := func(moods []*models.Mood) string {
		songs := kit.Lists(moods, func(m *models.Mood) any { return m.Name }, func(m *models.Mood) []*models.Song { return m.Songs },
			func(s *models.Song) any { return s.Title })
		films := kit.Lists(moods, func(m *models.Mood) any { return m.Name }, func(m *models.Mood) []*models.Film { return m.Films },
			func(f *models.Film) any { return f.Title })
		return songs + " | " + films
	}
	const all = "calm:s1 glad:s1,s2 sad: void: | calm:f2 glad:f1 sad:f1 void:"
	db := d.Record()
	kit.Equal(t, "Preload", write(kit.All(t, db, moodsQ().Preload("songs", songsQ()).Preload("films"))), all)
	db.Expect(t, 3, 2)
	kit.Equal(t, "Fetch", write(kit.All(t, db, moodsQ().Fetch("songs").Preload("films").OrderBy("songs.id"))), all)
	rows := kit.All(t, d.DB, moodsQ())
	kit.Load(t, d.DB, models.Moods, rows, "songs", songsQ())
	kit.Load(t, d.DB, models.Moods, rows, "films")
	kit.Equal(t, "Load", write(rows), all)
}

func morphLinkLimited(t *testing.T, d kit.Database) {
	kit.Equal(t, "one each", moodsOf(kit.All(t, d.DB, songsQ().Preload("moods", moodsQ().OrderBy("id DESC").Limit(1)))), "s1:calm s2:glad s3:")
	kit.Equal(t, "all but one", moodsOf(kit.All(t, d.DB, songsQ().Preload("moods", moodsQ().Offset(1)))), "s1:glad s2: s3:")
	moods := kit.All(t, d.DB, moodsQ().Preload("songs", songsQ().Limit(1)).Preload("films", filmsQ().Limit(1)))
	kit.Same(t, "one song of glad", kit.Pluck(moods[1].Songs, songTitle), "s1")
	kit.Same(t, "one film of glad", kit.Pluck(moods[1].Films, filmTitle), "f1")
	kit.Same(t, "no film of void", kit.Pluck(moods[3].Films, filmTitle))
}

func morphLinkLinked(t *testing.T, d kit.Database) {
	write := func(p dovetail.Linked[models.Mood, models.MoodLink]) string {
		return p.Row.Name + p.Link.ItemType + strings.Repeat("+", int(p.Link.Weight))
	}
	for what, q := range map[string]dovetail.Query[*models.Song]{"Preload": songsQ().Preload("felt"), "Fetch": songsQ().Fetch("felt")} {
		songs := kit.All(t, d.DB, q)
		kit.Same(t, what, kit.Pluck(songs[0].Felt, write), "gladsong+++++++++", "calmsong+++")
		kit.Same(t, what, kit.Pluck(songs[2].Felt, write))
	}
}

func morphLinkTested(t *testing.T, d kit.Database) {
	models.Names(t, d, "join", songsQ().Join("moods"), songTitle, "s1", "s1", "s2")
	models.Names(t, d, "left join", songsQ().LeftJoin("moods").Where(sq.Eq{"moods.id": nil}), songTitle, "s3")
	models.Names(t, d, "join of a link", songsQ().Join("moods", sq.Gt{"link.weight": 3}), songTitle, "s1", "s2")
	models.Names(t, d, "order", dovetail.Select(models.Songs).Join("moods").OrderBy("moods.link.weight DESC"), songTitle, "s1", "s2", "s1")
	models.Names(t, d, "Has", songsQ().Has("moods", sq.Eq{"name": "calm"}), songTitle, "s1")
	models.Names(t, d, "Has of a link", songsQ().Has("moods", sq.Eq{"link.weight": 4}), songTitle, "s2")
	models.Names(t, d, "HasNone", songsQ().HasNone("moods"), songTitle, "s3")
	models.Names(t, d, "HasEvery", songsQ().HasEvery("moods", sq.Eq{"name": "glad"}), songTitle, "s2", "s3")
	models.Names(t, d, "HasAtLeast", songsQ().HasAtLeast(2, "moods"), songTitle, "s1")
	models.Names(t, d, "films", filmsQ().Has("moods", sq.Eq{"name": "sad"}), filmTitle, "f1")
	models.Names(t, d, "several tables", filmsQ().Has("moods.songs", sq.Eq{"title": "s2"}), filmTitle, "f1")
}

func morphLinkInverseTested(t *testing.T, d kit.Database) {
	models.Names(t, d, "join", moodsQ().Join("songs"), moodName, "calm", "glad", "glad")
	models.Names(t, d, "left join", moodsQ().LeftJoin("films").Where(sq.Eq{"films.id": nil}), moodName, "void")
	models.Names(t, d, "Has", moodsQ().Has("songs", sq.Eq{"title": "s1"}), moodName, "calm", "glad")
	models.Names(t, d, "HasNone", moodsQ().HasNone("songs"), moodName, "sad", "void")
	models.Names(t, d, "HasAtLeast", moodsQ().HasAtLeast(2, "songs"), moodName, "glad")
	models.Names(t, d, "a link", moodsQ().Has("films", sq.Eq{"link.weight": 7}), moodName, "glad")
}

func morphLinkCounted(t *testing.T, d kit.Database) {
	counts := kit.Collect[int64](t, d.DB, songsQ().Columns().With(dovetail.Count("moods").As("n")))
	kit.Same(t, "moods", counts, 2, 1, 0)
	counts = kit.Collect[int64](t, d.DB, moodsQ().Columns().With(dovetail.Count("films").As("n")))
	kit.Same(t, "films", counts, 1, 1, 1, 0)
	weights := kit.Collect[*int64](t, d.DB, songsQ().Columns().With(dovetail.Max("moods.link.weight").As("n")))
	if weights[0] == nil || *weights[0] != 9 || weights[2] != nil {
		t.Errorf("expected 9 for s1 and nothing for s3, got %v", weights)
	}
}

func morphLinkThrough(t *testing.T, d kit.Database) {
	write := func(films []*models.Film) string {
		return kit.Lists(films, func(f *models.Film) any { return f.Title }, func(f *models.Film) []*models.Song { return f.Songs },
			func(s *models.Song) any { return s.Title })
	}
	kit.Equal(t, "Preload", write(kit.All(t, d.DB, filmsQ().Preload("songs"))), "f1:s1,s2 f2:s1")
	kit.Equal(t, "Fetch", write(kit.All(t, d.DB, filmsQ().Fetch("songs"))), "f1:s1,s2 f2:s1")
	kit.Equal(t, "Limit", write(kit.All(t, d.DB, filmsQ().Preload("songs", songsQ().Limit(1)))), "f1:s1 f2:s1")
	models.Names(t, d, "Has", filmsQ().Has("songs", sq.Eq{"title": "s2"}), filmTitle, "f1")
}

func morphLinkTree(t *testing.T, d kit.Database) {
	songs := kit.All(t, d.DB, songsQ().Where(sq.Eq{"id": 1}).PreloadTree("sequels", 0))
	if s := songs[0].Sequels; len(s) != 1 || s[0].Title != "s2" || len(s[0].Sequels) != 1 || s[0].Sequels[0].Title != "s3" {
		t.Errorf("expected s2 and s3 below s1, got %v", s)
	}
	songs = kit.All(t, d.DB, songsQ().Where(sq.Eq{"id": 3}).PreloadTree("prequels", 0))
	if s := songs[0].Prequels; len(s) != 1 || s[0].Title != "s2" || len(s[0].Prequels) != 1 || s[0].Prequels[0].Title != "s1" {
		t.Errorf("expected s2 and s1 above s3, got %v", s)
	}
}
