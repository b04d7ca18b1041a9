package writes_test

import (
	"fmt"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestFollowedRelationsSayWhatIsWritten changes and deletes rows by what lies below or above them, at any depth.
func TestFollowedRelationsSayWhatIsWritten(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.PartsDDL, func(t *testing.T, d kit.Database) {
		n, err := dovetail.Update(models.Parts).Set("price", 7).Where(dovetail.Has("wholes*", sq.Eq{"name": "wheel"})).Exec(t.Context(), d.DB)
		kit.Equal(t, "parts of a wheel", fmt.Sprint(n, err), "3 <nil>")
		n, err = dovetail.Update(models.Parts).Set("price", 8).Where(dovetail.HasAtLeast(3, "parts*1")).Exec(t.Context(), d.DB)
		kit.Equal(t, "of three parts", fmt.Sprint(n, err), "2 <nil>")
		n, err = dovetail.Delete(models.Stocks).Where(dovetail.HasNone("part.wholes*")).Exec(t.Context(), d.DB)
		kit.Equal(t, "in nothing", fmt.Sprint(n, err), "1 <nil>")
		n, err = dovetail.Delete(models.Stocks).Where(dovetail.Has("part", dovetail.Has("wholes*", sq.Eq{"name": "rim"}))).Exec(t.Context(), d.DB)
		kit.Equal(t, "in a rim", fmt.Sprint(n, err), "2 <nil>")
		var prices []int64
		for _, p := range kit.All(t, d.DB, dovetail.Select(models.Parts).OrderBy("id")) {
			prices = append(prices, p.Price)
		}
		kit.Equal(t, "prices", fmt.Sprint(prices), "[8 8 90 7 7 7 3 3 4]")
	})
}
