package oracle_test

import (
	"github.com/dovetail-go/dovetail"
)

// The group of tables that are queries, and of references to rows of several tables by keys that are not the primary ones, or
// that a text spells.

type oraMaker struct {
	oraBase
	dovetail.Loads
	ID       int64
	Code     *string
	Name     *string
	Wares    []*oraWare
	Opinions []*oraOpinion
	Tips     []*oraTip
	Stands   []*oraStand
	Fairs    []dovetail.Linked[oraStand, oraFair]
	Offer    *oraOffer
}

type oraWare struct {
	oraBase
	ID       int64
	MakerID  *int64
	Code     *string
	Price    *int64
	Maker    *oraMaker
	Opinion  *oraOpinion
	Opinions []*oraOpinion
	Tips     []oraTip
	Stands   []*oraStand
}

type oraOpinion struct {
	oraBase
	dovetail.Loads
	ID     int64
	OnType *string
	OnCode *string
	Stars  *int64
	About  any
	Maker  *oraMaker
	Ware   *oraWare
}

// oraTip is about a maker by its number or a ware by its code, in one column.
type oraTip struct {
	oraBase
	dovetail.Loads
	ID     int64
	OnType *string
	OnKey  *string
	About  any
	Maker  *oraMaker
	Ware   *oraWare
}

type oraStand struct {
	oraBase
	ID     int64
	Hall   *string
	Makers []*oraMaker
	Wares  []*oraWare
}

type oraPlacing struct {
	oraBase
	OnType  *string
	OnCode  *string
	StandID *int64
	Stand   *oraStand
}

type oraOffer struct {
	oraBase
	dovetail.Loads
	MakerID int64
	N       int64
	Top     *int64
	Maker   *oraMaker
	Wares   []*oraWare
}

type oraFair struct {
	oraBase
	MakerID int64
	StandID int64
	N       int64
	Offer   *oraOffer
}

const (
	oraOffersSQL = "SELECT maker_id, count(*) AS n, max(price) AS top FROM wares WHERE maker_id IS NOT NULL GROUP BY maker_id"
	oraFairsSQL  = `SELECT w.maker_id, p.stand_id, count(*) AS n FROM wares AS w JOIN placings AS p ON p.on_code = w.code
		WHERE p.on_type = 'b' AND w.maker_id IS NOT NULL AND p.stand_id IS NOT NULL GROUP BY w.maker_id, p.stand_id -- by what they show`
)

