package matching_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Section E, continued: rows that come twice, rows that do not come, and the order of those that do.

func TestTrap_E6_EachRepeatedRowGetsItsOwnEqualList(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	kit.OnEach(t, trapZooDDL, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		one, three := int64(701), int64(703)
		same, again, other := &trapOwner{ID: 1, Code: &one}, &trapOwner{ID: 1, Code: &one}, &trapOwner{ID: 3, Code: &three}
		kit.Load(t, rec, z.owners, []*trapOwner{same, other, again, same}, "pets")
		kit.Same(t, "keys", sentKeys(rec), "701", "703")
		rec.Expect(t, 1, 1)
		for _, o := range []*trapOwner{same, again} {
			kit.Same(t, "pets", petIDs(o.Pets), 21, 23)
		}
		kit.Same(t, "pets of the other", petIDs(other.Pets))
		if same.Pets[0] != again.Pets[0] {
			t.Error("expected one pointer for one related row")
		}
		// The lists are equal, not the same: who writes to one leaves the other as it was.
		same.Pets[0] = nil
		same.Pets = append(same.Pets, &trapPet{ID: 99})
		kit.Same(t, "pets of the equal row", petIDs(again.Pets), 21, 23)

		// A join that repeats the root's rows repeats their lists.
		joined := kit.All(t, rec, dovetail.Select(z.owners).Join("pets").Preload("pets.toys"))
		rec.Expect(t, 3, 3)
		for _, o := range joined {
			kit.Same(t, "pets of a repeated row", petIDs(o.Pets), 21, 23)
		}
		if len(joined) != 2 || joined[0] == joined[1] || joined[0].Pets[1] != joined[1].Pets[1] {
			t.Errorf("expected two rows that share their pets, got %d", len(joined))
		}
	})
}

func TestTrap_E7_RowsShareTheirRelatedRow(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	kit.OnEach(t, trapZooDDL, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		pets := kit.All(t, rec, dovetail.Select(z.pets).Where(squirrel.Eq{"id": []int{21, 23}}).Preload("owner.cage"))
		rec.Expect(t, 3, 3)
		if pets[0].Owner == nil || pets[0].Owner != pets[1].Owner || pets[0].Owner.ID != 1 {
			t.Errorf("expected one owner for both, got %v and %v", pets[0].Owner, pets[1].Owner)
		}
		byName := dovetail.Select(z.toys).OrderBy("name")
		toys := kit.All(t, rec, dovetail.Select(z.pets).OrderBy("id").Preload("toys", byName))
		rec.Expect(t, 2, 2)
		if a, b := toys[0].Toys, toys[2].Toys; len(a) != 2 || len(b) != 1 || a[1] != b[0] || b[0].Name != "bone" {
			t.Errorf("expected one bone for both pets, got %v and %v", a, b)
		}
		// From the other end it is the row in hand.
		owners := kit.All(t, rec, dovetail.Select(z.owners).OrderBy("id").Preload("pets.owner"))
		rec.Expect(t, 2, 2)
		if first := owners[0]; first.Pets[0].Owner != first || first.Pets[1].Owner != first {
			t.Error("expected the owner itself at the other end of its pets")
		}
	})
}

func TestTrap_E8_RepeatedLinksRepeatAsInAJoin(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	ddl := trapZooDDL + "INSERT INTO pet_toys (pet_id, toy_id) VALUES (21, 42), (21, 42);"
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		names := func(q ...dovetail.AnyQuery) []string {
			pets := kit.All(t, rec, dovetail.Select(z.pets).Where("id = ?", 21).Preload("toys", q...))
			rec.Expect(t, 2, 2)
			for i, toy := range pets[0].Toys[1:] {
				if toy.ID == pets[0].Toys[i].ID && toy != pets[0].Toys[i] {
					t.Error("expected one pointer for one related row")
				}
			}
			return kit.Pluck(pets[0].Toys, func(y *trapToy) string { return y.Name })
		}
		joined := kit.All(t, d.DB, dovetail.Select(z.toys).Join("pets", squirrel.Eq{"id": 21}).OrderBy("name"))
		kit.Same(t, "joined", kit.Pluck(joined, func(y *trapToy) string { return y.Name }), "ball", "bone", "bone", "bone")
		kit.Same(t, "loaded", names(), "ball", "bone", "bone", "bone")
		kit.Same(t, "once each", names(dovetail.Select(z.toys).Distinct()), "ball", "bone")
		kit.Same(t, "the last two", names(dovetail.Select(z.toys).OrderBy("name DESC").Limit(2)), "bone", "bone")
	})
}

