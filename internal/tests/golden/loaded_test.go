package golden_test

import (
	"context"
	"fmt"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// loadsErrorCases are mistakes with Loads.
func loadsErrorCases() []errorCase {
	type pointed struct {
		*dovetail.Loads
		ID int64
	}
	type loads = dovetail.Loads
	type aliased struct {
		loads
		ID int64
	}
	_ = (&aliased{}).loads
	type wide struct {
		dovetail.Loads
		ID                                                                        int64
		F0, F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, F13, F14, F15, F16 *wide
		F17, F18, F19, F20, F21, F22, F23, F24, F25, F26, F27, F28, F29, F30, F31 *wide
		F32, F33, F34, F35, F36, F37, F38, F39, F40, F41, F42, F43, F44, F45, F46 *wide
		F47, F48, F49, F50, F51, F52, F53, F54, F55, F56, F57, F58, F59, F60, F61 *wide
		F62, F63, F64                                                             *wide
	}
	return []errorCase{
		{name: "loaded_misspelt", is: []error{dovetail.ErrUnknownRelation}, as: "relation",
			make: func(context.Context) error {
				db := &kit.AnswerDB{Answers: []kit.Answer{{Names: []string{"id", "name"}, Lines: [][]any{{int64(1), "go"}}}}}
				tag, err := dovetail.Select(models.TrackedTags).First(context.Background(), db)
				if err != nil {
					return err
				}
				_, err = dovetail.Loaded(tag, "post")
				return err
			}},
		{name: "declare_loads_by_pointer", is: []error{dovetail.ErrInvalidRelation}, as: "relation",
			make: func(context.Context) error {
				r := dovetail.NewRegistry()
				dovetail.NewTable[pointed](r, "t")
				return r.Validate()
			}},
		{name: "declare_loads_by_an_alias", is: []error{dovetail.ErrInvalidRelation}, as: "relation",
			make: func(context.Context) error {
				r := dovetail.NewRegistry()
				dovetail.NewTable[aliased](r, "t")
				return r.Validate()
			}},
		{name: "declare_loads_of_65_relations", is: []error{dovetail.ErrInvalidRelation}, as: "relation",
			make: func(context.Context) error {
				r := dovetail.NewRegistry()
				table := dovetail.NewTable[wide](r, "t")
				for i := range 65 {
					dovetail.BelongsTo(table, fmt.Sprintf("r%d", i), table, dovetail.ForeignKey("id"), dovetail.Field(fmt.Sprintf("F%d", i)))
				}
				return r.Validate()
			}},
	}
}
