package golden_test

import (
	"context"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

// schemaErrorCases are mistakes in what is declared of tables, and of deletes.
func schemaErrorCases() []errorCase {
	invalid, key := dovetail.ErrInvalidRelation, dovetail.ForeignKey("owner_id")
	table := func(name string, opts ...dovetail.TableOption) errorCase {
		return misdeclared(name, invalid, func(t errTables) { dovetail.NewTable[errOwner](t.registry, "others", opts...) })
	}
	ddl := func(name, as string, d dialect.Dialect, declare func(r *dovetail.Registry)) errorCase {
		return errorCase{name: name, is: []error{dovetail.ErrUnsupported}, as: as, make: func(context.Context) error {
			r := dovetail.NewRegistry()
			declare(r)
			_, err := r.DDL(d)
			return err
		}}
	}
	return []errorCase{
		hasMany("on_delete_of_a_required_key", invalid, key, dovetail.OnDelete(dovetail.SetNull)),
		hasMany("on_delete_unknown", invalid, key, dovetail.OnDelete(7)),
		hasMany("on_delete_zero", invalid, key, dovetail.OnDelete(0)),
		manyToMany("delete_orphans_of_many_to_many", invalid, dovetail.ThroughKeys("owner_id", "related_id"), dovetail.DeleteOrphans()),
		hasMany("on_delete_of_a_condition", invalid, key, dovetail.Where("id > 7"), dovetail.OnDelete(dovetail.Cascade)),
		misdeclared("on_delete_twice", invalid, func(t errTables) {
			dovetail.HasMany(t.owners, "items", t.related, key, dovetail.OnDelete(dovetail.Cascade))
			dovetail.BelongsTo(t.related, "owner", t.owners, key, dovetail.OnDelete(dovetail.Restrict))
		}),
		misdeclared("delete_orphans_of_belongs_to", invalid, func(t errTables) {
			dovetail.BelongsTo(t.related, "owner", t.owners, key, dovetail.DeleteOrphans())
		}),
		table("default_of_no_column", dovetail.Default("nam", "''")),
		table("default_empty", dovetail.Default("name", "")),
		table("default_and_generated", dovetail.Default("name", "''"), dovetail.Generated("name", "''")),
		table("one_of_numbers", dovetail.OneOf("id", "1")),
		table("unique_of_nothing", dovetail.Unique()),
		ddl("ddl_without_a_type", "relation", postgres.Dialect, func(r *dovetail.Registry) {
			dovetail.NewTable[struct {
				ID    int64
				Thing any
			}](r, "things")
		}),
		ddl("ddl_of_no_database", "query", dialect.Standard, func(r *dovetail.Registry) { dovetail.NewTable[errOwner](r, "owners") }),
	}
}
