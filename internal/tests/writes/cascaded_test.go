package writes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

type cTopic struct {
	ID    int64
	Posts []*cPost
}

// cPost is an answer to another of its topic.
type cPost struct {
	ID, TopicID int64
	AnswersID   *int64
	Answers     []*cPost
}

// cBox and cKey are in and of each other, always.
type cBox struct{ ID, KeyID int64 }

type cKey struct{ ID, BoxID int64 }

// cascadedDDL has what the database deletes by itself: topics are of posts 1 to 5, of which 2 and 3 answer 1, and 4 answers 3. Keys are
// made so that boxes 1 and 2 go together, and 3 by itself.
func cascadedDDL(d kit.Database) string {
	ddl := `CREATE TABLE topics (id BIGINT PRIMARY KEY);
		CREATE TABLE posts (id BIGINT PRIMARY KEY, topic_id BIGINT NOT NULL REFERENCES topics ON DELETE CASCADE,
			answers_id BIGINT REFERENCES posts ON DELETE CASCADE);
		INSERT INTO topics VALUES (1), (2);
		INSERT INTO posts VALUES (1, 1, NULL), (2, 1, 1), (3, 1, 1), (4, 1, 3), (5, 1, NULL), (6, 2, NULL);`
	if d.Postgres() {
		return ddl + `CREATE TABLE boxes (id BIGINT PRIMARY KEY, key_id BIGINT NOT NULL);
			CREATE TABLE box_keys (id BIGINT PRIMARY KEY, box_id BIGINT NOT NULL REFERENCES boxes ON DELETE CASCADE);
			INSERT INTO boxes VALUES (1, 20), (2, 10), (3, 30);
			INSERT INTO box_keys VALUES (10, 1), (20, 2), (30, 3);
			ALTER TABLE boxes ADD FOREIGN KEY (key_id) REFERENCES box_keys ON DELETE CASCADE;`
	}
	return ddl + `CREATE TABLE boxes (id BIGINT PRIMARY KEY, key_id BIGINT NOT NULL REFERENCES box_keys ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
		CREATE TABLE box_keys (id BIGINT PRIMARY KEY, box_id BIGINT NOT NULL REFERENCES boxes ON DELETE CASCADE);
		BEGIN;
		INSERT INTO boxes VALUES (1, 20), (2, 10), (3, 30);
		INSERT INTO box_keys VALUES (10, 1), (20, 2), (30, 3);
		COMMIT;`
}

