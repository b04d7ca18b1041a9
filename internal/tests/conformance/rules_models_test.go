package conformance_test

import (
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestRules runs every case of declared rules, of relations through others and of polymorphic ones.
func TestRules(t *testing.T) {
	t.Parallel()
	var cases []kit.Case
	for _, more := range [][]kit.Case{scopeCases(), unscopedCases(), ruleCases(), throughCases(), morphCases(), matchingCases()} {
		cases = append(cases, more...)
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.Name] {
			t.Errorf("two cases are named %q", c.Name)
		}
		seen[c.Name] = true
	}
	kit.OnEvery(t, models.RulesDDL, func(t *testing.T, d kit.Database) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				if d.Name == "postgres/tx" || d.Name == "sqlite/tx" {
					d.Exec(t, "SAVEPOINT rules")
					defer d.Exec(t, "ROLLBACK TO SAVEPOINT rules")
				}
				c.Run(t, d.Forgetful())
			})
		}
	})
}

func remarkBody(r *models.Remark) string { return r.Body }

func stickerText(s *models.Sticker) string { return s.Text }

func kindID(k *models.Kind) string { return k.ID }

func wordOf(g *models.Tagging) string { return g.Word }

func pageTitle(p *models.Page) string { return p.Title }