func TestTrap_E9_TwoRowsForAHasOneAreAnError(t *testing.T) {
	t.Parallel()
	// ErrMultiple is ErrTooManyRows; the words are DESIGN's.
	z := newTrapZoo()
	kit.OnEach(t, trapZooDDL+"INSERT INTO cages (id, owner_code) VALUES (34, 703);", func(t *testing.T, d kit.Database) {
		owners, err := dovetail.Select(z.owners).Preload("cage").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrTooManyRows, `"owners.cage"`, `"cages"`, "owner_code", "to-many")
		if owners != nil || strings.Contains(err.Error(), "703") {
			t.Errorf("expected no rows and no value, got %v, %v", owners, err)
		}
		code := int64(703)
		owner := &trapOwner{ID: 3, Code: &code}
		err = dovetail.Load(t.Context(), d.DB, z.owners, []*trapOwner{owner}, "cage")
		kit.Refused(t, err, dovetail.ErrTooManyRows, `"owners.cage"`)
		if owner.Cage != nil {
			t.Errorf("expected no cage chosen, got %v", owner.Cage)
		}
		// The cages of no owner are several too, and nobody's.
		rest := kit.All(t, d.DB, dovetail.Select(z.owners).Where(squirrel.NotEq{"id": 3}).Preload("cage").OrderBy("id"))
		kit.Same(t, "owners with one cage or none", kit.Pluck(rest, ownerID), 1, 2)
		one := kit.All(t, d.DB, dovetail.Select(z.owners).Where("id = ?", 3).
			Preload("cage", dovetail.Select(z.cages).OrderBy("id DESC").Limit(1)))
		if one[0].Cage == nil || one[0].Cage.ID != 34 {
			t.Errorf("expected the first in the order that was asked for, got %v", one[0].Cage)
		}
	})
}

func TestTrap_E10_AKeyThatPointsNowhereGivesNil(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	type Stray struct {
		ID      int64
		OwnerID int64
		Owner   models.Boss
	}
	r := dovetail.NewRegistry()
	strays := dovetail.NewTable[Stray](r, "strays")
	dovetail.BelongsTo(strays, "owner", dovetail.NewTable[models.Boss](r, "owners"), dovetail.ForeignKey("owner_id"))
	ddl := trapZooDDL + `
CREATE TABLE strays (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL);
INSERT INTO strays (id, owner_id) VALUES (1, 1), (2, 99);`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		pet := kit.All(t, rec, dovetail.Select(z.pets).Where("id = ?", 25).Preload("owner.pets"))
		rec.Expect(t, 2, 2)
		if pet[0].Owner != nil {
			t.Errorf("expected nil, got %+v", pet[0].Owner)
		}
		// A field that holds a value has no nil, and its zero would be a row that does not exist.
		rows, err := dovetail.Select(strays).Preload("owner").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrNoRows, `"owners"`, `"strays"`, "Owner", "pointer")
		if rows != nil {
			t.Errorf("expected no part of the result, got %d rows", len(rows))
		}
		one := kit.All(t, d.DB, dovetail.Select(strays).Where("id = ?", 1).Preload("owner"))
		kit.Same(t, "a row that exists", []int64{one[0].Owner.ID}, 1)
	})
}

