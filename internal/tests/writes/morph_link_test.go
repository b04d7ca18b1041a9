package writes_test

import (
	"errors"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

const (
	songLinks  = "SELECT item_id || ' ' || mood_id || ' ' || weight FROM mood_links WHERE item_type = 'song' ORDER BY item_id, mood_id"
	otherLinks = "SELECT item_type || ' ' || item_id || ' ' || mood_id FROM mood_links WHERE item_type <> 'song' ORDER BY 1"
)

// otherLinksAre fails the test unless the links of all types but songs are as they were.
func otherLinksAre(t *testing.T, d kit.Database) {
	t.Helper()
	people.ExpectLines(t, d, otherLinks, "book 1 4", "film 1 2", "film 1 3", "film 2 1")
}

// TestMorphLinks: links are made with their type and removed by it, from both ends; those of other types stay.
func TestMorphLinks(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.MediaDDL, func(t *testing.T, d kit.Database) {
		ctx, n, song := t.Context(), people.Done(t), &models.Song{ID: 1}
		db := d.Record()
		if got := n(models.SongMoods.Link(ctx, db, song, &models.Mood{ID: 2}, &models.Mood{ID: 3})); got != 1 {
			t.Errorf("expected one new link, got %d", got)
		}
		db.Expect(t, 1, 1)
		people.ExpectLines(t, d, songLinks, "1 1 3", "1 2 9", "1 3 0", "2 2 4", "99 3 9")
		if got := n(dovetail.LinkWith(ctx, d.DB, models.SongFelt, song, dovetail.Linked[models.Mood, models.MoodLink]{
			Row: &models.Mood{ID: 3}, Link: &models.MoodLink{Weight: 5},
		})); got != 1 {
			t.Errorf("expected one link to change, got %d", got)
		}
		_, err := dovetail.LinkWith(ctx, d.DB, models.SongFelt, song, dovetail.Linked[models.Mood, models.MoodLink]{
			Row: &models.Mood{ID: 4}, Link: &models.MoodLink{ItemType: "film"},
		})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "songs.felt", "item_type")
		diff, err := models.SongMoods.Replace(ctx, d.DB, song, &models.Mood{ID: 3}, &models.Mood{ID: 4})
		if err != nil || len(diff.Added) != 1 || len(diff.Removed) != 2 {
			t.Errorf("got %+v, %v", diff, err)
		}
		people.ExpectLines(t, d, songLinks, "1 3 5", "1 4 0", "2 2 4", "99 3 9")
		if got := n(models.SongMoods.Unlink(ctx, d.DB, song, &models.Mood{ID: 4}, &models.Mood{ID: 2})); got != 1 {
			t.Errorf("expected one link to go, got %d", got)
		}
		_, err = models.SongMoods.Move(ctx, d.DB, song, &models.Mood{ID: 4})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, "songs.moods")
		_, err = models.SongStrong.Link(ctx, d.DB, song, &models.Mood{ID: 4})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, "songs.strong")
		otherLinksAre(t, d)

		moodSongs, glad := models.SongMoods.InverseMany(), &models.Mood{ID: 2}
		if got := n(moodSongs.Link(ctx, d.DB, glad, &models.Song{ID: 2}, &models.Song{ID: 3})); got != 1 {
			t.Errorf("expected one new link from the other end, got %d", got)
		}
		people.ExpectLines(t, d, songLinks, "1 3 5", "2 2 4", "3 2 0", "99 3 9")
		diff2, err := moodSongs.Replace(ctx, d.DB, glad, &models.Song{ID: 1}, &models.Song{ID: 3})
		if err != nil || len(diff2.Added) != 1 || len(diff2.Removed) != 1 {
			t.Errorf("got %+v, %v", diff2, err)
		}
		people.ExpectLines(t, d, songLinks, "1 2 0", "1 3 5", "3 2 0", "99 3 9")
		if got := n(moodSongs.UnlinkAll(ctx, d.DB, glad)); got != 2 {
			t.Errorf("expected two links to go, got %d", got)
		}
		if got := n(models.SongMoods.UnlinkAll(ctx, d.DB, song)); got != 1 {
			t.Errorf("expected one link to go, got %d", got)
		}
		people.ExpectLines(t, d, songLinks, "99 3 9")
		otherLinksAre(t, d)
	})
}