// TestDeleteCountsWhatTheDatabaseTakes: a delete tells all rows of its table that went, though the database's own CASCADE removed some of them
// before the statement came to them.
func TestDeleteCountsWhatTheDatabaseTakes(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	topics, posts := dovetail.NewTable[cTopic](r, "topics"), dovetail.NewTable[cPost](r, "posts", dovetail.AssignedKey())
	boxes, keys := dovetail.NewTable[cBox](r, "boxes"), dovetail.NewTable[cKey](r, "box_keys")
	cascade := dovetail.OnDelete(dovetail.Cascade)
	of := dovetail.HasMany(topics, "posts", posts, dovetail.ForeignKey("topic_id"), cascade, dovetail.DeleteOrphans())
	answers := dovetail.HasMany(posts, "answers", posts, dovetail.ForeignKey("answers_id"), cascade, dovetail.DeleteOrphans())
	dovetail.HasMany(boxes, "keys", keys, dovetail.ForeignKey("box_id"), cascade)
	dovetail.HasMany(keys, "boxes", boxes, dovetail.ForeignKey("key_id"), cascade)
	topic := &cTopic{ID: 1}
	ids := func(rows []*cPost) []int64 {
		all := kit.Pluck(rows, func(p *cPost) int64 { return p.ID })
		slices.Sort(all)
		return all
	}
	for name, test := range map[string]struct {
		do   func(t *testing.T, db dovetail.DB)
		left []string
	}{
		"a tree": {func(t *testing.T, db dovetail.DB) {
			remove(t, db, dovetail.Delete(posts).Where(squirrel.Eq{"id": 1}), 4)
		}, []string{"5", "6"}},
		"all of it, told by a condition": {func(t *testing.T, db dovetail.DB) {
			remove(t, db, dovetail.Delete(posts).Where(squirrel.Eq{"topic_id": 1}), 5)
		}, []string{"6"}},
		"by what answers it": {func(t *testing.T, db dovetail.DB) { // which goes with it
			remove(t, db, dovetail.Delete(posts).Where(dovetail.Has("answers")), 4)
		}, []string{"5", "6"}},
		"returning": {func(t *testing.T, db dovetail.DB) {
			back := kit.Must[[]*cPost](t)(dovetail.Delete(posts).Where(squirrel.Eq{"id": []int{1, 5}}).Returning(t.Context(), db))
			kit.Same(t, "posts", ids(back), 1, 2, 3, 4, 5)
			for _, p := range back {
				if p.TopicID != 1 || (p.AnswersID == nil) != (p.ID == 1 || p.ID == 5) {
					t.Errorf("expected the rows as they were, got %+v", p)
				}
			}
		}, []string{"6"}},
		"in hand": {func(t *testing.T, db dovetail.DB) {
			kit.NoError(t, dovetail.DeleteRows(t.Context(), db, posts, &cPost{ID: 1}, &cPost{ID: 4}))
		}, []string{"5", "6"}},
		"in hand, and one that is not there": {func(t *testing.T, db dovetail.DB) {
			kit.Refused(t, dovetail.DeleteRows(t.Context(), db, posts, &cPost{ID: 1}, &cPost{ID: 7}), dovetail.ErrNoRows, "1 of the 2 rows")
		}, []string{"1", "2", "3", "4", "5", "6"}},
		"unlinked": {func(t *testing.T, db dovetail.DB) {
			if n := people.Done(t)(of.Unlink(t.Context(), db, topic, &cPost{ID: 1}, &cPost{ID: 5})); n != 5 {
				t.Errorf("expected 5 posts to go, got %d", n)
			}
		}, []string{"6"}},
		"all unlinked": {func(t *testing.T, db dovetail.DB) {
			if n := people.Done(t)(answers.UnlinkAll(t.Context(), db, &cPost{ID: 1})); n != 3 {
				t.Errorf("expected 3 posts to go, got %d", n)
			}
		}, []string{"1", "5", "6"}},
		"replaced": {func(t *testing.T, db dovetail.DB) {
			diff, err := of.Replace(t.Context(), db, topic, &cPost{ID: 5})
			kit.NoError(t, err)
			kit.Same(t, "removed", ids(diff.Removed), 1, 2, 3, 4)
		}, []string{"5", "6"}},
		"synced": {func(t *testing.T, db dovetail.DB) {
			diff, err := of.Sync(t.Context(), db, topic, &cPost{ID: 5, TopicID: 1}, &cPost{ID: 7, TopicID: 1})
			kit.NoError(t, err)
			kit.Same(t, "removed", ids(diff.Removed), 1, 2, 3, 4)
		}, []string{"5", "6", "7"}},
		"impact": {func(t *testing.T, db dovetail.DB) {
			expectImpact(t, impact(t, db, dovetail.Delete(posts).Where(squirrel.Eq{"id": 1})),
				`posts "" no policy: 1 deleted, 0 nulled, 0 blocking`, `posts "posts.answers" CASCADE: 3 deleted, 0 nulled, 0 blocking`)
		}, []string{"1", "2", "3", "4", "5", "6"}},
		"through another table": {func(t *testing.T, db dovetail.DB) {
			remove(t, db, dovetail.Delete(boxes).Where(squirrel.Eq{"id": 1}), 2)
			back := kit.Must[[]*cBox](t)(dovetail.Delete(boxes).Where(squirrel.Eq{"id": 3}).Returning(t.Context(), db))
			if len(back) != 1 || *back[0] != (cBox{3, 30}) {
				t.Errorf("expected box 3, got %+v", back)
			}
			left := kit.Must[[]*cKey](t)(dovetail.Select(keys).All(t.Context(), db))
			kit.Same(t, "the keys left", kit.Pluck(left, func(k *cKey) int64 { return k.ID }))
		}, []string{"1", "2", "3", "4", "5", "6"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
				d.Exec(t, cascadedDDL(d))
				test.do(t, d.DB)
				people.ExpectLines(t, d, "SELECT CAST(id AS TEXT) FROM posts ORDER BY id", test.left...)
			})
		})
	}
}

// cNode points at another, for a reason that the database knows: its rows go with those that they point at, or lose their key.
type cNode struct {
	ID   int64
	UpID *int64
}

