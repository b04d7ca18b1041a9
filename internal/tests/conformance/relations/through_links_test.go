package relations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The models of a path along a many-to-many whose rows are chosen, and ordered, by its links.

type linkedPoet struct {
	ID     int64
	Name   string
	Poems  []*linkedPoem
	Themes []*linkedTheme
	Whole  []*linkedTheme
}

type linkedPoem struct {
	ID    int64
	Title string
	Tones []*linkedTheme
}

type linkedWrote struct {
	PoetID int64
	PoemID int64
	Role   string
	Place  int64
}

type linkedTheme struct {
	ID   int64
	Name string
}

type linkedTone struct {
	PoemID  int64
	ThemeID int64
	Kind    string
}

const linkedThroughDDL = `
CREATE TABLE poets (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE poems (id BIGINT PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE wrote (poet_id BIGINT NOT NULL, poem_id BIGINT NOT NULL, role TEXT NOT NULL, place BIGINT NOT NULL, PRIMARY KEY (poet_id, poem_id));
CREATE TABLE themes (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE tones (poem_id BIGINT NOT NULL, theme_id BIGINT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (poem_id, theme_id));
INSERT INTO poets (id, name) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cat');
INSERT INTO poems (id, title) VALUES (1, 'Ode'), (2, 'Elegy'), (3, 'Haiku');
INSERT INTO wrote (poet_id, poem_id, role, place) VALUES (1, 1, 'author', 2), (1, 2, 'author', 1), (1, 3, 'editor', 3), (2, 3, 'author', 1), (2, 1, 'editor', 2);
INSERT INTO themes (id, name) VALUES (1, 'sea'), (2, 'war'), (3, 'love');
INSERT INTO tones (poem_id, theme_id, kind) VALUES (1, 1, 'main'), (1, 2, 'side'), (2, 2, 'main'), (2, 1, 'main'), (3, 3, 'main');`

// TestThroughAManyToManyWithAConditionOnItsLinks has conditions on links in the middle and at the end of a path.
func TestThroughAManyToManyWithAConditionOnItsLinks(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	poets, poems := dovetail.NewTable[linkedPoet](r, "poets"), dovetail.NewTable[linkedPoem](r, "poems")
	wrote := dovetail.NewTable[linkedWrote](r, "wrote", dovetail.PrimaryKey("poet_id", "poem_id"))
	themes := dovetail.NewTable[linkedTheme](r, "themes")
	tones := dovetail.NewTable[linkedTone](r, "tones", dovetail.PrimaryKey("poem_id", "theme_id"))
	dovetail.ManyToMany(poets, "poems", poems, wrote, dovetail.ThroughKeys("poet_id", "poem_id"),
		dovetail.Where(squirrel.Eq{"link.role": "author"}), dovetail.OrderBy("link.place"))
	dovetail.ManyToMany(poems, "tones", themes, tones, dovetail.ThroughKeys("poem_id", "theme_id"),
		dovetail.Where("link.kind = ?", "main"))
	dovetail.ManyToMany(themes, "of", poems, tones, dovetail.ThroughKeys("theme_id", "poem_id"))
	dovetail.HasManyThrough(poets, "themes", themes, "poems.tones")
	dovetail.HasManyThrough(poets, "whole", themes, "themes", dovetail.Where("self.name <> ? AND self.name <> outer.name", "war"))
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	kit.OnEach(t, linkedThroughDDL, func(t *testing.T, d kit.Database) {
		q := dovetail.Select(poets).OrderBy("id")
		shown := func(p *linkedPoet) string {
			text := p.Name
			for _, list := range [][]*linkedTheme{p.Themes, p.Whole} {
				names := kit.Pluck(list, func(theme *linkedTheme) string { return theme.Name })
				text += ":" + strings.Join(names, " ")
			}
			return text
		}
		want := []string{"Ann:sea war:sea", "Bob:love:love", "Cat::"}
		kit.Same(t, "preloaded", kit.Pluck(kit.All(t, d.DB, q.Preload("themes").Preload("whole")), shown), want...)
		kit.Same(t, "fetched", kit.Pluck(kit.All(t, d.DB, q.Fetch("themes", "whole")), shown), want...)
		loaded := kit.All(t, d.DB, q)
		kit.Load(t, d.DB, poets, loaded, "themes")
		kit.Load(t, d.DB, poets, loaded, "whole")
		kit.Same(t, "loaded", kit.Pluck(loaded, shown), want...)
		first := dovetail.Select(themes).OrderBy("name DESC").Limit(1)
		limited := kit.All(t, d.DB, q.Preload("themes", first).Preload("whole", first))
		kit.Same(t, "limited", kit.Pluck(limited, shown), "Ann:war:sea", "Bob:love:love", "Cat::")
		joined := dovetail.Select(themes).Join("of", squirrel.Eq{"title": []string{"Ode", "Elegy"}})
		kit.Same(t, "with a join", kit.Pluck(kit.All(t, d.DB, q.Preload("themes", joined.Distinct())), shown), "Ann:sea war:", "Bob::", "Cat::")
		names := func(q dovetail.Query[*linkedPoet]) string {
			return fmt.Sprint(kit.Pluck(kit.All(t, d.DB, q), func(p *linkedPoet) string { return p.Name }))
		}
		kit.Equal(t, "has", names(q.Has("themes", squirrel.Eq{"name": "love"})), "[Bob]")
		kit.Equal(t, "has none", names(q.HasNone("whole")), "[Cat]")
		kit.Equal(t, "joined", names(q.Join("themes").Where(squirrel.Eq{"themes.name": "sea"}).Distinct()), "[Ann]")
		kit.Equal(t, "counted", names(q.HasAtLeast(2, "themes")), "[Ann]")
	})
}