func TestTrap_E12_LoadingAgainReplaces(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	kit.OnEach(t, trapZooDDL, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		owners := kit.All(t, rec, dovetail.Select(z.owners).OrderBy("id").Preload("pets").Preload("pets"))
		rec.Expect(t, 2, 2)
		kit.Same(t, "asked for twice", petIDs(owners[0].Pets), 21, 23)
		for range 2 {
			kit.Load(t, rec, z.owners, owners, "pets")
			rec.Expect(t, 1, 1)
			kit.Same(t, "loaded again", petIDs(owners[0].Pets), 21, 23)
		}
		code, wrong := int64(701), &trapPet{ID: 1000}
		full := &trapOwner{ID: 1, Code: &code, Pets: []*trapPet{wrong, wrong, wrong}, Cage: &trapCage{ID: 1000}}
		bare := &trapOwner{ID: 2, Pets: []*trapPet{wrong}, Cage: &trapCage{ID: 1000}}
		before := full.Pets
		kit.Load(t, rec, z.owners, []*trapOwner{full, bare}, "pets")
		kit.Load(t, rec, z.owners, []*trapOwner{full, bare}, "cage")
		kit.Same(t, "onto a full field", petIDs(full.Pets), 21, 23)
		kit.Same(t, "onto one without key", petIDs(bare.Pets))
		if full.Cage != nil || bare.Cage != nil {
			t.Errorf("expected no cages, got %v and %v", full.Cage, bare.Cage)
		}
		if before[0] != wrong || before[1] != wrong {
			t.Error("expected the list that was there to be left alone")
		}
		d.Exec(t, "DELETE FROM pets WHERE id = 21")
		kit.Load(t, d.DB, z.owners, owners, "pets")
		kit.Same(t, "after a change", petIDs(owners[0].Pets), 23)
	})
}

func TestTrap_E13_NilIsNotLoadedAndEmptyIsNone(t *testing.T) {
	t.Parallel()
	// There is no Loaded: a nil list is one that was not loaded (DESIGN.md 3.1).
	z := newTrapZoo()
	kit.OnEach(t, trapZooDDL, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		lists := func(o *trapOwner) string {
			text, err := json.Marshal(o.Pets)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		three := dovetail.Select(z.owners).Where("id = ?", 3)
		kit.Same(t, "not loaded", kit.Pluck(kit.All(t, rec, three), lists), "null")
		rec.Expect(t, 1, 1)
		kit.Same(t, "none", kit.Pluck(kit.All(t, rec, three.Preload("pets")), lists), "[]")
		rec.Expect(t, 2, 2)
		kit.Same(t, "none on the way", kit.Pluck(kit.All(t, rec, three.Preload("pets.toys.pets")), lists), "[]")
		rec.Expect(t, 2, 2)
		limited := three.Preload("pets", dovetail.Select(z.pets).Limit(3))
		kit.Same(t, "none in a limit", kit.Pluck(kit.All(t, rec, limited), lists), "[]")
		rec.Expect(t, 2, 2)
		none := dovetail.Select(z.pets).Where("1 = 0")
		one := kit.All(t, rec, dovetail.Select(z.owners).Where("id = ?", 1).Preload("pets", none))
		kit.Same(t, "none by a condition", kit.Pluck(one, lists), "[]")
		rec.Expect(t, 2, 2)
		noKey := dovetail.Select(z.owners).Where("id = ?", 2).Preload("pets")
		kit.Same(t, "none without a key", kit.Pluck(kit.All(t, rec, noKey), lists), "[]")
		rec.Expect(t, 1, 1)
		// Through a join table, and on rows in hand.
		pets := kit.All(t, rec, dovetail.Select(z.pets).Where(squirrel.Eq{"id": []int{22, 24}}).Preload("toys"))
		rec.Expect(t, 2, 2)
		for _, p := range pets {
			if p.Toys == nil || len(p.Toys) != 0 {
				t.Errorf("pet %d: expected an empty list, got %v", p.ID, p.Toys)
			}
		}
		empty, err := dovetail.Select(z.owners).Where("id = ?", 1000).Preload("pets").All(t.Context(), rec)
		rec.Expect(t, 1, 1)
		if err != nil || empty == nil || len(empty) != 0 {
			t.Errorf("expected an empty list of rows, got %v, %v", empty, err)
		}
	})
}

