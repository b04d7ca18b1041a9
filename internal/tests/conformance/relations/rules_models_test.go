package relations_test

import (
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestRules runs every case of declared rules, of relations through others and of polymorphic ones.
func TestRules(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, models.RulesDDL, slices.Concat(
		scopeCases(), unscopedCases(), ruleCases(), throughCases(), morphCases(), matchingCases()))
}

func remarkBody(r *models.Remark) string { return r.Body }

func stickerText(s *models.Sticker) string { return s.Text }

func kindID(k *models.Kind) string { return k.ID }

func wordOf(g *models.Tagging) string { return g.Word }

func pageTitle(p *models.Page) string { return p.Title }
