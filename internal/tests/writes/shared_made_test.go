package writes_test

import (
	"errors"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Links whose keys share the shop's column, of rows whose number in the shop the database is still to make.

type (
	smGood struct {
		ShopID, ID int64
		Name       string
		Words      []*smWord
		Said       []dovetail.Linked[smWord, smUse]
	}
	smWord struct {
		ShopID, ID int64
		Text       string
	}
	smUse struct {
		ShopID, GoodID, WordID int64
		Weight                 int64
	}
)

type smTables struct {
	r     *dovetail.Registry
	goods *dovetail.Table[smGood]
	words *dovetail.Table[smWord]
}

// newSMTables declares the tables with options for those of the rows that are linked, and for the join table.
func newSMTables(ends, link []dovetail.TableOption) smTables {
	r := dovetail.NewRegistry()
	ends = append(ends, dovetail.PrimaryKey("shop_id", "id"), dovetail.Identity("id"))
	goods, words := dovetail.NewTable[smGood](r, "sm_goods", ends...), dovetail.NewTable[smWord](r, "sm_words", ends...)
	uses := dovetail.NewTable[smUse](r, "sm_uses", append(link, dovetail.PrimaryKey("shop_id", "good_id", "word_id"), dovetail.Default("weight", "1"))...)
	keys := dovetail.ThroughKeys([]string{"shop_id", "good_id"}, []string{"shop_id", "word_id"})
	dovetail.ManyToMany(goods, "words", words, uses, keys)
	dovetail.ManyToMany(goods, "said", words, uses, keys)
	return smTables{r, goods, words}
}

func (s smTables) used(t *testing.T, d kit.Database) []string {
	t.Helper()
	return kit.Texts(t, d.DB, `SELECT u.shop_id || ' ' || g.name || ' ' || w.text || ' ' || u.weight FROM sm_uses u
		JOIN sm_goods g ON g.shop_id = u.shop_id AND g.id = u.good_id JOIN sm_words w ON w.shop_id = u.shop_id AND w.id = u.word_id ORDER BY 1`)
}

// TestLinksOfSharedKeysThatAreStillToBeMade inserts owners with links to rows that are there and to new ones, and finds nothing of what must not be.
func TestLinksOfSharedKeysThatAreStillToBeMade(t *testing.T) {
	t.Parallel()
	tenant := []dovetail.TableOption{dovetail.Scope("tenant", squirrel.Eq{"shop_id": dovetail.FromContext(models.TenantOf)})}
	for name, s := range map[string]smTables{
		"plain": newSMTables(nil, nil), "scoped": newSMTables(tenant, nil), "all scoped": newSMTables(tenant, tenant),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
				ctx, shop := sAs(t, 7), int64(0)
				if name == "plain" {
					shop = 7 // which nothing else gives a word: its key is not the one that a good's would fill
				}
				kit.NoError(t, s.r.CreateAll(ctx, d.DB))
				red, far := &smWord{ShopID: 7, Text: "red"}, &smWord{ShopID: 8, Text: "far"}
				kit.NoError(t, dovetail.Insert(s.words, red).Exec(ctx, d.DB))
				kit.NoError(t, dovetail.Insert(s.words, far).Exec(sAs(t, 8), d.DB))
				for i, good := range []*smGood{
					{ShopID: 7, Name: "one", Words: []*smWord{red, {ShopID: 7, Text: "new"}}},
					{ShopID: 7, Name: "two", Words: []*smWord{{ShopID: shop, Text: "of the shop"}}},
					{ShopID: 7, Name: "three", Said: []dovetail.Linked[smWord, smUse]{{Row: red, Link: &smUse{Weight: 5}}, {Row: &smWord{ShopID: shop, Text: "said"}}}},
					{ShopID: 7, Name: "four", Said: []dovetail.Linked[smWord, smUse]{{Row: red, Link: &smUse{ShopID: 7, Weight: 6}}}},
				} {
					path := []string{"words", "said"}[i/2]
					kit.NoError(t, dovetail.Insert(s.goods, good).WithLinks(path).Exec(ctx, d.DB))
					if good.ID == 0 {
						t.Errorf("%s: expected a number", good.Name)
					}
					for _, w := range good.Words {
						if w.ShopID != 7 || w.ID == 0 {
							t.Errorf("%s: expected the whole key, got %+v", good.Name, w)
						}
					}
					for _, l := range good.Said {
						if l.Row.ShopID != 7 || l.Row.ID == 0 || l.Link != nil && *l.Link != (smUse{7, good.ID, l.Row.ID, l.Link.Weight}) {
							t.Errorf("%s: expected the whole key, got %+v, %+v", good.Name, l.Row, l.Link)
						}
					}
				}
				want := []string{"7 four red 6", "7 one new 1", "7 one red 1", "7 three red 5", "7 three said 1", "7 two of the shop 1"}
				kit.Same(t, "links", s.used(t, d), want...)
				for what, good := range map[string]*smGood{
					"another shop's word":     {ShopID: 7, Name: "x", Words: []*smWord{far}},
					"a new word elsewhere":    {ShopID: 7, Name: "x", Words: []*smWord{{ShopID: 8, Text: "x"}}},
					"a link of another shop":  {ShopID: 7, Name: "x", Said: []dovetail.Linked[smWord, smUse]{{Row: red, Link: &smUse{ShopID: 8}}}},
					"a link of another good":  {ShopID: 7, Name: "x", Said: []dovetail.Linked[smWord, smUse]{{Row: red, Link: &smUse{GoodID: 1}}}},
					"a word that is not here": {ShopID: 7, Name: "x", Words: []*smWord{{ShopID: 7, ID: 99}}},
				} {
					path := "words"
					if good.Said != nil {
						path = "said"
					}
					err := dovetail.Insert(s.goods, good).WithLinks(path).Exec(ctx, d.DB)
					var refused *dovetail.ConstraintError
					if !errors.Is(err, dovetail.ErrInvalidRow) && !errors.As(err, &refused) && !errors.Is(err, dovetail.ErrNoRows) {
						t.Errorf("%s: expected a refusal, got %v", what, err)
					}
					kit.Same(t, what, s.used(t, d), want...)
					if name == "plain" && what == "a new word elsewhere" {
						kit.Refused(t, err, dovetail.ErrInvalidRow, `column "shop_id"`, `of the keys of both rows of a link, so put a row into the field that has the same "shop_id"`)
					}
					kit.Same(t, what, kit.Texts(t, d.DB, "SELECT CAST(count(*) AS TEXT) FROM sm_goods"), "4")
				}
			})
		})
	}
}
