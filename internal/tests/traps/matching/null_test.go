package matching_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Section E: NULL in keys, and keys that come twice. The tables have no constraints, as in databases that grew.

type trapOwner struct {
	ID   int64
	Code *int64 // what pets point at
	Pets []*trapPet
	Cage *trapCage
}

type trapPet struct {
	ID        int64
	OwnerCode *int64
	Owner     *trapOwner
	Toys      []*trapToy
}

type trapCage struct {
	ID        int64
	OwnerCode *int64
	Owner     *trapOwner
}

type trapToy struct {
	ID   int64
	Name string
	Pets []*trapPet
}

type trapPetToy struct{ PetID, ToyID *int64 }

type trapZoo struct {
	owners *dovetail.Table[trapOwner]
	pets   *dovetail.Table[trapPet]
	cages  *dovetail.Table[trapCage]
	toys   *dovetail.Table[trapToy]
}

func newTrapZoo() trapZoo {
	r := dovetail.NewRegistry()
	z := trapZoo{
		owners: dovetail.NewTable[trapOwner](r, "owners"),
		pets:   dovetail.NewTable[trapPet](r, "pets"),
		cages:  dovetail.NewTable[trapCage](r, "cages"),
		toys:   dovetail.NewTable[trapToy](r, "toys"),
	}
	code, key := dovetail.References("code"), dovetail.ForeignKey("owner_code")
	dovetail.HasMany(z.owners, "pets", z.pets, key, code, dovetail.Inverse("owner"))
	dovetail.HasOne(z.owners, "cage", z.cages, key, code, dovetail.Inverse("owner"))
	dovetail.ManyToMany(z.pets, "toys", z.toys, dovetail.NewTable[trapPetToy](r, "pet_toys"),
		dovetail.ThroughKeys("pet_id", "toy_id"), dovetail.Inverse("pets"))
	return z
}

// trapZooDDL: owner 2 has no code, pets 22 and 24 no owner, pet 25 an owner that does not exist, owner 3 no pets.
const trapZooDDL = `
CREATE TABLE owners (id BIGINT PRIMARY KEY, code BIGINT);
CREATE TABLE pets (id BIGINT PRIMARY KEY, owner_code BIGINT);
CREATE TABLE cages (id BIGINT PRIMARY KEY, owner_code BIGINT);
CREATE TABLE toys (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE pet_toys (pet_id BIGINT, toy_id BIGINT);
INSERT INTO owners (id, code) VALUES (1, 701), (2, NULL), (3, 703);
INSERT INTO pets (id, owner_code) VALUES (21, 701), (22, NULL), (23, 701), (24, NULL), (25, 799);
INSERT INTO cages (id, owner_code) VALUES (31, NULL), (32, 703), (33, NULL);
INSERT INTO toys (id, name) VALUES (41, 'ball'), (42, 'bone');
INSERT INTO pet_toys (pet_id, toy_id) VALUES (21, 42), (21, 41), (23, 42), (NULL, 41), (22, NULL);`

func petIDs(pets []*trapPet) []int64 { return kit.Pluck(pets, func(p *trapPet) int64 { return p.ID }) }

var decimal = regexp.MustCompile(`\d+`)

// sentKeys returns the numbers among the arguments of the last statement.
func sentKeys(r *kit.Recorder) []string {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	return decimal.FindAllString(fmt.Sprint(r.Stmts[len(r.Stmts)-1].Args...), -1)
}

