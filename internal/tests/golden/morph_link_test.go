package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenMorphLinks has many-to-many relations past a join table that has rows of several tables at one end.
func goldenMorphLinks() []goldenCase {
	songs, moods := dovetail.Select(models.Songs).Columns("id"), dovetail.Select(models.Moods).Columns("id")
	song, glad := &models.Song{ID: 1}, &models.Mood{ID: 2}
	write := func(name string, call func(ctx context.Context, db dovetail.DB) (int64, error)) goldenCase {
		return goldenCase{name: "morph_link_" + name, call: func(ctx context.Context, db dovetail.DB) error {
			_, err := call(ctx, db)
			return err
		}}
	}
	return []goldenCase{
		{name: "morph_link_joined", query: songs.Join("moods", sq.Gt{"link.weight": 5})},
		{name: "morph_link_joined_back", query: moods.LeftJoin("songs")},
		{name: "morph_link_has", query: songs.Has("moods", sq.Eq{"name": "glad"})},
		{name: "morph_link_has_back", query: moods.HasAtLeast(2, "songs")},
		{name: "morph_link_counted", query: moods.With(dovetail.Count("songs").As("n"), dovetail.Count("films").As("m"))},
		{name: "morph_link_preloaded", query: songs.Preload("felt.films")},
		{name: "morph_link_limited", query: moods.Preload("songs", dovetail.Select(models.Songs).Limit(2))},
		{name: "morph_link_through", query: dovetail.Select(models.Films).Has("songs").Preload("songs")},
		{name: "morph_link_tree", query: songs.PreloadTree("sequels", 2).PreloadTree("prequels", 2)},
		{name: "morph_kinds_joined", query: dovetail.Select(models.Gadgets).Columns("id").Join("notes").Join("crates")},
		{name: "morph_kinds_preloaded", query: dovetail.Select(models.ItemNotes).Preload("item")},
		{name: "morph_kinds_named", query: dovetail.Select(models.ItemNotes).Where(sq.Eq{"gadget.code": "b"})},
		{name: "morph_spelled_joined", query: dovetail.Select(models.Panels).Columns("id").Join("mentions").Has("stamps")},
		{name: "morph_spelled_joined_back", query: dovetail.Select(models.Mentions).Columns("id").LeftJoin("binder").Has("panel", sq.Gt{"id": 1})},
		{name: "morph_spelled_preloaded", query: dovetail.Select(models.Mentions).Preload("about")},
		{name: "morph_spelled_preloaded_past_links", query: dovetail.Select(models.Stamps).Preload("panels.mentions")},
		write("spelled_delete", dovetail.Delete(models.Panels).Where(sq.Eq{"id": 7}).Exec),
		{name: "morph_query_for_each_type", query: dovetail.Select(models.ItemNotes).Preload("item",
			dovetail.Select(models.Gadgets).Where(sq.Gt{"id": 1}), dovetail.Select(models.Gizmos).Columns("id"))},
		write("link", func(ctx context.Context, db dovetail.DB) (int64, error) {
			return models.SongMoods.Link(ctx, db, song, glad)
		}),
		write("link_back", func(ctx context.Context, db dovetail.DB) (int64, error) {
			return models.SongMoods.InverseMany().Link(ctx, db, glad, song)
		}),
		write("unlink", func(ctx context.Context, db dovetail.DB) (int64, error) {
			return models.SongMoods.Unlink(ctx, db, song, glad)
		}),
		write("unlink_all_back", func(ctx context.Context, db dovetail.DB) (int64, error) {
			return models.SongMoods.InverseMany().UnlinkAll(ctx, db, glad)
		}),
		write("delete", dovetail.Delete(models.Songs).Where(sq.Eq{"id": 1}).Exec),
	}
}
