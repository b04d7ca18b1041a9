package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The structs of mistaken polymorphic references.

type errMorphed struct {
	ID       int64
	ItemType string
	ItemID   int64
	Level    int64
}

type errMorphedRow struct {
	ID       int64
	ItemType string
	ItemID   int64
	Item     *errOwner
}

type errMorphedValue struct {
	ID       int64
	ItemType string
	ItemID   int64
	Owner    errOwner
}

type errMorphedNamed struct {
	ID       int64
	ItemType string
	ItemID   int64
	Item     models.Thing
}

// scoped is a case of a table with mistaken default conditions, related to "owners" as owner and as bosses.
func scoped(name string, pred any, args ...any) errorCase {
	return misdeclared("scope_"+name, dovetail.ErrInvalidRelation, func(t errTables) {
		items := dovetail.NewTable[errRelated](t.registry, "items", dovetail.Scope("rule", pred, args...))
		dovetail.BelongsTo(items, "owner", t.owners, dovetail.ForeignKey("owner_id"), dovetail.Inverse("items"))
		dovetail.HasMany(items, "parts", t.related, dovetail.ForeignKey("part_id"))
	})
}

// through is a case of a relation along others.
func through(name, path string, opts ...dovetail.RelationOption) errorCase {
	return misdeclared("through_"+name, dovetail.ErrInvalidRelation, func(t errTables) {
		dovetail.HasMany(t.owners, "items", t.related, dovetail.ForeignKey("owner_id"), dovetail.Inverse("owner"))
		dovetail.HasManyThrough(t.owners, "friends", t.owners, path, opts...)
	})
}

// firstOf is a case of a to-one relation that is the first of several rows.
func firstOf(name, order string, declare func(errTables, ...dovetail.RelationOption)) errorCase {
	return misdeclared("first_"+name, dovetail.ErrInvalidRelation, func(t errTables) { declare(t, dovetail.OrderBy(order)) })
}

// on is a case of a relation by a condition.
func on(name string, pred any, more ...dovetail.RelationOption) errorCase {
	return misdeclared("on_"+name, dovetail.ErrInvalidRelation, func(t errTables) {
		dovetail.HasMany(t.owners, "items", t.related, append(more, dovetail.On(pred))...)
	})
}

// firstItem declares the first of an owner's items.
func firstItem(more ...dovetail.RelationOption) func(errTables, ...dovetail.RelationOption) {
	return func(t errTables, opts ...dovetail.RelationOption) {
		dovetail.HasOne(t.owners, "item", t.related, append(append(opts, dovetail.ForeignKey("owner_id")), more...)...)
	}
}

// morphed is a case of a polymorphic reference.
func morphed(name string, is error, declare func(t errTables, notes *dovetail.Table[errMorphed])) errorCase {
	return misdeclared("morph_"+name, is, func(t errTables) {
		declare(t, dovetail.NewTable[errMorphed](t.registry, "notes"))
	})
}