type cRing struct {
	ID     int64
	TwinID *int64
}

// TestDeleteCountsWhatIsLeftToTheDatabase: rows that the delete tells are counted, and come back as they were, though the relation leaves the key
// to the database, which takes or changes some of them before the statement comes to them.
func TestDeleteCountsWhatIsLeftToTheDatabase(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"CASCADE", "SET NULL"} {
		for name, policy := range map[string]dovetail.DeletePolicy{"NoAction": dovetail.NoAction, "ByDatabase": dovetail.ByDatabase, "SetNull": dovetail.SetNull} {
			t.Run(action+" "+name, func(t *testing.T) {
				t.Parallel()
				r := dovetail.NewRegistry()
				nodes := dovetail.NewTable[cNode](r, "nodes", dovetail.AssignedKey())
				dovetail.HasMany(nodes, "below", nodes, dovetail.ForeignKey("up_id"), dovetail.OnDelete(policy))
				lefts, rights := dovetail.NewTable[cRing](r, "lefts", dovetail.AssignedKey()), dovetail.NewTable[cRing](r, "rights", dovetail.AssignedKey())
				dovetail.HasMany(lefts, "rights", rights, dovetail.ForeignKey("twin_id"), dovetail.OnDelete(policy))
				dovetail.HasMany(rights, "lefts", lefts, dovetail.ForeignKey("twin_id"), dovetail.OnDelete(policy))
				kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
					d.Exec(t, strings.ReplaceAll(`CREATE TABLE nodes (id BIGINT PRIMARY KEY, up_id BIGINT REFERENCES nodes ON DELETE {action});
						INSERT INTO nodes VALUES (1, NULL), (2, 1), (3, 2), (4, NULL), (5, 4), (6, NULL), (7, 6);
						CREATE TABLE lefts (id BIGINT PRIMARY KEY, twin_id BIGINT);
						CREATE TABLE rights (id BIGINT PRIMARY KEY, twin_id BIGINT REFERENCES lefts ON DELETE {action})`, "{action}", action))
					if !d.Postgres() {
						d.Exec(t, "DROP TABLE lefts; CREATE TABLE lefts (id BIGINT PRIMARY KEY, twin_id BIGINT REFERENCES rights ON DELETE "+action+")")
					}
					d.Exec(t, "INSERT INTO lefts VALUES (1, NULL), (2, NULL); INSERT INTO rights VALUES (1, 1); UPDATE lefts SET twin_id = 1 WHERE id = 2")
					if d.Postgres() {
						d.Exec(t, "ALTER TABLE lefts ADD FOREIGN KEY (twin_id) REFERENCES rights ON DELETE "+action)
					}
					remove(t, d.DB, dovetail.Delete(nodes).Where(squirrel.Eq{"id": []int{1, 2, 3}}), 3)
					kit.NoError(t, dovetail.DeleteRows(t.Context(), d.DB, nodes, &cNode{ID: 4}, &cNode{ID: 5}))
					back := kit.Must[[]*cNode](t)(dovetail.Delete(nodes).Where(squirrel.Eq{"id": []int{6, 7}}).Returning(t.Context(), d.DB))
					for _, n := range back {
						if (n.ID == 7) != (n.UpID != nil) {
							t.Errorf("expected the rows as they were, got %+v", n)
						}
					}
					if len(back) != 2 {
						t.Errorf("expected 2 rows back, got %d", len(back))
					}
					remove(t, d.DB, dovetail.Delete(lefts).Where(squirrel.Eq{"id": []int{1, 2}}), 2) // the second by way of the right one
				})
			})
		}
	}
}

