package relations_test

import (
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The models of relations without a constraint: a pet's keeper, a toy's pet and what a tag is of may be gone.

type keeper struct {
	ID   int64
	Name string
	Pets []*pet
	Toys []*toy
}

type pet struct {
	ID       int64
	KeeperID int64
	Name     string
	Keeper   *keeper
	Toys     []*toy
}

type toy struct {
	ID    int64
	PetID int64
	Name  string
	Pet   *pet
}

type petTag struct {
	PetID int64
	TagID int64
}

// petMark is of a pet or of a keeper; its columns cannot be NULL.
type petMark struct {
	ID      int64
	OfType  string
	OfID    int64
	Text    string
	Pet     *pet
	Keeper  *keeper
	Subject any
}

var (
	petRegistry = dovetail.NewRegistry()
	keepers     = dovetail.NewTable[keeper](petRegistry, "keepers")
	pets        = dovetail.NewTable[pet](petRegistry, "pets")
	toys        = dovetail.NewTable[toy](petRegistry, "toys")
	petTags     = dovetail.NewTable[petTag](petRegistry, "pet_tags")
	petMarks    = dovetail.NewTable[petMark](petRegistry, "pet_marks")

	_ = dovetail.HasMany(keepers, "pets", pets, dovetail.ForeignKey("keeper_id"), dovetail.Logical(), dovetail.Inverse("keeper"))
	_ = dovetail.HasMany(pets, "toys", toys, dovetail.ForeignKey("pet_id")) // logical by its inverse
	_ = dovetail.BelongsTo(toys, "pet", pets, dovetail.ForeignKey("pet_id"), dovetail.Logical())
	_ = dovetail.HasManyThrough(keepers, "toys", toys, "pets.toys")
	_ = dovetail.ManyToMany(pets, "tagged", keepers, petTags, dovetail.ThroughKeys("pet_id", "tag_id"), dovetail.Logical())
	_ = dovetail.MorphMany(pets, "marks", petMarks, dovetail.MorphKey("of_type", "of_id"), dovetail.MorphValue("pet"),
		dovetail.Inverse("pet"), dovetail.Logical())
	_ = dovetail.MorphMany(keepers, "marks", petMarks, dovetail.MorphKey("of_type", "of_id"), dovetail.MorphValue("keeper"),
		dovetail.Inverse("keeper"), dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.MorphTo(petMarks, "subject", dovetail.MorphKey("of_type", "of_id"), dovetail.MorphType("pet", pets),
		dovetail.MorphType("keeper", keepers))
)

const petDDL = `
CREATE TABLE keepers (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE pets (id BIGINT PRIMARY KEY, keeper_id BIGINT NOT NULL, name TEXT NOT NULL);
CREATE TABLE toys (id BIGINT PRIMARY KEY, pet_id BIGINT NOT NULL, name TEXT NOT NULL);
CREATE TABLE pet_tags (pet_id BIGINT NOT NULL, tag_id BIGINT NOT NULL);
CREATE TABLE pet_marks (id BIGINT PRIMARY KEY, of_type TEXT NOT NULL, of_id BIGINT NOT NULL, text TEXT NOT NULL);
INSERT INTO keepers VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO pets VALUES (1, 1, 'Rex'), (2, 9, 'Stray'), (3, 2, 'Tom');
INSERT INTO toys VALUES (1, 1, 'ball'), (2, 2, 'bone'), (3, 8, 'lost'), (4, 1, 'ring');
INSERT INTO pet_tags VALUES (1, 2), (1, 7), (2, 1);
INSERT INTO pet_marks VALUES (1, 'pet', 1, 'm1'), (2, 'keeper', 2, 'm2'), (3, 'pet', 7, 'm3');
`

func petName(p *pet) string { return p.Name }

func toyName(p *toy) string { return p.Name }

func markText(m *petMark) string { return m.Text }

// TestLogicalKeepsRows asks for rows whose required key points at nothing, along every way of naming the relation.
func TestLogicalKeepsRows(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, petDDL, func(t *testing.T, d kit.Database) {
		all, allToys := dovetail.Select(pets).OrderBy("id"), dovetail.Select(toys).OrderBy("id")
		named := all.Where(sq.Or{sq.Eq{"keeper.name": "Ann"}, sq.Eq{"keeper.id": nil}})
		kit.Same(t, "a path in Where", kit.Pluck(kit.All(t, d.DB, named), petName), "Rex", "Stray")
		kit.Same(t, "a path in SQL text", kit.Pluck(kit.All(t, d.DB, all.Where("keeper.name IS NULL")), petName), "Stray")
		kit.Same(t, "a path in OrderBy",
			kit.Pluck(kit.All(t, d.DB, dovetail.Select(pets).OrderBy("keeper.name DESC NULLS LAST")), petName), "Tom", "Rex", "Stray")
		kit.Same(t, "two steps", kit.Pluck(kit.All(t, d.DB, allToys.Where(sq.Eq{"pet.keeper.name": nil})), toyName), "bone", "lost")
		kit.Same(t, "HasNone", kit.Pluck(kit.All(t, d.DB, all.HasNone("keeper")), petName), "Stray")
		names := kit.Collect[*string](t, d.DB, allToys.Columns("pet.keeper.name"))
		if len(names) != 4 || names[1] != nil || names[2] != nil || *names[3] != "Ann" {
			t.Errorf("columns of a path: expected 4 rows, nothing for the bone and what is lost, got %v", names)
		}
		kit.Equal(t, "Join", kit.Must[int64](t)(all.Join("keeper").Count(t.Context(), d.DB)), 2)
		for what, q := range map[string]dovetail.Query[*toy]{
			"Preload": allToys.Preload("pet.keeper"), "Fetch": allToys.Fetch("pet.keeper"),
		} {
			got := kit.Pluck(kit.All(t, d.DB, q), func(t *toy) string {
				switch {
				case t.Pet == nil:
					return "-"
				case t.Pet.Keeper == nil:
					return t.Pet.Name
				}
				return t.Pet.Name + " of " + t.Pet.Keeper.Name
			})
			kit.Same(t, what, got, "Rex of Ann", "Stray", "-", "Rex of Ann")
		}
	})
}

// strayPet points at a keeper by a key that is declared, and has no constraint.
type strayPet struct {
	ID       int64
	KeeperID int64
	Keeper   *strayKeeper
}

type strayKeeper struct {
	ID   int64
	Name string
}

var (
	strayRegistry = dovetail.NewRegistry()
	strayKeepers  = dovetail.NewTable[strayKeeper](strayRegistry, "keepers")
	strayPets     = dovetail.NewTable[strayPet](strayRegistry, "pets")
	_             = dovetail.BelongsTo(strayPets, "keeper", strayKeepers, dovetail.ForeignKey("keeper_id"))
)

// TestExplainSaysWhichJoinsRelyOnAKey: a join that drops rows only where the constraint that is declared is not there says so.
func TestExplainSaysWhichJoinsRelyOnAKey(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, petDDL, func(t *testing.T, d kit.Database) {
		all := dovetail.Select(strayPets)
		for what, q := range map[string]dovetail.Query[*strayPet]{
			"Join": all.Join("keeper"), "a path in OrderBy": all.OrderBy("keeper.name"),
		} {
			kit.Equal(t, what, len(kit.All(t, d.DB, q)), 2)
			const line = "join keeper: 1 per row of pets: neither, while its foreign key holds\n"
			if got := kit.Must[string](t)(q.Explain(d.DB.Dialect())); !strings.Contains(got, line) {
				t.Errorf("%s: expected Explain to say %q, got\n%s", what, line, got)
			}
		}
		kit.Equal(t, "Fetch", len(kit.All(t, d.DB, all.Fetch("keeper"))), 3)
	})
}

