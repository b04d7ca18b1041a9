package values_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type tkOwner struct {
	Code string
	Kids []*tkKid
	Tags []*tkTag
}

type tkKid struct {
	ID        int64
	OwnerCode *string
	Owner     *tkOwner
}

type tkTag struct {
	Name   string
	Owners []*tkOwner
}

type tkLink struct{ OwnerCode, TagName string }

type tkSpot struct {
	Place  int64
	Code   string
	Nights []*tkNight
}

type tkNight struct {
	ID, Place int64
	Code      string
	Spot      *tkSpot
}

// textKeysDDL makes a row of each table for each text.
func textKeysDDL(texts []string) string {
	var b strings.Builder
	b.WriteString(`CREATE TABLE tk_owners (code TEXT PRIMARY KEY);
CREATE TABLE tk_kids (id BIGINT PRIMARY KEY, owner_code TEXT);
CREATE TABLE tk_tags (name TEXT PRIMARY KEY);
CREATE TABLE tk_links (owner_code TEXT NOT NULL, tag_name TEXT NOT NULL);
CREATE TABLE tk_spots (place BIGINT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (place, code));
CREATE TABLE tk_nights (id BIGINT PRIMARY KEY, place BIGINT NOT NULL, code TEXT NOT NULL);
`)
	for i, text := range texts {
		code := kit.Literal(text)
		fmt.Fprintf(&b, `INSERT INTO tk_owners VALUES (%[2]s);
INSERT INTO tk_kids VALUES (%[1]d, %[2]s);
INSERT INTO tk_tags VALUES (%[2]s);
INSERT INTO tk_links VALUES (%[2]s, %[2]s);
INSERT INTO tk_spots VALUES (1, %[2]s);
INSERT INTO tk_nights VALUES (%[1]d, 1, %[2]s);
`, i+1, code)
	}
	return b.String()
}

// TestTextKeysAreThatTextAlone loads along keys that read like values of other types: each row gets exactly its own.
func TestTextKeysAreThatTextAlone(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[tkOwner](r, "tk_owners", dovetail.PrimaryKey("code"))
	kids := dovetail.NewTable[tkKid](r, "tk_kids")
	tags := dovetail.NewTable[tkTag](r, "tk_tags", dovetail.PrimaryKey("name"))
	links := dovetail.NewTable[tkLink](r, "tk_links", dovetail.PrimaryKey("owner_code", "tag_name"))
	spots := dovetail.NewTable[tkSpot](r, "tk_spots", dovetail.PrimaryKey("place", "code"))
	nights := dovetail.NewTable[tkNight](r, "tk_nights")
	dovetail.HasMany(owners, "kids", kids, dovetail.ForeignKey("owner_code"), dovetail.Inverse("owner"))
	dovetail.ManyToMany(owners, "tags", tags, links, dovetail.ThroughKeys("owner_code", "tag_name"), dovetail.Inverse("owners"))
	dovetail.HasMany(spots, "nights", nights, dovetail.ForeignKey("place", "code"), dovetail.Inverse("spot"))

	kit.OnEach(t, textKeysDDL(kit.Lookalikes), func(t *testing.T, d kit.Database) {
		n := len(kit.Lookalikes)
		checked := 0
		check := func(what, key string, got []string) {
			checked++
			if len(got) != 1 || got[0] != key {
				t.Errorf("%s of %q: got %q", what, key, got)
			}
		}
		kidCodes := func(k []*tkKid) []string { return kit.Pluck(k, func(k *tkKid) string { return *k.OwnerCode }) }
		nightCodes := func(n []*tkNight) []string { return kit.Pluck(n, func(n *tkNight) string { return n.Code }) }
		tagNames := func(g []*tkTag) []string { return kit.Pluck(g, func(g *tkTag) string { return g.Name }) }
		ownerCodes := func(o []*tkOwner) []string { return kit.Pluck(o, func(o *tkOwner) string { return o.Code }) }
		for _, q := range []dovetail.Query[*tkOwner]{
			dovetail.Select(owners).Preload("kids").Preload("tags"),
			dovetail.Select(owners).Preload("kids", dovetail.Select(kids).Limit(2)).Preload("tags", dovetail.Select(tags).Limit(2)),
		} {
			for _, o := range kit.All(t, d.DB, q) {
				check("kids", o.Code, kidCodes(o.Kids))
				check("tags", o.Code, tagNames(o.Tags))
			}
		}
		for _, k := range kit.All(t, d.DB, dovetail.Select(kids).Preload("owner")) {
			check("owner", *k.OwnerCode, ownerCodes([]*tkOwner{k.Owner}))
		}
		for _, g := range kit.All(t, d.DB, dovetail.Select(tags).Preload("owners")) {
			check("owners", g.Name, ownerCodes(g.Owners))
		}
		for _, s := range kit.All(t, d.DB, dovetail.Select(spots).Preload("nights")) {
			check("nights", s.Code, nightCodes(s.Nights))
		}
		for _, s := range kit.All(t, d.DB, dovetail.Select(nights).Preload("spot")) {
			check("spot", s.Code, []string{s.Spot.Code})
		}
		kit.Equal(t, "rows checked", checked, 8*n)
	})
}
