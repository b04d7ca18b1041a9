package writes_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	gPost struct {
		ID        int64
		DeletedAt *time.Time
		Comments  []*gComment
		Tags      []*gTag
	}
	gPhoto   struct{ ID int64 }
	gComment struct {
		ID       int64
		ItemType *string
		ItemID   *int64
		Body     string
		Item     any
	}
	gTag     struct{ ID int64 }
	gTagging struct {
		TagID    int64
		ItemType string
		ItemID   int64
	}
	gFolder struct {
		ID       int64
		ParentID *int64
		Name     string
		Parent   *gFolder
		Folders  []*gFolder
	}
)

const gDDL = `
CREATE TABLE g_posts (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP);
CREATE TABLE g_photos (id BIGINT PRIMARY KEY);
CREATE TABLE g_comments (id BIGINT PRIMARY KEY, item_type TEXT, item_id BIGINT, body TEXT NOT NULL DEFAULT '');
CREATE TABLE g_tags (id BIGINT PRIMARY KEY);
CREATE TABLE g_taggings (tag_id BIGINT NOT NULL, item_type TEXT NOT NULL, item_id BIGINT NOT NULL, PRIMARY KEY (tag_id, item_type, item_id));
INSERT INTO g_posts VALUES (1, NULL), (2, '2024-01-01 00:00:00'), (3, NULL);
INSERT INTO g_photos VALUES (1), (9);
INSERT INTO g_tags VALUES (1), (2);
INSERT INTO g_comments (id, item_type, item_id) VALUES (1, 'post', 1), (2, 'photo', 9), (3, NULL, NULL);
CREATE TABLE g_folders (id BIGINT PRIMARY KEY, parent_id BIGINT REFERENCES g_folders, name TEXT NOT NULL DEFAULT '');
INSERT INTO g_folders (id, parent_id) VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, NULL), (6, 5);`

type gSchema struct {
	posts        *dovetail.Table[gPost]
	photos       *dovetail.Table[gPhoto]
	comments     *dovetail.Table[gComment]
	folders      *dovetail.Table[gFolder]
	postComments *dovetail.ToMany[*gPost, *gComment]
	postTags     *dovetail.ToMany[*gPost, *gTag]
	below        *dovetail.ToMany[*gFolder, *gFolder]
}

func newGSchema() gSchema {
	r := dovetail.NewRegistry()
	s := gSchema{
		posts:    dovetail.NewTable[gPost](r, "g_posts", dovetail.SoftDelete("deleted_at"), dovetail.AssignedKey()),
		photos:   dovetail.NewTable[gPhoto](r, "g_photos", dovetail.AssignedKey()),
		comments: dovetail.NewTable[gComment](r, "g_comments", dovetail.AssignedKey()),
		folders:  dovetail.NewTable[gFolder](r, "g_folders", dovetail.AssignedKey()),
	}
	key := dovetail.MorphKey("item_type", "item_id")
	dovetail.MorphTo(s.comments, "item", key, dovetail.MorphType("post", s.posts), dovetail.MorphType("photo", s.photos), dovetail.Enforced())
	s.postComments = dovetail.MorphMany(s.posts, "comments", s.comments, key, dovetail.MorphValue("post"))
	s.postTags = dovetail.MorphToMany(s.posts, "tags", dovetail.NewTable[gTag](r, "g_tags"),
		dovetail.NewTable[gTagging](r, "g_taggings", dovetail.PrimaryKey("tag_id", "item_type", "item_id")), key, dovetail.MorphValue("post"),
		dovetail.ForeignKey("tag_id"), dovetail.Enforced(), dovetail.Inverse("posts"))
	s.below = dovetail.HasMany(s.folders, "folders", s.folders, dovetail.ForeignKey("parent_id"), dovetail.Inverse("parent"), dovetail.Acyclic())
	return s
}

// to is a comment about something.
func (gComment) to(id int64, typ string, item int64) *gComment {
	return &gComment{ID: id, ItemType: &typ, ItemID: &item}
}