var (
	oraMakers   = dovetail.NewTable[oraMaker](oraRegistry, "makers", dovetail.AssignedKey())
	oraWares    = dovetail.NewTable[oraWare](oraRegistry, "wares", dovetail.AssignedKey())
	oraOpinions = dovetail.NewTable[oraOpinion](oraRegistry, "opinions", dovetail.AssignedKey())
	oraTips     = dovetail.NewTable[oraTip](oraRegistry, "tips", dovetail.AssignedKey())
	oraStands   = dovetail.NewTable[oraStand](oraRegistry, "stands", dovetail.AssignedKey())
	oraPlacings = dovetail.NewTable[oraPlacing](oraRegistry, "placings")
	oraOffers   = dovetail.NewTable[oraOffer](oraRegistry, "offers", dovetail.PrimaryKey("maker_id"), dovetail.As(oraOffersSQL))
	oraFairs    = dovetail.NewTable[oraFair](oraRegistry, "fairs", dovetail.PrimaryKey("maker_id", "stand_id"), dovetail.As(oraFairsSQL))

	oraOnCode, oraOnKey = dovetail.MorphKey("on_type", "on_code"), dovetail.MorphKey("on_type", "on_key")
	oraByCode           = dovetail.References("code")

	_ = dovetail.HasMany(oraMakers, "wares", oraWares, dovetail.ForeignKey("maker_id"), dovetail.Inverse("maker"))
	_ = dovetail.MorphMany(oraMakers, "opinions", oraOpinions, oraOnCode, oraByCode, dovetail.MorphValue("a"), dovetail.Inverse("maker"))
	_ = dovetail.MorphMany(oraWares, "opinions", oraOpinions, oraOnCode, oraByCode, dovetail.MorphValue("b"), dovetail.Inverse("ware"))
	_ = dovetail.MorphOne(oraWares, "opinion", oraOpinions, oraOnCode, oraByCode, dovetail.MorphValue("b"),
		dovetail.OrderBy("stars DESC NULLS LAST"))
	_ = dovetail.MorphTo(oraOpinions, "about", oraOnCode, dovetail.MorphType("a", oraMakers, oraByCode),
		dovetail.MorphType("b", oraWares, oraByCode), dovetail.MorphOthers())
	_ = dovetail.MorphMany(oraMakers, "tips", oraTips, oraOnKey, dovetail.MorphValue("a"), dovetail.Inverse("maker"))
	_ = dovetail.MorphMany(oraWares, "tips", oraTips, oraOnKey, oraByCode, dovetail.MorphValue("b"), dovetail.Inverse("ware"))
	_ = dovetail.MorphTo(oraTips, "about", oraOnKey, dovetail.MorphType("a", oraMakers), dovetail.MorphType("b", oraWares, oraByCode),
		dovetail.MorphOthers())
	_ = dovetail.MorphToMany(oraMakers, "stands", oraStands, oraPlacings, oraOnCode, oraByCode, dovetail.MorphValue("a"),
		dovetail.ForeignKey("stand_id"), dovetail.Inverse("makers"))
	_ = dovetail.MorphToMany(oraWares, "stands", oraStands, oraPlacings, oraOnCode, oraByCode, dovetail.MorphValue("b"),
		dovetail.ForeignKey("stand_id"), dovetail.Inverse("wares"))
	_ = dovetail.BelongsTo(oraPlacings, "stand", oraStands, dovetail.ForeignKey("stand_id"))
	_ = dovetail.HasOne(oraMakers, "offer", oraOffers, dovetail.ForeignKey("maker_id"), dovetail.Inverse("maker"))
	_ = dovetail.HasMany(oraOffers, "wares", oraWares, dovetail.ForeignKey("maker_id"))
	_ = dovetail.ManyToMany(oraMakers, "fairs", oraStands, oraFairs, dovetail.ThroughKeys("maker_id", "stand_id"))
	_ = dovetail.BelongsTo(oraFairs, "offer", oraOffers, dovetail.ForeignKey("maker_id"), dovetail.Logical())
)

