package golden_test

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/dovetail-go/dovetail"
)

// The structs of the mistaken declarations.

type errOwner struct {
	ID   int64
	Name string
	Body json.RawMessage
}

type errRelated struct {
	ID      int64
	OwnerID int64
	PartID  *int64
	Text    string
	Body    json.RawMessage
}

type errPair struct {
	OwnerID   int64
	RelatedID int64
	Note      string
}

type errKeyless struct{ Name string }

// errTables are three tables to be related wrongly.
type errTables struct {
	registry *dovetail.Registry
	owners   *dovetail.Table[errOwner]
	related  *dovetail.Table[errRelated]
	pairs    *dovetail.Table[errPair]
	keyless  *dovetail.Table[errKeyless]
}

func newErrTables() errTables {
	r := dovetail.NewRegistry()
	return errTables{
		r, dovetail.NewTable[errOwner](r, "owners"), dovetail.NewTable[errRelated](r, "related"),
		dovetail.NewTable[errPair](r, "pairs", dovetail.PrimaryKey("owner_id", "related_id")),
		dovetail.NewTable[errKeyless](r, "keyless"),
	}
}

// misdeclared is a case of a registry that is not valid.
func misdeclared(name string, is error, declare func(errTables)) errorCase {
	return errorCase{name: "declare_" + name, is: []error{is}, as: "relation", make: func(context.Context) error {
		t := newErrTables()
		declare(t)
		return t.registry.Validate()
	}}
}

func hasMany(name string, is error, opts ...dovetail.RelationOption) errorCase {
	return misdeclared(name, is, func(t errTables) { dovetail.HasMany(t.owners, "items", t.related, opts...) })
}

func manyToMany(name string, is error, opts ...dovetail.RelationOption) errorCase {
	return misdeclared(name, is, func(t errTables) { dovetail.ManyToMany(t.owners, "items", t.related, t.pairs, opts...) })
}

func named(name, relation string) errorCase {
	return misdeclared(name, dovetail.ErrInvalidRelation, func(t errTables) {
		dovetail.HasMany(t.owners, relation, t.related, dovetail.ForeignKey("owner_id"))
	})
}