// TestLogicalThrough goes along logical steps: what lies behind a row that is gone is reached from neither end.
func TestLogicalThrough(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, petDDL, func(t *testing.T, d kit.Database) {
		q := dovetail.Select(keepers).OrderBy("id")
		for what, rows := range map[string][]*keeper{
			"Preload": kit.All(t, d.DB, q.Preload("toys")), "Fetch": kit.All(t, d.DB, q.Fetch("toys")),
		} {
			kit.Same(t, what+": Ann's", kit.Pluck(rows[0].Toys, toyName), "ball", "ring")
			kit.Same(t, what+": Bob's", kit.Pluck(rows[1].Toys, toyName))
		}
		kit.Same(t, "Count", kit.Collect[int](t, d.DB, q.Columns().With(dovetail.Count("toys").As("n"))), 2, 0)
		kit.Equal(t, "Has", kit.Must[int64](t)(q.Has("toys", sq.Eq{"name": "ring"}).Count(t.Context(), d.DB)), 1)
		kit.Equal(t, "many-to-many", kit.Must[int64](t)(dovetail.Select(pets).Join("tagged").Count(t.Context(), d.DB)), 2)
	})
}

// TestMorphInverseKeepsRows: the columns of a polymorphic reference cannot be NULL, and yet a mark is of one table only.
func TestMorphInverseKeepsRows(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, petDDL, func(t *testing.T, d kit.Database) {
		marks := dovetail.Select(petMarks).OrderBy("id")
		named := marks.Where(sq.Or{sq.Eq{"pet.name": "Rex"}, sq.Eq{"keeper.name": "Bob"}})
		kit.Same(t, "paths in Where", kit.Pluck(kit.All(t, d.DB, named), markText), "m1", "m2")
		ordered := dovetail.Select(petMarks).OrderBy("pet.name NULLS LAST", "id")
		kit.Same(t, "a path in OrderBy", kit.Pluck(kit.All(t, d.DB, ordered), markText), "m1", "m2", "m3")
		rows := kit.All(t, d.DB, marks.Preload("subject"))
		if rows[2].Subject != nil || rows[0].Subject == nil || rows[1].Subject == nil {
			t.Errorf("expected subjects of m1 and m2 alone, got %v", kit.Pluck(rows, func(m *petMark) any { return m.Subject }))
		}
	})
}