// TestEnforcedLooksForTheRowPointedAt writes comments about rows that are there, and about others.
func TestEnforcedLooksForTheRowPointedAt(t *testing.T) {
	t.Parallel()
	s, of := newGSchema(), gComment{}.to
	state := `SELECT id || ' ' || coalesce(item_type, '-') || ' ' || coalesce(CAST(item_id AS TEXT), '-') FROM g_comments ORDER BY id`
	kit.OnEach(t, gDDL, func(t *testing.T, d kit.Database) {
		db := d.DB
		lines := func() string {
			t.Helper()
			rows, err := kit.SQL[string](t.Context(), db, state)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(rows, ", ")
		}
		before := lines()
		by := func(_ any, err error) error { return err }
		update := dovetail.Update(s.comments).Where(squirrel.Eq{"id": 1})
		for _, c := range []struct {
			what, typ string
			call      func(ctx context.Context) error
		}{
			{"insert", "post", dovetailExec(dovetail.Insert(s.comments, of(4, "photo", 9), of(5, "post", 9)), db)},
			{"insert of one", "photo", dovetailExec(dovetail.Insert(s.comments, of(4, "photo", 2)), db)},
			{"insert about a marked row", "post", dovetailExec(dovetail.Insert(s.comments, of(4, "post", 2)), db)},
			{"upsert", "photo", dovetailExec(dovetail.Upsert(s.comments, of(1, "photo", 8)).OnConflict("id").Set("item_type", "item_id"), db)},
			{"save", "photo", func(ctx context.Context) error {
				return dovetail.Save(ctx, db, s.comments, of(1, "photo", 8), "item_type", "item_id")
			}},
			{"update", "photo", func(ctx context.Context) error {
				return by(update.Set("item_type", "photo").Set("item_id", 8).Exec(ctx, db))
			}},
		} {
			kit.Refused(t, c.call(t.Context()), dovetail.ErrNoRows, "g_comments.item", `"`+c.typ+`"`, `"g_`+c.typ+`s"`, "not there")
			kit.Equal(t, c.what, lines(), before)
		}
		for what, call := range map[string]func(ctx context.Context) error{
			"link": func(ctx context.Context) error {
				return by(s.postComments.Link(ctx, db, &gPost{ID: 7}, &gComment{ID: 3}))
			},
			"move": func(ctx context.Context) error {
				return by(s.postComments.Move(ctx, db, &gPost{ID: 2}, &gComment{ID: 1}))
			},
			"replace": func(ctx context.Context) error {
				return by(s.postComments.Replace(ctx, db, &gPost{ID: 7}, &gComment{ID: 3}))
			},
			"sync": func(ctx context.Context) error {
				return by(s.postComments.Sync(ctx, db, &gPost{ID: 7}, &gComment{ID: 8}))
			},
		} {
			kit.Refused(t, call(t.Context()), dovetail.ErrNoRows, "not there")
			kit.Equal(t, what, lines(), before)
		}
		kit.Refused(t, by(s.postTags.Link(t.Context(), db, &gPost{ID: 7}, &gTag{ID: 1})), dovetail.ErrNoRows, "not there")
		kit.Refused(t, by(s.postTags.InverseMany().Link(t.Context(), db, &gTag{ID: 1}, &gPost{ID: 7})), dovetail.ErrNoRows, "not there")

		if err := dovetail.Insert(s.comments, of(4, "photo", 9), &gComment{ID: 5}, of(6, "post", 3)).Exec(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		post := &gPost{ID: 8, Comments: []*gComment{{ID: 7}}}
		if err := dovetail.Insert(s.posts, post).With("comments").Exec(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if n, err := update.Set("item_id", nil).Exec(t.Context(), db); err != nil || n != 1 {
			t.Errorf("a key that becomes NULL: got %d, %v", n, err)
		}
		if n, err := s.postTags.Link(t.Context(), db, post, &gTag{ID: 1}, &gTag{ID: 2}); err != nil || n != 2 {
			t.Errorf("links: got %d, %v", n, err)
		}
		if n, err := s.postComments.Move(t.Context(), db, &gPost{ID: 1}, &gComment{ID: 2}); err != nil || n != 1 {
			t.Errorf("a move: got %d, %v", n, err)
		}
		kit.Equal(t, "all", lines(), "1 post -, 2 post 1, 3 - -, 4 photo 9, 5 - -, 6 post 3, 7 post 8")
	})
}

func dovetailExec(call interface {
	Exec(context.Context, dovetail.DB) error
}, db dovetail.DB) func(context.Context) error {
	return func(ctx context.Context) error { return call.Exec(ctx, db) }
}

// TestEnforcedWantsTheWholeKey does not guess the other half of it.
// A text that spells no key, or spells one as no key is, points at no row.
func TestEnforcedTextThatSpellsNoKey(t *testing.T) {
	t.Parallel()
	type big struct{ ID int64 }
	type pick struct {
		ID        int64
		Kind, Key string
	}
	r := dovetail.NewRegistry()
	bigs, picks := dovetail.NewTable[big](r, "bigs"), dovetail.NewTable[pick](r, "picks")
	dovetail.MorphTo(picks, "thing", dovetail.MorphKey("kind", "key"), dovetail.MorphType("big", bigs), dovetail.Enforced())
	kit.OnEach(t, "CREATE TABLE bigs (id BIGINT PRIMARY KEY); CREATE TABLE picks (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL); "+
		"INSERT INTO bigs VALUES (1)", func(t *testing.T, d kit.Database) {
		kit.NoError(t, dovetail.Insert(picks, &pick{1, "big", "1"}).Exec(t.Context(), d.DB))
		for _, key := range []string{"01", "+1", "abc", " 1", "99999999999999999999", "2"} {
			err := dovetail.Insert(picks, &pick{2, "big", key}).Exec(t.Context(), d.DB)
			kit.Refused(t, err, dovetail.ErrNoRows, "picks.thing", `kind "big"`, `the row of "bigs" that rows of "picks"`, "is not there")
			err = dovetail.Save(t.Context(), d.DB, picks, &pick{1, "big", key}, "kind", "key")
			kit.Refused(t, err, dovetail.ErrNoRows, "picks.thing")
		}
		kit.Same(t, "what is stored", kit.Pluck(kit.All(t, d.DB, dovetail.Select(picks)), func(p *pick) string { return p.Key }), "1")
	})
}

func TestEnforcedWantsTheWholeKey(t *testing.T) {
	t.Parallel()
	s := newGSchema()
	d := kit.SQLiteDB(t, gDDL)
	err := dovetail.Save(t.Context(), d.DB, s.comments, gComment{}.to(1, "post", 3), "item_id")
	kit.Refused(t, err, dovetail.ErrInvalidQuery, "g_comments.item", `"item_type"`, `"item_id"`, "all of them")
	_, err = dovetail.Update(s.comments).Set("item_id", 3).All().Exec(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrInvalidQuery, "Set", `"item_type"`)
	_, err = dovetail.Update(s.comments).Set("item_type", "post").Set("item_id", squirrel.Expr("item_id + 1")).All().Exec(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrUnsupported, "Set", `"item_id"`, "expression")
}

// TestEnforcedRowsStayUntilTheCommit has another delete what a comment is about.
func TestEnforcedRowsStayUntilTheCommit(t *testing.T) {
	t.Parallel()
	s := newGSchema()
	d := kit.PostgresPool(t, gDDL)
	gone := make(chan error, 1)
	err := d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if err := dovetail.Insert(s.comments, gComment{}.to(4, "photo", 9)).Exec(t.Context(), tx); err != nil {
			return err
		}
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := kit.SQL[int64](ctx, d.DB, "DELETE FROM g_photos WHERE id = 9 RETURNING id")
			gone <- err
		}()
		if err := <-gone; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("expected the delete to wait, got %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAcyclicRefusesARowBelowItself moves folders in every way.
func TestAcyclicRefusesARowBelowItself(t *testing.T) {
	t.Parallel()
	s := newGSchema()
	folder := func(id int64, parent ...int64) *gFolder {
		f := &gFolder{ID: id}
		if len(parent) > 0 {
			f.ParentID = &parent[0]
		}
		return f
	}
	by := func(_ any, err error) error { return err }
	state := `SELECT id || '<' || coalesce(CAST(parent_id AS TEXT), '-') FROM g_folders ORDER BY id`
	kit.OnEach(t, gDDL, func(t *testing.T, d kit.Database) {
		db := d.DB
		lines := func() string {
			t.Helper()
			rows, err := kit.SQL[string](t.Context(), db, state)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(rows, " ")
		}
		before := lines()
		parent := s.below.Inverse()
		for _, c := range []struct {
			what string
			call func(ctx context.Context) error
		}{
			{"move below a child's child", func(ctx context.Context) error { return by(s.below.Move(ctx, db, folder(4), folder(1))) }},
			{"move below itself", func(ctx context.Context) error { return by(s.below.Move(ctx, db, folder(2), folder(2))) }},
			{"move of several", func(ctx context.Context) error { return by(s.below.Move(ctx, db, folder(4), folder(6), folder(3))) }},
			{"link", func(ctx context.Context) error { return by(s.below.Link(ctx, db, folder(6), folder(5))) }},
			{"replace from above", func(ctx context.Context) error { return by(s.below.Replace(ctx, db, folder(4), folder(1))) }},
			{"sync", func(ctx context.Context) error { return by(s.below.Sync(ctx, db, folder(6), folder(5))) }},
			{"replace from below", func(ctx context.Context) error { return by(parent.Replace(ctx, db, folder(2), folder(4))) }},
			{"save", func(ctx context.Context) error { return dovetail.Save(ctx, db, s.folders, folder(1, 2), "parent_id") }},
			{"update", func(ctx context.Context) error {
				return by(dovetail.Update(s.folders).Set("parent_id", 4).Where(squirrel.Eq{"id": 2}).Exec(ctx, db))
			}},
			{"upsert", dovetailExec(dovetail.Upsert(s.folders, folder(1, 3)).OnConflict("id").Set("parent_id"), db)},
			{"insert", dovetailExec(dovetail.Insert(s.folders, folder(7, 7)), db)},
		} {
			kit.Refused(t, c.call(t.Context()), dovetail.ErrCycle, "g_folders")
			kit.Equal(t, c.what, lines(), before)
		}
		if n, err := s.below.Move(t.Context(), db, folder(6), folder(2), folder(4)); err != nil || n != 2 {
			t.Errorf("expected two moved, got %d, %v", n, err)
		}
		if err := dovetail.Insert(s.folders, folder(7, 4), folder(8, 7)).Exec(t.Context(), db); err != nil {
			t.Error(err)
		}
		if err := dovetail.Save(t.Context(), db, s.folders, folder(3, 8), "parent_id"); err != nil {
			t.Error(err)
		}
		kit.Equal(t, "all", lines(), "1<- 2<6 3<8 4<6 5<- 6<5 7<4 8<7")
	})
}

// TestAcyclicLooksAtInsertedRows inserts rows that point at each other, whose keys the database makes.
func TestAcyclicLooksAtInsertedRows(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	nodes := dovetail.NewTable[gFolder](r, "g_nodes")
	dovetail.HasMany(nodes, "folders", nodes, dovetail.ForeignKey("parent_id"), dovetail.Inverse("parent"), dovetail.Acyclic())
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		if err := r.CreateAll(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		loop := []*gFolder{{Name: "a"}, {Name: "b"}}
		loop[0].Parent, loop[1].Parent = loop[1], loop[0]
		kit.Refused(t, dovetail.Insert(nodes, loop...).With("parent").Exec(t.Context(), d.DB), dovetail.ErrCycle, "g_nodes.folders", "Acyclic")
		db := d.Record()
		top := &gFolder{Name: "top", Folders: []*gFolder{{Name: "below"}}}
		if err := dovetail.Insert(nodes, top).With("folders").Exec(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		db.Expect(t, 2, 2) // no row that has no key yet is looked at
		if n, err := dovetail.Select(nodes).Count(t.Context(), d.DB); err != nil || n != 2 {
			t.Errorf("expected nothing of what was refused, got %d, %v", n, err)
		}
		_, err := dovetail.Update(nodes).Set("parent_id", top.Folders[0].ID).Where(squirrel.Eq{"id": top.ID}).Exec(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrCycle)
		db.Expect(t, 2+d.Locks(), 2)
	})
}

// TestAcyclicHoldsForTwoWriters has two calls at once each make half of a cycle: at most one of them does.
func TestAcyclicHoldsForTwoWriters(t *testing.T) {
	t.Parallel()
	s := newGSchema()
	var rows []string
	for i := range 40 {
		rows = append(rows, fmt.Sprintf("(%d)", 100+i))
	}
	d := kit.PostgresPool(t, gDDL+"INSERT INTO g_folders (id) VALUES "+strings.Join(rows, ", "))
	for i := range int64(20) {
		a, b := &gFolder{ID: 100 + 2*i}, &gFolder{ID: 101 + 2*i}
		var done sync.WaitGroup
		errs := make([]error, 2)
		for n, pair := range [][2]*gFolder{{a, b}, {b, a}} {
			done.Go(func() { _, errs[n] = s.below.Move(t.Context(), d.DB, pair[0], pair[1]) })
		}
		done.Wait()
		if errs[0] == nil && errs[1] == nil || errs[0] != nil && errs[1] != nil && !slices.ContainsFunc(errs, func(err error) bool { return !errors.Is(err, dovetail.ErrCycle) }) {
			t.Errorf("expected one of the two to be done, got %v", errs)
		}
	}
	cycles, err := kit.SQL[int64](t.Context(), d.DB, "SELECT a.id FROM g_folders a JOIN g_folders b ON a.parent_id = b.id AND b.parent_id = a.id")
	if err != nil || len(cycles) > 0 {
		t.Errorf("expected no cycle, got %v, %v", cycles, err)
	}
}

// TestGuardsAreDeclaredWhereTheyMeanSomething declares them elsewhere.
func TestGuardsAreDeclaredWhereTheyMeanSomething(t *testing.T) {
	t.Parallel()
	key := dovetail.MorphKey("item_type", "item_id")
	for what, declare := range map[string]func(r *dovetail.Registry, posts *dovetail.Table[gPost], comments *dovetail.Table[gComment]){
		"Enforced is for polymorphic": func(r *dovetail.Registry, _ *dovetail.Table[gPost], _ *dovetail.Table[gComment]) {
			folders := dovetail.NewTable[gFolder](r, "g_folders")
			dovetail.HasMany(folders, "folders", folders, dovetail.ForeignKey("parent_id"), dovetail.Inverse("parent"), dovetail.Enforced())
		},
		"MorphOthers": func(_ *dovetail.Registry, posts *dovetail.Table[gPost], comments *dovetail.Table[gComment]) {
			dovetail.MorphTo(comments, "item", key, dovetail.MorphType("post", posts), dovetail.MorphOthers(), dovetail.Enforced())
		},
		"Acyclic is for rows below": func(_ *dovetail.Registry, posts *dovetail.Table[gPost], comments *dovetail.Table[gComment]) {
			dovetail.HasMany(posts, "comments", comments, dovetail.ForeignKey("item_id"), dovetail.Acyclic())
		},
		"it is Cyclic and Acyclic": func(r *dovetail.Registry, _ *dovetail.Table[gPost], _ *dovetail.Table[gComment]) {
			folders := dovetail.NewTable[gFolder](r, "g_folders")
			dovetail.HasMany(folders, "folders", folders, dovetail.ForeignKey("parent_id"), dovetail.Cyclic(), dovetail.Acyclic())
		},
		"Acyclic is about a foreign key": func(_ *dovetail.Registry, posts *dovetail.Table[gPost], comments *dovetail.Table[gComment]) {
			dovetail.MorphMany(posts, "comments", comments, key, dovetail.MorphValue("post"), dovetail.Acyclic())
		},
	} {
		r := dovetail.NewRegistry()
		declare(r, dovetail.NewTable[gPost](r, "g_posts"), dovetail.NewTable[gComment](r, "g_comments"))
		if err := r.Validate(); !errors.Is(err, dovetail.ErrInvalidRelation) || !strings.Contains(err.Error(), what) {
			t.Errorf("expected an error with %q, got %v", what, err)
		}
	}
}