func declarationErrorCases() []errorCase {
	invalid, column := dovetail.ErrInvalidRelation, dovetail.ErrUnknownColumn
	key := dovetail.ForeignKey("owner_id")
	return []errorCase{
		hasMany("no_foreign_key", invalid),
		hasMany("foreign_key_misspelt", invalid, dovetail.ForeignKey("ownerid")),
		hasMany("foreign_key_unknown", invalid, dovetail.ForeignKey("zzzzzz")),
		hasMany("foreign_key_on_the_wrong_side", invalid, dovetail.ForeignKey("name")),
		hasMany("foreign_key_count", invalid, dovetail.ForeignKey("owner_id", "part_id")),
		hasMany("foreign_key_twice", invalid, dovetail.ForeignKey("owner_id", "owner_id"), dovetail.References("id", "id")),
		hasMany("foreign_key_of_another_kind", invalid, dovetail.ForeignKey("text")),
		hasMany("foreign_key_of_json", invalid, dovetail.ForeignKey("body"), dovetail.References("body")),
		hasMany("references_unknown", invalid, key, dovetail.References("di")),
		hasMany("through_keys_on_has_many", invalid, key,
			dovetail.ThroughKeys("owner_id", "related_id")).saying("ThroughKeys"),
		hasMany("field_unknown", invalid, key, dovetail.Field("Items")),
		hasMany("field_of_the_inverse_unknown", invalid, key, dovetail.Inverse("owner", dovetail.Field("Owner"))),
		hasMany("field_of_the_inverse_is_a_column", invalid, key, dovetail.Inverse("owner", dovetail.Field("Text"))),
		hasMany("inverse_with_another_option", invalid, key, dovetail.Inverse("owner", dovetail.OnDelete(dovetail.Cascade))),
		misdeclared("references_without_primary_key", invalid, func(t errTables) {
			dovetail.BelongsTo(t.related, "thing", t.keyless, key)
		}),
		misdeclared("related_is_nil", dovetail.ErrUnknownTable, func(t errTables) {
			dovetail.HasMany[errOwner, errRelated](t.owners, "items", nil, key)
		}),
		misdeclared("owner_is_nil", dovetail.ErrUnknownTable, func(t errTables) {
			dovetail.HasMany[errOwner](nil, "items", t.related, key)
		}),
		misdeclared("other_registry", dovetail.ErrUnknownTable, func(t errTables) {
			dovetail.HasMany(t.owners, "items", newErrTables().related, key)
		}),
		misdeclared("twice", invalid, func(t errTables) {
			dovetail.HasMany(t.owners, "items", t.related, key)
			dovetail.HasOne(t.owners, "items", t.related, key)
		}),
		misdeclared("inverse_twice", invalid, func(t errTables) {
			dovetail.HasMany(t.owners, "items", t.related, key, dovetail.Inverse("owner"))
			dovetail.BelongsTo(t.related, "owner", t.owners, key)
		}),
		named("name_empty", "").saying("is empty").without("primary key"),
		named("name_with_a_dot", "a.b"),
		named("name_with_a_space", "a b"),
		named("name_with_a_digit_first", "1st"),
		named("name_with_a_control_character", "a\nb"),
		manyToMany("no_through_keys", invalid),
		manyToMany("through_keys_unknown", invalid, dovetail.ThroughKeys("ownerid", "related_id")),
		manyToMany("through_keys_equal", invalid, dovetail.ThroughKeys("owner_id", "owner_id")),
		manyToMany("through_keys_count", invalid, dovetail.ThroughKeys([]string{"owner_id", "note"}, "related_id")),
		manyToMany("through_keys_empty", invalid, dovetail.ThroughKeys([]string{}, "related_id")),
		manyToMany("through_keys_of_another_kind", invalid, dovetail.ThroughKeys("note", "related_id")),
		manyToMany("foreign_key_on_many_to_many", invalid, key, dovetail.ThroughKeys("owner_id", "related_id")),
		manyToMany("symmetric_between_two_tables", invalid, dovetail.ThroughKeys("owner_id", "related_id"), dovetail.Symmetric()),
		hasMany("cyclic_between_two_tables", invalid, key, dovetail.Cyclic()).saying("Cyclic"),
		hasMany("symmetric_has_many", invalid, key, dovetail.Symmetric()),
		misdeclared("symmetric_with_inverse", invalid, func(t errTables) {
			dovetail.ManyToMany(t.owners, "peers", t.owners, t.pairs, dovetail.ThroughKeys("owner_id", "related_id"), dovetail.Symmetric(),
				dovetail.Inverse("back"))
		}).saying("Inverse"),
		misdeclared("join_table_is_nil", dovetail.ErrUnknownTable, func(t errTables) {
			dovetail.ManyToMany[errOwner, errRelated, errPair](t.owners, "items", t.related, nil,
				dovetail.ThroughKeys("owner_id", "related_id"))
		}),
		misdeclared("many_to_many_without_primary_key", invalid, func(t errTables) {
			dovetail.ManyToMany(t.owners, "things", t.keyless, t.pairs, dovetail.ThroughKeys("owner_id", "related_id"))
		}),
		misdeclared("several_mistakes", invalid, func(t errTables) {
			dovetail.HasMany(t.owners, "items", t.related)
			dovetail.BelongsTo(t.related, "owner", t.owners, dovetail.ForeignKey("owner"))
			dovetail.HasOne(t.owners, "item", t.related, key, dovetail.Field("Item"))
		}).saying("3 mistakes", `"owners.items"`, `"related.owner"`, `"owners.item"`),
		misdeclared("primary_key_unknown", column, func(t errTables) {
			dovetail.NewTable[errOwner](t.registry, "others", dovetail.PrimaryKey("di"))
		}).saying(`did you mean "id"?`).without("name it with PrimaryKey"),
		misdeclared("identity_mistakes", invalid, func(t errTables) {
			key := dovetail.PrimaryKey("owner_id", "related_id")
			mistake := func(name string, options ...dovetail.TableOption) {
				dovetail.NewTable[errPair](t.registry, name, options...)
			}
			mistake("two", key, dovetail.Identity("owner_id"), dovetail.Identity("related_id"))
			mistake("assigned", key, dovetail.Identity("owner_id"), dovetail.AssignedKey())
			mistake("filled", key, dovetail.Identity("owner_id"), dovetail.Default("owner_id", "7"))
			mistake("beside", dovetail.PrimaryKey("owner_id"), dovetail.Identity("related_id"))
			mistake("text", dovetail.PrimaryKey("owner_id", "note"), dovetail.Identity("note"))
			mistake("unknown", key, dovetail.Identity("ownerid"))
		}).saying("6 mistakes"),
		misdeclared("primary_key_twice", invalid, func(t errTables) {
			dovetail.NewTable[errOwner](t.registry, "others", dovetail.PrimaryKey("id", "id"))
		}),
	}
}

// The structs whose fields do not fit their relations.

type errPointerForMany struct {
	ID    int64
	Items *errRelated
}

type errSliceForOne struct {
	ID   int64
	Item []*errRelated
}

type errValueForOptional struct {
	ID   int64
	Item errRelated
}

type errWrongStruct struct {
	ID    int64
	Items []*errKeyless
}

type errTwoFields struct {
	ID    int64
	Items []*errRelated
	More  []*errRelated `rel:"items"`
}

type errStrayTag struct {
	ID   int64
	More []*errRelated `rel:"itmes"`
}

type errStrayRows struct {
	ID   int64
	More []*errRelated
}

type errThreeColumns struct {
	ID    int64
	Items []*errKeyless
	First string `db:"items"`
	Again int64  `db:"items"`
}

type errDocument struct {
	ID    int64
	Items []struct{ Text string }
}

// fielded is a case of a relation whose field is wrong.
func fielded[T any](name string, declare func(*dovetail.Table[T], errTables)) errorCase {
	return misdeclared(name, dovetail.ErrInvalidRelation, func(t errTables) {
		declare(dovetail.NewTable[T](t.registry, "others"), t)
	})
}