func ruleErrorCases() []errorCase {
	invalid, key := dovetail.ErrInvalidRelation, dovetail.ForeignKey("owner_id")
	return []errorCase{
		scoped("unknown_column", sq.Eq{"txt": "x"}).saying(`"text"`),
		scoped("unknown_path", sq.Eq{"ownr.name": "x"}).saying(`"owner"`),
		scoped("outer", sq.Eq{"outer.id": 1}),
		scoped("to_many_path", sq.Eq{"parts.text": "x"}).saying("Has(").without("Join"),
		scoped("unknown_relation", dovetail.Has("prts")).saying(`"parts"`),
		scoped("wrong_kind", sq.Eq{"id": kit.SecretText}),
		scoped("nil", nil),
		scoped("placeholders", "text = ?"),
		scoped("context_without_function", sq.Eq{"id": dovetail.FromContext(nil)}),
		scoped("context_without_function_in_text", "items.id = ?", dovetail.FromContext(nil)),
		misdeclared("scope_subquery_unknown_column", invalid, func(t errTables) {
			dovetail.NewTable[errRelated](t.registry, "items",
				dovetail.Scope("rule", sq.Eq{"owner_id": dovetail.Select(t.owners).Columns("nam")}))
		}).saying(`"name"`),
		misdeclared("scope_subquery_leads_back", invalid, func(t errTables) {
			people := dovetail.NewTable[errOwner](t.registry, "people", dovetail.Scope("rule", dovetail.Has("items")))
			items := dovetail.NewTable[errRelated](t.registry, "items",
				dovetail.Scope("rule", sq.Eq{"owner_id": dovetail.Select(people).Columns("id")}))
			dovetail.HasMany(people, "items", items, key)
		}).saying("lead back"),
		misdeclared("scope_leads_back", invalid, func(t errTables) {
			items := dovetail.NewTable[errRelated](t.registry, "items", dovetail.Scope("rule", dovetail.Has("owner")))
			people := dovetail.NewTable[errOwner](t.registry, "people", dovetail.Scope("rule", dovetail.HasNone("items")))
			dovetail.HasMany(people, "items", items, key, dovetail.Inverse("owner"))
		}).saying("lead back"),
		misdeclared("scope_all_mistakes", invalid, func(t errTables) {
			dovetail.NewTable[errRelated](t.registry, "items", dovetail.Scope("one", sq.Eq{"a": 1}), dovetail.Scope("two", sq.Eq{"b": 1}))
			dovetail.HasMany(t.owners, "items", t.related, key,
				dovetail.Where(sq.Eq{"c": 1}), dovetail.OrderBy("d", "text DESC", "e"))
		}).saying(`"a"`, `"b"`, `"c"`, `"d"`, `"e"`),
		hasMany("where_unknown_column", invalid, key, dovetail.Where(sq.Eq{"txt": "x"})),
		hasMany("where_outer_path_unknown", invalid, key, dovetail.Where(sq.Eq{"outer.ownr.name": dovetail.Col("text")})),
		hasMany("where_outer_path_to_many", invalid, key, dovetail.Where("outer.items.text = self.text")).without("Join"),
		hasMany("where_nil", invalid, key, dovetail.Where(nil)),
		hasMany("where_with_inverse", invalid, key, dovetail.Where(sq.Eq{"text": "x"}), dovetail.Inverse("owner")),
		hasMany("order_unknown_column", invalid, key, dovetail.OrderBy("txt")),
		hasMany("order_expression", invalid, key, dovetail.OrderBy("lower(text)")),
		misdeclared("order_to_one", invalid, func(t errTables) {
			dovetail.BelongsTo(t.related, "owner", t.owners, key, dovetail.OrderBy("name"))
		}),
		firstOf("keyless", "name", func(t errTables, opts ...dovetail.RelationOption) {
			dovetail.HasOne(t.owners, "word", t.keyless, append(opts, dovetail.ForeignKey("name"), dovetail.References("name"))...)
		}).saying("PrimaryKey"),
		firstOf("unknown_column", "txt", firstItem()).saying(`"text"`),
		firstOf("inverse", "text", firstItem(dovetail.Inverse("owner"))),
		firstOf("orphans", "text", firstItem(dovetail.DeleteOrphans())),
		firstOf("through", "text", func(t errTables, opts ...dovetail.RelationOption) {
			dovetail.BelongsTo(t.related, "part", t.related, dovetail.ForeignKey("part_id"))
			dovetail.HasOneThrough(t.related, "whole", t.related, "part.part", opts...)
		}),
		firstOf("leads_back", "text", func(t errTables, _ ...dovetail.RelationOption) {
			dovetail.HasOne(t.related, "a", t.related, dovetail.ForeignKey("part_id"), dovetail.OrderBy("b.text"))
			dovetail.HasOne(t.related, "b", t.related, dovetail.ForeignKey("part_id"), dovetail.OrderBy("a.text"))
		}).saying("lead back"),
		on("with_a_key", "self.text = outer.name", key),
		on("with_an_inverse", "self.text = outer.name", dovetail.Inverse("owner")),
		on("with_a_policy", "self.text = outer.name", dovetail.OnDelete(dovetail.Cascade)),
		on("logical", "self.text = outer.name", dovetail.Logical()),
		on("unknown_column", "self.text = outer.nam").saying(`"name"`),
		on("unknown_path", "self.owner.name = outer.name"),
		on("nil", nil),
		on("placeholders", "self.text = ?"),
		misdeclared("on_keyless", invalid, func(t errTables) {
			dovetail.HasMany(t.owners, "words", t.keyless, dovetail.On("self.name = outer.name"))
		}).saying("PrimaryKey"),
		misdeclared("on_many_to_many", invalid, func(t errTables) {
			dovetail.ManyToMany(t.owners, "items", t.related, t.pairs, dovetail.ThroughKeys("owner_id", "related_id"), dovetail.On("1 = 1"))
		}).saying("Where"),
		misdeclared("on_through_keyless", invalid, func(t errTables) {
			dovetail.BelongsTo(t.related, "word", t.keyless, dovetail.ForeignKey("text"), dovetail.References("name"))
			dovetail.HasMany(t.keyless, "items", t.related, dovetail.On("self.text LIKE outer.name || '%'"))
			dovetail.HasManyThrough(t.related, "alike", t.related, "word.items")
		}).saying("PrimaryKey"),
		through("star_of_another_table", "items*.owner").saying("itself"),
		misdeclared("through_star", invalid, func(t errTables) {
			dovetail.HasMany(t.owners, "items", t.related, key, dovetail.Inverse("owner"))
			dovetail.HasMany(t.related, "parts", t.related, dovetail.ForeignKey("part_id"))
			dovetail.HasManyThrough(t.related, "makers", t.owners, "parts*.owner")
		}).saying("Has(").saying("PreloadTree"),
		misdeclared("through_link", invalid, func(t errTables) {
			dovetail.ManyToMany(t.owners, "items", t.related, t.pairs, dovetail.ThroughKeys("owner_id", "related_id"))
			dovetail.BelongsTo(t.pairs, "owner", t.owners, key)
			dovetail.HasManyThrough(t.owners, "friends", t.owners, "items.link.owner")
		}).saying("HasMany"),
		misdeclared("through_one_of_many", invalid, func(t errTables) {
			dovetail.HasMany(t.owners, "items", t.related, key, dovetail.Inverse("owner"))
			dovetail.HasOneThrough(t.owners, "friend", t.owners, "items.owner")
		}).saying("HasManyThrough"),
		through("unknown", "itms.owner").saying(`"items"`),
		through("elsewhere", "items"),
		through("itself", "friends.items"),
		through("empty", ""),
		through("keys", "items.owner", key),
		through("inverse", "items.owner", dovetail.Inverse("friends")),
		through("logical", "items.owner", dovetail.Logical()),
		misdeclared("through_cycle", invalid, func(t errTables) {
			dovetail.HasManyThrough(t.owners, "a", t.owners, "b")
			dovetail.HasManyThrough(t.owners, "b", t.owners, "a")
		}).saying("cannot be followed").without("has no relation"),
		misdeclared("through_rows_alike", invalid, func(t errTables) {
			dovetail.ManyToMany(t.owners, "items", t.related, t.pairs, dovetail.ThroughKeys("owner_id", "related_id"))
			dovetail.BelongsTo(t.related, "word", t.keyless, dovetail.ForeignKey("text"), dovetail.References("name"))
			dovetail.HasManyThrough(t.owners, "words", t.keyless, "items.word")
		}).saying("PrimaryKey"),
		misdeclared("through_morph_to", invalid, func(t errTables) {
			notes := dovetail.NewTable[errMorphed](t.registry, "notes")
			dovetail.MorphTo(notes, "item", dovetail.MorphKey("item_type", "item_id"), dovetail.MorphType("owner", t.owners))
			dovetail.HasManyThrough(notes, "owners", t.owners, "item")
		}),
	}
}