// TestMorphLinksAreInserted: a graph is inserted with its links, from both ends, with payload and with rows that are there.
func TestMorphLinksAreInserted(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.MediaDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		kit.NoError(t, dovetail.Insert(models.Songs, &models.Song{ID: 10, Title: "x", Moods: []*models.Mood{{ID: 10, Name: "new"}}}).
			With("moods").Exec(ctx, d.DB))
		kit.NoError(t, dovetail.Insert(models.Songs, &models.Song{ID: 11, Title: "y", Moods: []*models.Mood{{ID: 1}, {ID: 10}}}).
			WithLinks("moods").Exec(ctx, d.DB))
		felt := []dovetail.Linked[models.Mood, models.MoodLink]{{Row: &models.Mood{ID: 2}, Link: &models.MoodLink{Weight: 7}}}
		kit.NoError(t, dovetail.Insert(models.Songs, &models.Song{ID: 12, Title: "z", Felt: felt}).WithLinks("felt").Exec(ctx, d.DB))
		if link := felt[0].Link; link.ItemType != "song" || link.ItemID != 12 || link.MoodID != 2 {
			t.Errorf("expected the link to be filled, got %+v", link)
		}
		kit.NoError(t, dovetail.Insert(models.Moods, &models.Mood{ID: 11, Name: "m", Songs: []*models.Song{{ID: 13, Title: "v"}},
			Films: []*models.Film{{ID: 13, Title: "w"}}}).With("songs", "films").Exec(ctx, d.DB))
		people.ExpectLines(t, d, "SELECT item_type || ' ' || item_id || ' ' || mood_id || ' ' || weight FROM mood_links WHERE item_id BETWEEN 10 AND 20 "+
			"ORDER BY item_id, item_type, mood_id", "song 10 10 0", "song 11 1 0", "song 11 10 0", "song 12 2 7", "film 13 11 0", "song 13 11 0")
		err := dovetail.Insert(models.Songs, &models.Song{ID: 14, Title: "q", Felt: []dovetail.Linked[models.Mood, models.MoodLink]{
			{Row: &models.Mood{ID: 2}, Link: &models.MoodLink{ItemType: "film"}},
		}}).WithLinks("felt").Exec(ctx, d.DB)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "item_type")
	})
}

// TestMorphLinksGoWithTheirEnds: a delete of either end takes the links of its type, and no others.
func TestMorphLinksGoWithTheirEnds(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.MediaDDL, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		n(dovetail.Delete(models.SequelLinks).All().Exec(ctx, d.DB))
		n(dovetail.Delete(models.Songs).Where(squirrel.Eq{"id": 1}).Exec(ctx, d.DB))
		people.ExpectLines(t, d, songLinks, "2 2 4", "99 3 9")
		otherLinksAre(t, d)
		n(dovetail.Delete(models.Moods).Where(squirrel.Eq{"id": 2}).Exec(ctx, d.DB))
		people.ExpectLines(t, d, songLinks, "99 3 9")
		people.ExpectLines(t, d, otherLinks, "book 1 4", "film 1 3", "film 2 1")
		// Links of a type that no relation is about are the database's to speak for.
		_, err := dovetail.Delete(models.Moods).Where(squirrel.Eq{"id": 4}).Exec(ctx, d.DB)
		var refused *dovetail.ConstraintError
		if !errors.As(err, &refused) || refused.Kind != dovetail.ForeignKeyConstraint {
			t.Errorf("expected the database to refuse it, got %v", err)
		}
	})
}

type mlTag struct{ ID int64 }

type mlPost struct {
	ID   int64
	Tags []*mlTag
}

type mlClip struct{ ID int64 }

type mlTagging struct {
	ID     int64
	OfType *string
	OfID   *int64
	TagID  int64
}

// TestMorphLinksDeclared: what the database is asked for, and policies.
func TestMorphLinksDeclared(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	posts, clips := dovetail.NewTable[mlPost](r, "posts"), dovetail.NewTable[mlClip](r, "clips")
	tags, taggings := dovetail.NewTable[mlTag](r, "tags"), dovetail.NewTable[mlTagging](r, "taggings")
	key, tagID := dovetail.MorphKey("of_type", "of_id"), dovetail.ForeignKey("tag_id")
	postTags := dovetail.MorphToMany(posts, "tags", tags, taggings, key, dovetail.MorphValue("post"), tagID, dovetail.OnDelete(dovetail.Cascade))
	dovetail.MorphToMany(clips, "tags", tags, taggings, key, dovetail.MorphValue("clip"), tagID, dovetail.OnDelete(dovetail.Restrict))
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		kit.NoError(t, r.CreateAll(ctx, d.DB))
		if findings := kit.MustFind(t, r, d.DB); len(findings) > 0 {
			t.Error(kit.ListFindings(findings))
		}
		d.Exec(t, "INSERT INTO posts (id) VALUES (1), (2); INSERT INTO clips (id) VALUES (1), (2); INSERT INTO tags (id) VALUES (1), (2), (3)")
		n(postTags.Link(ctx, d.DB, &mlPost{ID: 1}, &mlTag{ID: 1}, &mlTag{ID: 2}))
		if got := n(postTags.Link(ctx, d.DB, &mlPost{ID: 1}, &mlTag{ID: 1})); got != 0 {
			t.Errorf("expected the link to be there, got %d new ones", got)
		}
		d.Exec(t, "INSERT INTO taggings (id, of_type, of_id, tag_id) VALUES (91, 'clip', 1, 1), (92, 'clip', 1, 3)")
		_, err := dovetail.Delete(clips).Where(squirrel.Eq{"id": 1}).Exec(ctx, d.DB)
		kit.Refused(t, err, dovetail.ErrRestricted)
		_, err = dovetail.Delete(tags).Where(squirrel.Eq{"id": 1}).Exec(ctx, d.DB)
		kit.Refused(t, err, dovetail.ErrRestricted)
		n(dovetail.Delete(tags).Where(squirrel.Eq{"id": 2}).Exec(ctx, d.DB))
		n(dovetail.Delete(posts).Where(squirrel.Eq{"id": 1}).Exec(ctx, d.DB))
		people.ExpectLines(t, d, "SELECT of_type || ' ' || of_id || ' ' || tag_id FROM taggings ORDER BY id", "clip 1 1", "clip 1 3")
	})
}