func fieldErrorCases() []errorCase {
	key := dovetail.ForeignKey("owner_id")
	return []errorCase{
		fielded("field_pointer_for_many", func(o *dovetail.Table[errPointerForMany], t errTables) {
			dovetail.HasMany(o, "items", t.related, key)
		}),
		fielded("field_slice_for_one", func(o *dovetail.Table[errSliceForOne], t errTables) {
			dovetail.HasOne(o, "item", t.related, key)
		}),
		fielded("field_value_for_optional", func(o *dovetail.Table[errValueForOptional], t errTables) {
			dovetail.HasOne(o, "item", t.related, key)
		}),
		fielded("field_of_another_struct", func(o *dovetail.Table[errWrongStruct], t errTables) {
			dovetail.HasMany(o, "items", t.related, key)
		}),
		fielded("field_twice", func(o *dovetail.Table[errTwoFields], t errTables) {
			dovetail.HasMany(o, "items", t.related, key)
		}),
		fielded("field_of_two_relations", func(o *dovetail.Table[errStrayRows], t errTables) {
			dovetail.HasMany(o, "items", t.related, key, dovetail.Field("More"))
			dovetail.HasMany(o, "others_of", t.related, key, dovetail.Field("More"))
		}).saying(`"others.items"`, `"others.others_of"`, "Field", "`rel:"),
		fielded("field_of_two_relations_by_tag", func(o *dovetail.Table[errTwoFields], t errTables) {
			dovetail.HasMany(o, "items", t.related, key, dovetail.Field("Items"))
			dovetail.HasMany(o, "more", t.related, key, dovetail.Field("More"))
		}),
		fielded("field_of_another_name", func(o *dovetail.Table[errStrayRows], t errTables) {
			dovetail.HasMany(o, "items", t.related, key)
		}).saying(`Field("More")`, "`rel:"),
		fielded("field_of_another_column", func(o *dovetail.Table[errThreeColumns], t errTables) {
			dovetail.HasMany(o, "items", t.related, key)
		}),
		fielded("field_of_no_table", func(o *dovetail.Table[errDocument], t errTables) {
			dovetail.HasMany(o, "items", t.related, key)
		}),
		fielded("field_tag_without_relation", func(*dovetail.Table[errStrayTag], errTables) {}).saying("declare it"),
		fielded("field_rows_without_relation", func(*dovetail.Table[errStrayRows], errTables) {}),
	}
}

type errSameColumn struct {
	ID    int64
	First string `db:"name"`
	Name  string
}

type errChannel struct {
	ID   int64
	Done chan int
}

type errNoName struct {
	ID   int64
	Name string `db:",computed"`
}

// tabled is a case of a table that is wrong by itself.
func tabled[T any](name string, is error, table string, opts ...dovetail.TableOption) errorCase {
	return misdeclared("table_"+name, is, func(t errTables) { dovetail.NewTable[T](t.registry, table, opts...) })
}

func tableErrorCases() []errorCase {
	invalid, table := dovetail.ErrInvalidRelation, dovetail.ErrUnknownTable
	return []errorCase{
		tabled[errSameColumn]("column_twice", invalid, "others"),
		tabled[errChannel]("field_no_column_can_hold", invalid, "others"),
		tabled[errNoName]("field_without_a_name", invalid, "others"),
		tabled[int]("of_no_struct", invalid, "others"),
		tabled[*errOwner]("of_a_pointer", invalid, "others"),
		tabled[errOwner]("name_empty", table, ""),
		tabled[errOwner]("name_with_a_zero_byte", table, "a\x00b"),
		tabled[errOwner]("name_not_utf8", table, "a\xffb"),
		tabled[errOwner]("schema_with_a_newline", table, "others", dovetail.Schema("a\nb")),
	}
}

func lateErrorCases() []errorCase {
	frozen := func(name string, declare func(errTables)) errorCase {
		return errorCase{name: "frozen_" + name, is: []error{dovetail.ErrFrozen}, as: "relation",
			make: func(context.Context) error {
				t := newErrTables()
				if err := t.registry.Validate(); err != nil {
					return errors.New("not valid before")
				}
				declare(t)
				_, _, err := dovetail.Select(t.owners).ToSql()
				return err
			}}
	}
	return []errorCase{
		frozen("relation", func(t errTables) {
			dovetail.HasMany(t.owners, "items", t.related, dovetail.ForeignKey("owner_id"))
		}),
		frozen("table", func(t errTables) { dovetail.NewTable[errKeyless](t.registry, "late") }),
		{name: "registry_is_nil", is: []error{dovetail.ErrUnknownTable}, as: "relation", make: func(context.Context) error {
			_, _, err := dovetail.Select(dovetail.NewTable[errOwner](nil, "owners")).ToSql()
			return err
		}},
		{name: "query_over_a_mistake", is: []error{dovetail.ErrInvalidRelation}, as: "relation",
			make: func(context.Context) error {
				t := newErrTables()
				dovetail.HasMany(t.owners, "items", t.related)
				_, _, err := dovetail.Select(t.owners).ToSql()
				return err
			}},
	}
}