func morphErrorCases() []errorCase {
	invalid, key := dovetail.ErrInvalidRelation, dovetail.MorphKey("item_type", "item_id")
	many := func(opts ...dovetail.RelationOption) func(errTables, *dovetail.Table[errMorphed]) {
		return func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphMany(t.owners, "notes", notes, opts...)
		}
	}
	links := func(opts ...dovetail.RelationOption) func(errTables, *dovetail.Table[errMorphed]) {
		return func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphToMany(t.owners, "more", t.related, notes, opts...)
		}
	}
	tag := dovetail.ForeignKey("level")
	to := func(opts ...dovetail.RelationOption) func(errTables, *dovetail.Table[errMorphed]) {
		return func(_ errTables, notes *dovetail.Table[errMorphed]) { dovetail.MorphTo(notes, "item", opts...) }
	}
	value := dovetail.MorphValue("owner")
	return []errorCase{
		morphed("no_key", invalid, many(value)),
		morphed("no_value", invalid, many(key)),
		morphed("column_unknown", invalid, many(dovetail.MorphKey("item_typ", "item_id"), value)).saying(`"item_type"`),
		morphed("id_unknown", invalid, many(dovetail.MorphKey("item_type", "itemid"), value)).saying(`"item_id"`),
		morphed("other_keys", invalid, many(key, value, dovetail.ForeignKey("id"))),
		morphed("to_no_type", invalid, to(key)),
		morphed("to_inverse", invalid, to(key, dovetail.Inverse("notes"))),
		morphed("to_nil_table", dovetail.ErrUnknownTable, to(key, dovetail.MorphType[errOwner]("owner", nil))),
		morphed("to_where", invalid, func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphTo(notes, "item", key, dovetail.MorphType("owner", t.owners), dovetail.Where(sq.Eq{"name": "x"}))
		}).saying("Scope"),
		morphed("to_type_twice", invalid, func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphTo(notes, "item", key, dovetail.MorphType("owner", t.owners), dovetail.MorphType("owner", t.related))
		}),
		morphed("to_composite", invalid, func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphTo(notes, "item", key, dovetail.MorphType("pair", t.pairs))
		}),
		morphed("disagree", invalid, func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphMany(t.owners, "notes", notes, key, dovetail.MorphValue("ownr"))
			dovetail.MorphTo(notes, "item", key, dovetail.MorphType("owner", t.owners))
		}),
		morphed("value_of_two", invalid, func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphMany(t.owners, "notes", notes, key, value)
			dovetail.MorphOne(t.related, "note", notes, key, value)
		}),
		morphed("links_no_key", invalid, links(value, tag)),
		morphed("links_no_value", invalid, links(key, tag)),
		morphed("links_no_foreign_key", invalid, links(key, value)),
		morphed("links_through_keys", invalid, links(key, value, dovetail.ThroughKeys("item_id", "level"))),
		morphed("links_foreign_key_is_the_id", invalid, links(key, value, dovetail.ForeignKey("item_id"))),
		morphed("links_foreign_key_unknown", invalid, links(key, value, dovetail.ForeignKey("levl"))).saying(`"level"`),
		morphed("links_orphans", invalid, links(key, value, tag, dovetail.DeleteOrphans())).saying("DeleteOrphans"),
		morphed("links_set_null", invalid, links(key, value, tag, dovetail.OnDelete(dovetail.SetNull))),
		morphed("links_value_of_two", invalid, func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphToMany(t.owners, "more", t.related, notes, key, value, tag)
			dovetail.MorphMany(t.related, "notes", notes, key, value)
		}),
		morphed("links_disagree", invalid, func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphToMany(t.owners, "more", t.related, notes, key, dovetail.MorphValue("ownr"), tag)
			dovetail.MorphTo(notes, "item", key, dovetail.MorphType("owner", t.owners))
		}),
		morphed("links_nil_table", dovetail.ErrUnknownTable, func(t errTables, _ *dovetail.Table[errMorphed]) {
			dovetail.MorphToMany[errOwner, errRelated, errMorphed](t.owners, "more", t.related, nil, key, value, tag)
		}),
		morphed("value_is_no_type", invalid, many(key, dovetail.MorphValue(1.5))),
		morphed("type_is_no_text", invalid, many(dovetail.MorphKey("level", "item_id"), value)),
		morphed("value_is_an_integer", invalid, many(key, dovetail.MorphValue(1))),
		morphed("other_types", invalid, many(key, value, dovetail.MorphOthers())),
		morphed("references_unknown", invalid, many(key, value, dovetail.References("code"))).saying(`"code"`),
		morphed("to_references", invalid, to(key, dovetail.MorphType[errOwner]("owner", nil), dovetail.References("id"))),
		morphed("to_type_options", invalid, func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphTo(notes, "item", key, dovetail.MorphType("owner", t.owners, dovetail.ForeignKey("id")))
		}),
		morphed("to_references_disagree", invalid, func(t errTables, notes *dovetail.Table[errMorphed]) {
			dovetail.MorphMany(t.related, "notes", notes, key, value, dovetail.References("owner_id"))
			dovetail.MorphTo(notes, "item", key, dovetail.MorphType("owner", t.related))
		}),
		hasMany("morph_options", invalid, dovetail.ForeignKey("owner_id"), value),
		misdeclared("morph_field_is_a_row", invalid, func(t errTables) {
			rows := dovetail.NewTable[errMorphedRow](t.registry, "rows")
			dovetail.MorphTo(rows, "item", key, dovetail.MorphType("owner", t.owners))
		}).saying("any"),
		misdeclared("morph_inverse_by_value", invalid, func(t errTables) {
			rows := dovetail.NewTable[errMorphedValue](t.registry, "rows")
			dovetail.MorphMany(t.owners, "rows", rows, key, value, dovetail.Inverse("owner"))
		}).saying("may be missing"),
		misdeclared("morph_field_not_implemented", invalid, func(t errTables) {
			rows := dovetail.NewTable[errMorphedNamed](t.registry, "rows")
			dovetail.MorphTo(rows, "item", key, dovetail.MorphType("owner", t.owners))
		}).saying("any"),
	}
}