func TestTrap_E1_NullKeysMatchNothingAndAreNotSent(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	kit.OnEach(t, trapZooDDL, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		owners := kit.All(t, rec, dovetail.Select(z.owners).OrderBy("id").Preload("pets"))
		kit.Same(t, "keys of owners", sentKeys(rec), "701", "703")
		rec.Expect(t, 2, 2)
		for i, want := range [][]int64{{21, 23}, {}, {}} {
			kit.Same(t, fmt.Sprint("pets of owner ", i+1), petIDs(owners[i].Pets), want...)
		}
		pets := kit.All(t, rec, dovetail.Select(z.pets).OrderBy("id").Preload("owner"))
		kit.Same(t, "keys of pets", sentKeys(rec), "701", "799")
		rec.Expect(t, 2, 2)
		for _, p := range pets {
			if found := p.Owner != nil && p.Owner.ID == 1; found != (p.ID == 21 || p.ID == 23) || p.Owner != nil && !found {
				t.Errorf("pet %d: expected owner 1 for 21 and 23 and none for the others, got %+v", p.ID, p.Owner)
			}
		}
		cages := kit.All(t, rec, dovetail.Select(z.owners).OrderBy("id").Preload("cage"))
		rec.Expect(t, 2, 2)
		if cages[0].Cage != nil || cages[1].Cage != nil || cages[2].Cage == nil || cages[2].Cage.ID != 32 {
			t.Errorf("expected cage 32 for owner 3 alone, got %v, %v, %v", cages[0].Cage, cages[1].Cage, cages[2].Cage)
		}
		kit.Same(t, "joined", kit.Pluck(kit.All(t, d.DB, dovetail.Select(z.owners).Join("pets")), ownerID), 1, 1)
		without := kit.All(t, d.DB, dovetail.Select(z.owners).HasNone("pets").OrderBy("id"))
		kit.Same(t, "without", kit.Pluck(without, ownerID), 2, 3)
	})
}

func ownerID(o *trapOwner) int64 { return o.ID }

func TestTrap_E2_OnlyNullKeysSendNothing(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	kit.OnEach(t, trapZooDDL, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		pets := kit.All(t, rec, dovetail.Select(z.pets).Where("owner_code IS NULL").Preload("owner.cage").OrderBy("id"))
		rec.Expect(t, 1, 1)
		kit.Same(t, "pets", petIDs(pets), 22, 24)
		if pets[0].Owner != nil || pets[1].Owner != nil {
			t.Errorf("expected no owners, got %v and %v", pets[0].Owner, pets[1].Owner)
		}
		owners := kit.All(t, rec, dovetail.Select(z.owners).Where("code IS NULL").Preload("pets.toys").Preload("cage"))
		rec.Expect(t, 1, 1)
		if o := owners[0]; o.Pets == nil || len(o.Pets) != 0 || o.Cage != nil {
			t.Errorf("expected an empty list and no cage, got %v and %v", o.Pets, o.Cage)
		}
		// One relation without keys does not keep its sibling back.
		pet := kit.All(t, rec, dovetail.Select(z.pets).Where("id = ?", 22).Preload("owner").Preload("toys"))
		rec.Expect(t, 2, 2)
		if pet[0].Toys == nil || len(pet[0].Toys) != 0 {
			t.Errorf("expected no toys, got %v", pet[0].Toys)
		}
	})
}

func TestTrap_E3_ANullKeyMayComeFirst(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	kit.OnEach(t, trapZooDDL, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		owners := kit.All(t, rec, dovetail.Select(z.owners).OrderBy("code DESC NULLS FIRST").Preload("pets"))
		rec.Expect(t, 2, 2)
		kit.Same(t, "owners", kit.Pluck(owners, ownerID), 2, 3, 1)
		kit.Same(t, "pets of the last", petIDs(owners[2].Pets), 21, 23)
		pets := kit.All(t, rec, dovetail.Select(z.pets).OrderBy("owner_code NULLS FIRST", "id").Preload("owner"))
		rec.Expect(t, 2, 2)
		kit.Same(t, "pets", petIDs(pets), 22, 24, 21, 23, 25)
		if pets[0].Owner != nil || pets[2].Owner == nil || pets[2].Owner.ID != 1 {
			t.Errorf("expected no owner first and owner 1 third, got %v and %v", pets[0].Owner, pets[2].Owner)
		}
	})
}