func oraAsked() []*oraTable {
	makers := oraDefine("asked", "makers", opener(oraMakers), "id|ID|int|key", "code|Code|text|null|unique", "name|Name|text|null")
	wares := oraDefine("asked", "wares", opener(oraWares), "id|ID|int|key", "maker_id|MakerID|int|null", "code|Code|text|null|unique",
		"price|Price|int|null")
	opinions := oraDefine("asked", "opinions", opener(oraOpinions), "id|ID|int|key", "on_type|OnType|type|null", "on_code|OnCode|text|null",
		"stars|Stars|int|null")
	tips := oraDefine("asked", "tips", opener(oraTips), "id|ID|int|key", "on_type|OnType|type|null", "on_key|OnKey|text|null")
	stands := oraDefine("asked", "stands", opener(oraStands), "id|ID|int|key", "hall|Hall|text|null")
	placings := oraDefine("asked", "placings", opener(oraPlacings), "on_type|OnType|type|null", "on_code|OnCode|text|null", "stand_id|StandID|int|null")
	offers := oraDefine("asked", "offers", opener(oraOffers), "maker_id|MakerID|int|key", "n|N|int", "top|Top|int|null")
	fairs := oraDefine("asked", "fairs", opener(oraFairs), "maker_id|MakerID|int|key", "stand_id|StandID|int|key", "n|N|int")
	wares.refer("maker_id", makers, "id")
	opinions.refer("on_code", wares, "code")
	placings.refer("on_code", wares, "code")
	placings.refer("stand_id", stands, "id")
	tips.refer("on_key", makers, "id")
	offers.as(oraOffersSQL, func(d *oraData) (rows [][]any) { return oraOffered(d.rows[wares]) })
	fairs.as(oraFairsSQL, func(d *oraData) (rows [][]any) { return oraShown(d.rows[wares], d.rows[placings]) })

	makers.relate("wares", "Wares", "many back=maker", wares, "id=maker_id")
	makers.relate("opinions", "Opinions", "many back=maker", opinions, "code=on_code,to:on_type:a")
	makers.relate("tips", "Tips", "many back=maker", tips, "id=on_key,to:on_type:a")
	makers.relate("stands", "Stands", "many", placings, "code=on_code,to:on_type:a", stands, "stand_id=id")
	makers.relate("fairs", "Fairs", "many linked", fairs, "id=maker_id", stands, "stand_id=id")
	makers.relate("offer", "Offer", "single back=maker", offers, "id=maker_id")
	wares.relate("maker", "Maker", "", makers, "maker_id=id")
	wares.relate("opinions", "Opinions", "many back=ware", opinions, "code=on_code,to:on_type:b")
	wares.relate("opinion", "Opinion", "", opinions, "code=on_code,to:on_type:b")
	wares.relation("opinion").firstBy(oraOrderTerm{ref: oraRef{col: opinions.column("stars")}, desc: true, nulls: "LAST"})
	wares.relate("tips", "Tips", "many value back=ware", tips, "code=on_key,to:on_type:b")
	wares.relate("stands", "Stands", "many", placings, "code=on_code,to:on_type:b", stands, "stand_id=id")
	opinions.relate("maker", "Maker", "", makers, "on_code=code,from:on_type:a")
	opinions.relate("ware", "Ware", "", wares, "on_code=code,from:on_type:b")
	opinions.morph("about", "About", "maker", "ware")
	tips.relate("maker", "Maker", "", makers, "on_key=id,from:on_type:a")
	tips.relate("ware", "Ware", "", wares, "on_key=code,from:on_type:b")
	tips.morph("about", "About", "maker", "ware")
	stands.relate("makers", "Makers", "many", placings, "id=stand_id", makers, "on_code=code,from:on_type:a")
	stands.relate("wares", "Wares", "many", placings, "id=stand_id", wares, "on_code=code,from:on_type:b")
	placings.relate("stand", "Stand", "", stands, "stand_id=id")
	offers.relate("maker", "Maker", "", makers, "maker_id=id")
	offers.relate("wares", "Wares", "many", wares, "maker_id=maker_id")
	fairs.relate("offer", "Offer", "", offers, "maker_id=maker_id")
	return []*oraTable{makers, wares, stands, opinions, tips, placings, offers, fairs}
}

// oraOffered counts the wares of each maker, and finds the greatest price.
func oraOffered(wares []*oraRow) (rows [][]any) {
	at := map[any]int{}
	for _, w := range wares {
		maker, price := w.vals[1], w.vals[3]
		if maker == nil {
			continue
		}
		i, ok := at[maker]
		if !ok {
			i, at[maker] = len(rows), len(rows)
			rows = append(rows, []any{maker, int64(0), nil})
		}
		rows[i][1] = rows[i][1].(int64) + 1
		if top := rows[i][2]; price != nil && (top == nil || oraCompare(price, top) > 0) {
			rows[i][2] = price
		}
	}
	return rows
}

// oraShown counts the wares of each maker at each stand.
func oraShown(wares, placings []*oraRow) (rows [][]any) {
	at := map[[2]any]int{}
	for _, w := range wares {
		for _, p := range placings {
			pair := [2]any{w.vals[1], p.vals[2]}
			if w.vals[2] == nil || w.vals[2] != p.vals[1] || p.vals[0] != "b" || pair[0] == nil || pair[1] == nil {
				continue
			}
			i, ok := at[pair]
			if !ok {
				i, at[pair] = len(rows), len(rows)
				rows = append(rows, []any{pair[0], pair[1], int64(0)})
			}
			rows[i][2] = rows[i][2].(int64) + 1
		}
	}
	return rows
}