func TestTrap_E14_SkipsNilRowsAndSendsNothingForNone(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	kit.OnEach(t, trapZooDDL, func(t *testing.T, d kit.Database) {
		rec := d.Record()
		code := int64(701)
		owner := &trapOwner{ID: 1, Code: &code}
		rows := []*trapOwner{nil, owner, nil}
		kit.Load(t, rec, z.owners, rows, "pets.toys")
		rec.Expect(t, 2, 2)
		kit.Same(t, "pets", petIDs(owner.Pets), 21, 23)
		if rows[0] != nil || rows[2] != nil {
			t.Errorf("expected the caller's list as it was, got %v", rows)
		}
		for name, none := range map[string][]*trapOwner{"nil": nil, "empty": {}, "only nil": {nil, nil}} {
			if err := dovetail.Load(t.Context(), rec, z.owners, none, "pets.toys"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			rec.Expect(t, 0, 0)
			// A mistake is one for no rows too.
			err := dovetail.Load(t.Context(), rec, z.owners, none, "pets.tois")
			kit.Refused(t, err, dovetail.ErrUnknownRelation, `"tois"`)
			rec.Expect(t, 0, 0)
		}
	})
}

func TestTrap_E15_RelatedRowsComeInOneOrder(t *testing.T) {
	t.Parallel()
	z := newTrapZoo()
	r := rand.New(rand.NewPCG(15, 15))
	var b strings.Builder
	b.WriteString(trapZooDDL + "DELETE FROM pets; DELETE FROM pet_toys;\n")
	for _, i := range r.Perm(60) {
		fmt.Fprintf(&b, "INSERT INTO pets (id, owner_code) VALUES (%d, %d);\n", i, []int{701, 703}[i%2])
	}
	for _, i := range r.Perm(20) {
		fmt.Fprintf(&b, "INSERT INTO toys (id, name) VALUES (%d, '%s');\n", 100+i, []string{"x", "y"}[i/10])
		fmt.Fprintf(&b, "INSERT INTO pet_toys (pet_id, toy_id) VALUES (0, %d);\n", 100+i)
	}
	var odd, toys []int64
	for i := range int64(30) {
		odd = append(odd, 2*i+1)
	}
	for i := range int64(20) { // y before x, each in the order of the primary key
		toys = append(toys, 100+(i+10)%20)
	}
	kit.OnEach(t, b.String(), func(t *testing.T, d kit.Database) {
		toyID := func(y *trapToy) int64 { return y.ID }
		byName := dovetail.Select(z.toys).OrderBy("name DESC")
		for i := range 100 {
			if i == 50 { // rows move within their table
				d.Exec(t, "UPDATE pets SET owner_code = owner_code WHERE id % 3 = 0")
				d.Exec(t, "UPDATE toys SET name = name WHERE id % 3 = 0")
			}
			owner := kit.All(t, d.DB, dovetail.Select(z.owners).Where("id = ?", 3).Preload("pets"))[0]
			kit.Same(t, "by the primary key", petIDs(owner.Pets), odd...)
			pet := kit.All(t, d.DB, dovetail.Select(z.pets).Where("id = ?", 0).Preload("toys", byName))[0]
			kit.Same(t, "in the query's order, then by the primary key", kit.Pluck(pet.Toys, toyID), toys...)
			if t.Failed() {
				return
			}
		}
		limited := dovetail.Select(z.pets).Where("id = ?", 0).Preload("toys", byName.Offset(8).Limit(4))
		kit.Same(t, "a part of it", kit.Pluck(kit.All(t, d.DB, limited)[0].Toys, toyID), 118, 119, 100, 101)
	})
}
