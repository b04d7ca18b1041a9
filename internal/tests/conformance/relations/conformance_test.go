package relations_test

import (
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestConformance runs every case of every kind of relation.
func TestConformance(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, models.DDL(t), slices.Concat(relationCases(), joinCases(), limitCases()))
}