type zeroOwner[K any] struct {
	ID    K
	Items []*zeroItem[K]
}

type zeroItem[K any] struct {
	Name    string
	OwnerID *K
	Owner   *zeroOwner[K]
}

// zeroKeyCase loads both ways along a relation whose keys are the zero value, another, and NULL.
func zeroKeyCase[K comparable](d kit.Database, column, zero, other string) func(t *testing.T) {
	return func(t *testing.T) {
		name := "zero_" + strings.ToLower(column)
		r := dovetail.NewRegistry()
		owners := dovetail.NewTable[zeroOwner[K]](r, name+"_owners")
		items := dovetail.NewTable[zeroItem[K]](r, name+"_items")
		dovetail.HasMany(owners, "items", items, dovetail.ForeignKey("owner_id"), dovetail.Inverse("owner"))
		d.Exec(t, fmt.Sprintf(`
CREATE TABLE %[1]s_owners (id %[2]s PRIMARY KEY);
CREATE TABLE %[1]s_items (name TEXT NOT NULL, owner_id %[2]s);
INSERT INTO %[1]s_owners (id) VALUES (%[3]s), (%[4]s);
INSERT INTO %[1]s_items (name, owner_id) VALUES ('a', %[3]s), ('b', %[4]s), ('c', NULL), ('d', %[3]s);`,
			name, column, zero, other))
		itemName := func(i *zeroItem[K]) string { return i.Name }
		var none K
		byName := dovetail.Select(items).OrderBy("name")
		for _, o := range kit.All(t, d.DB, dovetail.Select(owners).Preload("items", byName)) {
			want := []string{"b"}
			if o.ID == none {
				want = []string{"a", "d"}
			}
			kit.Same(t, fmt.Sprintf("items of %v", o.ID), kit.Pluck(o.Items, itemName), want...)
		}
		found := kit.All(t, d.DB, dovetail.Select(items).OrderBy("name").Preload("owner"))
		for i, zeroAt := range []bool{true, false, false, true} {
			if o := found[i].Owner; (o != nil && o.ID == none) != zeroAt || (o == nil) != (found[i].OwnerID == nil) {
				t.Errorf("item %s: expected the owner of its key, got %+v", found[i].Name, o)
			}
		}
		if got, err := dovetail.Select(owners).Get(t.Context(), d.DB, none); err != nil || got.ID != none {
			t.Errorf("expected the row of the zero key, got %v, %v", got, err)
		}
	}
}

func TestTrap_E4_AZeroKeyIsAValue(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		t.Run("integer", zeroKeyCase[int64](d, "BIGINT", "0", "7"))
		t.Run("text", zeroKeyCase[string](d, "TEXT", "''", "'x'"))
		t.Run("uuid", zeroKeyCase[uuid.UUID](d, "UUID", kit.Literal(uuid.Nil.String()), kit.Literal(uuid.Max.String())))
		t.Run("boolean", zeroKeyCase[bool](d, "BOOLEAN", "FALSE", "TRUE"))
	})
}

type partOwner struct {
	A, B  *string
	Name  string
	Parts []*partItem
}

type partItem struct {
	ID     int64
	OwnerA *string
	OwnerB *string
	Owner  *partOwner
}

// newParts declares a relation over two text columns, both of which may be NULL.
func newParts() (*dovetail.Table[partOwner], *dovetail.Table[partItem]) {
	r := dovetail.NewRegistry()
	owners, items := dovetail.NewTable[partOwner](r, "part_owners"), dovetail.NewTable[partItem](r, "part_items")
	dovetail.HasMany(owners, "parts", items, dovetail.ForeignKey("owner_a", "owner_b"),
		dovetail.References("a", "b"), dovetail.Inverse("owner"))
	return owners, items
}

const partsDDL = `
CREATE TABLE part_owners (a TEXT, b TEXT, name TEXT NOT NULL);
CREATE TABLE part_items (id BIGINT PRIMARY KEY, owner_a TEXT, owner_b TEXT);
`