// TestDeleteCountsRowsThatGoByAKeyLeftToTheDatabase: between tables that point at each other, a row that the delete tells may go by way of rows
// that the database takes by a key of theirs, which is left to it, before the statement comes to it. No delete unties it from those.
func TestDeleteCountsRowsThatGoByAKeyLeftToTheDatabase(t *testing.T) {
	t.Parallel()
	type (
		left  struct{ ID, RightID *int64 }
		right struct{ ID, LeftID, UpID *int64 }
	)
	for name, policy := range map[string]dovetail.DeletePolicy{"NoAction": dovetail.NoAction, "ByDatabase": dovetail.ByDatabase} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dovetail.NewRegistry()
			lefts, rights := dovetail.NewTable[left](r, "lefts", dovetail.AssignedKey()), dovetail.NewTable[right](r, "rights", dovetail.AssignedKey())
			dovetail.HasMany(lefts, "rights", rights, dovetail.ForeignKey("left_id"), dovetail.OnDelete(dovetail.Cascade))
			dovetail.HasMany(rights, "lefts", lefts, dovetail.ForeignKey("right_id"), dovetail.OnDelete(dovetail.Cascade))
			dovetail.HasMany(rights, "below", rights, dovetail.ForeignKey("up_id"), dovetail.OnDelete(policy))
			kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
				made := func() {
					t.Helper()
					d.Exec(t, `INSERT INTO lefts VALUES (1, NULL), (2, NULL), (3, NULL); INSERT INTO rights VALUES (10, 1, NULL), (11, NULL, 10);
						UPDATE lefts SET right_id = 11 WHERE id = 2`)
				}
				later := "REFERENCES rights ON DELETE CASCADE"
				if d.Postgres() {
					later = ""
				}
				d.Exec(t, `CREATE TABLE lefts (id BIGINT PRIMARY KEY, right_id BIGINT `+later+`);
					CREATE TABLE rights (id BIGINT PRIMARY KEY, left_id BIGINT REFERENCES lefts ON DELETE CASCADE, up_id BIGINT REFERENCES rights ON DELETE CASCADE)`)
				if d.Postgres() {
					d.Exec(t, "ALTER TABLE lefts ADD FOREIGN KEY (right_id) REFERENCES rights ON DELETE CASCADE")
				}
				told := dovetail.Delete(lefts).Where(squirrel.Eq{"id": []int{1, 2}})
				made()
				remove(t, d.DB, told, 2)
				d.Exec(t, "DELETE FROM lefts")
				made()
				back := kit.Must[[]*left](t)(told.Returning(t.Context(), d.DB))
				ids := kit.Pluck(back, func(l *left) int64 { return *l.ID })
				slices.Sort(ids)
				kit.Same(t, "came back", ids, 1, 2)
				d.Exec(t, "DELETE FROM lefts")
				made()
				one, two := int64(1), int64(2)
				kit.NoError(t, dovetail.DeleteRows(t.Context(), d.DB, lefts, &left{ID: &one}, &left{ID: &two}))
				people.ExpectLines(t, d, "SELECT CAST(id AS TEXT) FROM lefts", "3")
			})
		})
	}
}

// TestDeleteRowsBesideKeysThatAreNotDeclared: rows in hand go, though the database has taken some by a key of its own before the statement came
// to them; one that a trigger keeps is told.
func TestDeleteRowsBesideKeysThatAreNotDeclared(t *testing.T) {
	t.Parallel()
	type post struct{ ID int64 }
	posts := dovetail.NewTable[post](dovetail.NewRegistry(), "posts", dovetail.AssignedKey())
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, cascadedDDL(d))
		left := func(ids ...string) {
			t.Helper()
			people.ExpectLines(t, d, "SELECT CAST(id AS TEXT) FROM posts ORDER BY id", ids...)
		}
		kit.Refused(t, dovetail.DeleteRows(t.Context(), d.DB, posts, &post{ID: 1}, &post{ID: 7}), dovetail.ErrNoRows, "1 of the 2 rows")
		left("1", "2", "3", "4", "5", "6")
		kit.NoError(t, dovetail.DeleteRows(t.Context(), d.DB, posts, &post{ID: 3}, &post{ID: 4}, &post{ID: 2}))
		left("1", "5", "6")
		if !d.Postgres() {
			d.Exec(t, "CREATE TRIGGER keeps BEFORE DELETE ON posts WHEN old.id = 5 BEGIN SELECT RAISE(IGNORE); END")
		} else {
			d.Exec(t, `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
				CREATE TRIGGER keeps BEFORE DELETE ON posts FOR EACH ROW WHEN (old.id = 5) EXECUTE FUNCTION keep()`)
		}
		kit.Refused(t, dovetail.DeleteRows(t.Context(), d.DB, posts, &post{ID: 1}, &post{ID: 5}), dovetail.ErrInvalidRow,
			`1 row of "posts" would be deleted, and is as before`)
		left("1", "5", "6")
	})
}
