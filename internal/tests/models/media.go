package models

import "github.com/dovetail-go/dovetail"

// Rows of several tables that are linked to moods by one join table, and songs that lead to songs by another.

type Song struct {
	ID       int64
	Title    string
	Moods    []*Mood
	Strong   []*Mood
	Felt     []dovetail.Linked[Mood, MoodLink]
	Sequels  []*Song
	Prequels []*Song
}

type Film struct {
	ID    int64
	Title string
	Moods []Mood
	Songs []*Song // of the same moods
}

type Mood struct {
	ID    int64
	Name  string
	Songs []*Song
	Films []*Film
}

type MoodLink struct {
	ItemType string
	ItemID   int64
	MoodID   int64
	Weight   int64
}

type SequelLink struct {
	ID       int64
	FromType string
	FromID   int64
	SongID   int64
	From     any
}

var (
	Media = dovetail.NewRegistry()

	Songs       = dovetail.NewTable[Song](Media, "songs")
	Films       = dovetail.NewTable[Film](Media, "films")
	Moods       = dovetail.NewTable[Mood](Media, "moods")
	MoodLinks   = dovetail.NewTable[MoodLink](Media, "mood_links", dovetail.PrimaryKey("item_type", "item_id", "mood_id"))
	SequelLinks = dovetail.NewTable[SequelLink](Media, "sequel_links", dovetail.Unique("from_type", "from_id", "song_id"))

	item      = dovetail.MorphKey("item_type", "item_id")
	moodID    = dovetail.ForeignKey("mood_id")
	SongMoods = dovetail.MorphToMany(Songs, "moods", Moods, MoodLinks, item, dovetail.MorphValue("song"), moodID,
		dovetail.Inverse("songs"), dovetail.OrderBy("name"), dovetail.OnDelete(dovetail.Cascade))
	SongFelt = dovetail.MorphToMany(Songs, "felt", Moods, MoodLinks, item, dovetail.MorphValue("song"), moodID,
		dovetail.OrderBy("link.weight DESC"))
	SongStrong = dovetail.MorphToMany(Songs, "strong", Moods, MoodLinks, item, dovetail.MorphValue("song"), moodID,
		dovetail.Where("link.weight > 5"))
	FilmMoods = dovetail.MorphToMany(Films, "moods", Moods, MoodLinks, item, dovetail.MorphValue("film"), moodID, dovetail.Inverse("films"),
		dovetail.OnDelete(dovetail.Cascade))
	FilmSongs = dovetail.HasManyThrough(Films, "songs", Songs, "moods.songs", dovetail.OrderBy("id"))
	Sequels   = dovetail.MorphToMany(Songs, "sequels", Songs, SequelLinks, dovetail.MorphKey("from_type", "from_id"),
		dovetail.MorphValue("song"), dovetail.ForeignKey("song_id"), dovetail.Inverse("prequels"))
	SequelFrom = dovetail.MorphTo(SequelLinks, "from", dovetail.MorphKey("from_type", "from_id"), dovetail.MorphType("song", Songs),
		dovetail.MorphType("film", Films))
)

// MediaDDL is read by PostgreSQL and SQLite. Song and film 1 share their id, and mood links of a third type are there.
const MediaDDL = `
CREATE TABLE songs (id BIGINT PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE films (id BIGINT PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE moods (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE mood_links (item_type TEXT NOT NULL, item_id BIGINT NOT NULL, mood_id BIGINT NOT NULL REFERENCES moods, weight BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (item_type, item_id, mood_id));
CREATE TABLE sequel_links (id BIGINT PRIMARY KEY, from_type TEXT NOT NULL, from_id BIGINT NOT NULL, song_id BIGINT NOT NULL REFERENCES songs,
  UNIQUE (from_type, from_id, song_id));
INSERT INTO songs (id, title) VALUES (1, 's1'), (2, 's2'), (3, 's3');
INSERT INTO films (id, title) VALUES (1, 'f1'), (2, 'f2');
INSERT INTO moods (id, name) VALUES (1, 'calm'), (2, 'glad'), (3, 'sad'), (4, 'void');
INSERT INTO mood_links (item_type, item_id, mood_id, weight) VALUES ('song', 1, 1, 3), ('song', 1, 2, 9), ('song', 2, 2, 4), ('film', 1, 2, 7),
  ('film', 1, 3, 1), ('film', 2, 1, 6), ('book', 1, 4, 8), ('song', 99, 3, 9);
INSERT INTO sequel_links (id, from_type, from_id, song_id) VALUES (1, 'song', 1, 2), (2, 'song', 2, 3), (3, 'film', 1, 3), (4, 'film', 2, 1);
`
