package writes_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	evLid struct {
		ID        int64
		PartID    int64
		MadeBy    int64
		MarkedID  int64
		SpareID   *int64
		KeyBytes  []byte
		Part      *evPart
		Maker     *evPart
		Marked    *evMarked
		Spare     *evPart
		Special   *evPart
		SealedKey *evSeal
	}
	evMarked struct {
		ID     int64
		GoneAt *time.Time
	}
	evSeal struct {
		Code []byte
		Size int64
	}
)

// TestAConditionOnARowThatEveryRowHas: what a key without NULL points at is there, where no scope and no condition hides it, and its columns are told as those
// of the row are.
func TestAConditionOnARowThatEveryRowHas(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	parts, lids := dovetail.NewTable[evPart](r, "ev_parts"), dovetail.NewTable[evLid](r, "ev_lids")
	dovetail.BelongsTo(parts, "owner", parts, dovetail.ForeignKey("owner_id"))
	dovetail.HasMany(parts, "parts", parts, dovetail.ForeignKey("owner_id"))
	dovetail.BelongsTo(lids, "part", parts, dovetail.ForeignKey("part_id"))
	dovetail.BelongsTo(lids, "maker", parts, dovetail.ForeignKey("made_by"), dovetail.Logical())
	dovetail.BelongsTo(lids, "marked", dovetail.NewTable[evMarked](r, "ev_marked", dovetail.SoftDelete("gone_at")), dovetail.ForeignKey("marked_id"))
	dovetail.BelongsTo(lids, "spare", parts, dovetail.ForeignKey("spare_id"))
	dovetail.BelongsTo(lids, "special", parts, dovetail.ForeignKey("part_id"), dovetail.Where(squirrel.Eq{"size": 1}))
	dovetail.BelongsTo(lids, "sealed_key", dovetail.NewTable[evSeal](r, "ev_seals", dovetail.PrimaryKey("code")), dovetail.ForeignKey("key_bytes"))
	has, none, every := dovetail.Has, dovetail.HasNone, dovetail.HasEvery
	kit.OnEach(t, evDDL(), func(t *testing.T, d kit.Database) {
		d.Exec(t, strings.ReplaceAll(`CREATE TABLE ev_marked (id BIGINT PRIMARY KEY, gone_at TIMESTAMP);
			CREATE TABLE ev_seals (code {bytes} PRIMARY KEY, size BIGINT NOT NULL);
			CREATE TABLE ev_lids (id BIGINT PRIMARY KEY, part_id BIGINT NOT NULL, made_by BIGINT NOT NULL, marked_id BIGINT NOT NULL, spare_id BIGINT, key_bytes {bytes})`,
			"{bytes}", map[bool]string{true: "BYTEA", false: "BLOB"}[d.Postgres()]))
		for name, c := range map[string]struct {
			pred    any
			refused bool
		}{
			"there is one":             {has("part"), true},
			"with a key":               {has("part", squirrel.NotEq{"id": nil}), true},
			"one way or another":       {has("part", squirrel.Or{squirrel.Eq{"size": 1}, squirrel.NotEq{"size": 1}}), true},
			"every one":                {every("part", squirrel.NotEq{"id": nil}), true},
			"not without one":          {dovetail.Not(none("part")), true},
			"its key":                  {"part.id IS NOT NULL", true},
			"its key, of a map":        {squirrel.NotEq{"part.id": nil}, true},
			"its column or not":        {squirrel.Or{squirrel.Eq{"part.size": 1}, squirrel.NotEq{"part.size": 1}}, true},
			"its column or NULL":       {squirrel.Or{squirrel.Eq{"part.note": nil}, squirrel.NotEq{"part.note": nil}}, true},
			"its column itself":        {"part.size = part.size", true},
			"one of its columns":       {squirrel.Eq{"part.size": 1}, false},
			"with a size":              {has("part", squirrel.Eq{"size": 1}), false},
			"what may be NULL":         {"part.note IS NOT NULL", false},
			"two columns of one name":  {squirrel.Or{squirrel.Eq{"part.id": 1}, squirrel.NotEq{"id": 1}}, false},
			"farther on":               {has("part.owner"), false},
			"farther on, by a key":     {"part.owner.id IS NOT NULL", false},
			"below it":                 {has("part.parts"), false},
			"none":                     {none("part"), false},
			"without a constraint":     {has("maker"), false},
			"without one, by its key":  {"maker.id IS NOT NULL", false},
			"what may be marked":       {has("marked"), false},
			"what may be marked, here": {squirrel.NotEq{"marked.id": nil}, false},
			"a key that may be NULL":   {has("spare"), false},
			"a relation with a rule":   {has("special"), false},
			"bytes, which may be NULL": {has("sealed_key"), false},
			"two of one":               {dovetail.HasAtLeast(2, "part"), false},
		} {
			q := dovetail.Delete(lids)
			if text, ok := c.pred.(string); ok {
				q = q.Where(text)
			} else {
				q = q.Where(c.pred)
			}
			_, err := q.Exec(t.Context(), d.DB)
			if c.refused {
				kit.Refused(t, err, dovetail.ErrMissingWhere, "holds for every row")
			}
			if errors.Is(err, dovetail.ErrMissingWhere) != c.refused || err != nil && !c.refused {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