// TestLogicalDelete leaves the rows that point at what is deleted, unless a policy was declared.
func TestLogicalDelete(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, petDDL, func(t *testing.T, d kit.Database) {
		if _, err := dovetail.Delete(pets).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		if _, err := dovetail.Delete(keepers).Where(sq.Eq{"id": 2}).Exec(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		got := kit.Texts(t, d.DB, "SELECT 'pet ' || id FROM pets UNION ALL SELECT 'toy ' || id FROM toys "+
			"UNION ALL SELECT 'tag ' || tag_id FROM pet_tags UNION ALL SELECT 'mark ' || id FROM pet_marks ORDER BY 1")
		kit.Equal(t, "what is left", strings.Join(got, ", "),
			"mark 1, mark 3, pet 2, pet 3, tag 1, tag 2, tag 7, toy 1, toy 2, toy 3, toy 4")
		type owner struct{ ID int64 }
		type owned struct{ ID, KeeperID int64 }
		cascading := dovetail.NewRegistry()
		owners := dovetail.NewTable[owner](cascading, "keepers")
		dovetail.HasMany(owners, "pets", dovetail.NewTable[owned](cascading, "pets"), dovetail.ForeignKey("keeper_id"), dovetail.Logical(),
			dovetail.OnDelete(dovetail.Cascade))
		if _, err := dovetail.Delete(owners).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		d.Exec(t, "INSERT INTO keepers VALUES (9, 'Eve')")
		if _, err := dovetail.Delete(owners).Where(sq.Eq{"id": 9}).Exec(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		kit.Same(t, "by Cascade", kit.Texts(t, d.DB, "SELECT name FROM pets"), "Tom")
	})
}

// TestLogicalDDL writes no constraint, and asks for none.
func TestLogicalDDL(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		statements, err := petRegistry.DDL(d.DB.Dialect())
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(statements, "\n")
		if strings.Contains(text, "FOREIGN KEY") || strings.Contains(text, "UNIQUE") || !strings.Contains(text, "pets_keeper_id_idx") {
			t.Errorf("expected no constraint and an index for each key, got\n%s", text)
		}
		if err := petRegistry.CreateAll(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		if found := kit.MustFind(t, petRegistry, d.DB); len(found) > 0 {
			t.Errorf("expected no finding, got %s", kit.ListFindings(found))
		}
	})
}
