package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// scopeErrorCases declare scopes wrongly, and lift what is not there.
func scopeErrorCases() []errorCase {
	invalid, query := dovetail.ErrInvalidRelation, dovetail.ErrInvalidQuery
	items := func(name string, opts ...dovetail.TableOption) errorCase {
		return misdeclared(name, invalid, func(t errTables) { dovetail.NewTable[errRelated](t.registry, "items", opts...) })
	}
	text := sq.Eq{"text": "x"}
	remarks, articles := dovetail.Select(models.Remarks), dovetail.Select(models.Articles)
	return []errorCase{
		items("scope_without_name", dovetail.Scope("", text)),
		items("scope_twice", dovetail.Scope("one", text), dovetail.Scope("one", sq.Eq{"id": 1})).saying(`"one"`),
		items("scope_named_like_the_soft_delete", dovetail.Scope("deleted", text)).saying("SoftDelete"),
		failed("unscoped_no_name", query, remarks.Unscoped()).saying(`"alive"`),
		failed("unscoped_no_name_at_a_path", query, articles.UnscopedAt("remarks")).saying(`"alive"`),
		failed("unscoped_empty_name", query, remarks.Unscoped("")).saying(`"alive"`),
		failed("unscoped_unknown_name", query, remarks.Unscoped("alive", "tenant")).saying(`"alive"`),
		failed("unscoped_unknown_name_at_a_path", query, articles.UnscopedAt("topics", "deleted")).saying(`"alive"`),
		failed("unscoped_unknown_name_behind_several", query, remarks.UnscopedAt("item", "deleted")).saying(`"alive"`),
		failed("unscoped_without_scopes", query, dovetail.Select(models.Pictures).Unscoped("alive")),
		failedWrite("unscoped_update", query, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Update(models.Remarks).Set("body", kit.SecretText).All().Unscoped("tenant").Exec(ctx, db)
			return err
		}).saying(`"alive"`),
		failedWrite("unscoped_delete_at_a_path", query, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(models.Articles).Where(dovetail.Has("remarks")).UnscopedAt("remarks", "tenant").Exec(ctx, db)
			return err
		}).saying(`"alive"`),
	}
}

// failedWrite is a case of a call that writes.
func failedWrite(name string, is error, call func(context.Context, dovetail.DB) error) errorCase {
	return errorCase{name: name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
		return call(ctx, &kit.CaptureDB{Speaks: goldenDialects[0]})
	}}
}