func TestTrap_E5_APartlyNullKeyMatchesNothing(t *testing.T) {
	t.Parallel()
	owners, items := newParts()
	const rows = `
INSERT INTO part_owners (a, b, name) VALUES
  ('x', 'y', 'whole'), ('x', NULL, 'half'), (NULL, NULL, 'none'), (NULL, 'y', 'other');
INSERT INTO part_items (id, owner_a, owner_b) VALUES
  (1, 'x', 'y'), (2, 'x', NULL), (3, NULL, 'y'), (4, NULL, NULL), (5, 'x', 'y');`
	kit.OnEach(t, partsDDL+rows, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		id := func(p *partItem) int64 { return p.ID }
		for _, o := range kit.All(t, rec, dovetail.Select(owners).Preload("parts")) {
			var want []int64
			if o.Name == "whole" {
				want = []int64{1, 5}
			}
			kit.Same(t, "parts of "+o.Name, kit.Pluck(o.Parts, id), want...)
		}
		rec.Expect(t, 2+trapLookups(d), 2)
		for _, p := range kit.All(t, rec, dovetail.Select(items).Preload("owner")) {
			if whole := p.ID == 1 || p.ID == 5; whole != (p.Owner != nil) {
				t.Errorf("part %d: expected an owner for 1 and 5 alone, got %+v", p.ID, p.Owner)
			}
		}
		rec.Expect(t, 2, 2)
		joined := kit.All(t, rec, dovetail.Select(items).Join("owner").OrderBy("id"))
		kit.Same(t, "joined", kit.Pluck(joined, id), 1, 5)
		rec.Expect(t, 1, 1)
	})
}

// trapLookups is how many statements the first preload by a text key takes more: PostgreSQL's catalog is asked once.
func trapLookups(d kit.Database) int {
	if d.Postgres() {
		return 1
	}
	return 0
}

func TestTrap_E11_KeysOfSeveralColumnsDoNotRunTogether(t *testing.T) {
	t.Parallel()
	owners, items := newParts()
	keys := [][2]string{
		{"a_b", "c"}, {"a", "b_c"}, {"", "a_b_c"}, {"a_b_c", ""}, {"ab", "c"}, {"a", "bc"}, {"", ""},
		{`a","b`, "c"}, {"a", `b","c`}, {"a'", "'b"}, {"{a,b}", "NULL"}, {"1", "11"}, {"11", "1"},
	}
	var b strings.Builder
	b.WriteString(partsDDL)
	for i, k := range keys {
		key := kit.Literal(k[0]) + ", " + kit.Literal(k[1])
		fmt.Fprintf(&b, "INSERT INTO part_owners (a, b, name) VALUES (%s, 'n%d');\n", key, i)
		fmt.Fprintf(&b, "INSERT INTO part_items (owner_a, owner_b, id) VALUES (%s, %d), (%s, %d);\n", key, i, key, i+100)
	}
	kit.OnEach(t, b.String(), func(t *testing.T, d kit.Database) {
		rec := d.Record()
		for _, o := range kit.All(t, rec, dovetail.Select(owners).Preload("parts")) {
			i := int64(slices.Index(keys, [2]string{*o.A, *o.B}))
			kit.Same(t, "parts of "+o.Name, kit.Pluck(o.Parts, func(p *partItem) int64 { return p.ID }), i, i+100)
		}
		rec.Expect(t, 2+trapLookups(d), 2)
		for _, p := range kit.All(t, rec, dovetail.Select(items).Preload("owner")) {
			if want := fmt.Sprint("n", p.ID%100); p.Owner == nil || p.Owner.Name != want {
				t.Errorf("part %d: expected the owner %s, got %+v", p.ID, want, p.Owner)
			}
		}
		rec.Expect(t, 2, 2)
	})
}