// ruleQueryErrorCases use declared rules and matching conditions wrongly.
func ruleQueryErrorCases() []errorCase {
	remarks, relation, invalid := dovetail.Select(models.Remarks), dovetail.ErrUnknownRelation, dovetail.ErrInvalidQuery
	with := func(q dovetail.AnyQuery) renderable {
		return dovetail.Select(models.Articles).Has("remarks", dovetail.Matching(q))
	}
	called := func(name string, is error, value any) errorCase {
		return errorCase{name: name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
			_, err := remarks.Where(sq.Eq{"id": dovetail.FromContext(func(context.Context) (any, error) { return value, nil })}).
				All(ctx, &kit.CaptureDB{Speaks: goldenDialects[0]})
			return err
		}}
	}
	return []errorCase{
		failed("unscoped_unknown", relation, remarks.UnscopedAt("autor", "alive")).saying(`"author"`),
		failed("unscoped_unknown_below_morph", relation, remarks.UnscopedAt("item.nothing", "alive")),
		failed("unscoped_empty", relation, remarks.UnscopedAt("", "alive")),
		failed("morph_to_joined", relation, remarks.Join("item")),
		failed("morph_to_in_condition", relation, remarks.Where(sq.Eq{"item.title": "x"})),
		failed("morph_to_with_a_query", dovetail.ErrInvalidRelation, remarks.Preload("item", dovetail.Select(models.Writers))),
		failed("morph_to_with_two_queries", invalid, remarks.Preload("item", dovetail.Select(models.Articles),
			dovetail.Select(models.Articles).Where(sq.Eq{"rank": 1}))),
		failed("morph_to_below_none", relation, remarks.Preload("item.nothing")),
		failed("matching_nil", dovetail.ErrUnknownTable, with(nil)),
		failed("matching_empty", dovetail.ErrUnknownTable, with(dovetail.Query[*models.Remark]{})),
		failed("matching_of_a_mistake", invalid, with(remarks.Limit(-1))),
		failed("matching_with_limit", invalid, with(remarks.Limit(1))).saying("Limit"),
		failed("matching_with_join", invalid, with(remarks.Where(sq.Eq{"id": 1}).Join("author"))).saying("Join"),
		failed("matching_of_another_table", invalid, with(dovetail.Select(models.Writers))).saying(`"writers"`, `"remarks"`),
		failed("matching_names_a_path_in_on", relation, dovetail.Select(models.Writers).Join("articles",
			dovetail.Matching(dovetail.Select(models.Articles).Where(sq.Eq{"writer.name": "x"})))),
		called("context_without_value", invalid, nil),
		called("context_with_a_null", invalid, (*int64)(nil)),
		called("context_with_a_list", invalid, []int64{kit.SecretNumber}),
		called("context_with_no_value", invalid, struct{ Secret string }{kit.SecretText}),
	}
}
