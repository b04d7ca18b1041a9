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
		items("scopes_differ_without_a_reason", dovetail.ScopesDiffer("")),
		misdeclared("scope_of_one_binding", invalid, func(t errTables) {
			dovetail.NewTable[errOwner](t.registry, "owners", dovetail.Scope("named", sq.Eq{"name": "x"}))
		}).saying("ScopesDiffer"),
		misdeclared("scope_of_two_bindings", invalid, func(t errTables) {
			dovetail.NewTable[errRelated](t.registry, "items", dovetail.Scope("rule", text))
			dovetail.NewTable[errRelated](t.registry, "items", dovetail.Scope("rule", sq.Eq{"text": "y"}))
		}).saying("ScopesDiffer"),
		failed("unscoped_no_name", query, remarks.Unscoped()).saying(`"alive"`),
		failed("unscoped_no_name_at_a_path", query, articles.UnscopedAt("remarks")).saying(`"alive"`),
		failed("unscoped_empty_name", query, remarks.Unscoped("")).saying(`"alive"`),
		failed("unscoped_unknown_name", query, remarks.Unscoped("alive", "tenant")).saying(`"alive"`),
		failed("unscoped_unknown_name_at_a_path", query, articles.UnscopedAt("topics", "deleted")).saying(`"alive"`),
		failed("unscoped_unknown_name_behind_several", query, remarks.UnscopedAt("item", "deleted")).saying(`"alive"`),
		failed("unscoped_without_scopes", query, dovetail.Select(models.Pictures).Unscoped("alive")),
		failedWrite("scope_of_a_column_from_a_field", dovetail.ErrInvalidRow, func(ctx context.Context, db dovetail.DB) error {
			pages, editor := tenantPages()
			return dovetail.Insert(pages, &errTenantPage{ID: 1, Editor: editor}).Exec(ctx, db)
		}).saying(`"tenant_id"`, "errTenantPage.Editor"),
		failedWrite("scope_of_a_column_from_a_field_with", dovetail.ErrInvalidRow, func(ctx context.Context, db dovetail.DB) error {
			pages, editor := tenantPages()
			return dovetail.Insert(pages, &errTenantPage{ID: 1, Editor: editor}).With("editor").Exec(ctx, db)
		}).saying(`"tenant_id"`, `"pages.editor"`).without("zero"),
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

type errTenantPage struct {
	TenantID int64
	ID       int64
	EditorID int64
	Editor   *errTenantEditor
}

type errTenantEditor struct {
	TenantID int64
	ID       int64
}

// tenantPages are pages of one tenant, and an editor of another.
func tenantPages() (*dovetail.Table[errTenantPage], *errTenantEditor) {
	r := dovetail.NewRegistry()
	key := dovetail.PrimaryKey("tenant_id", "id")
	pages := dovetail.NewTable[errTenantPage](r, "pages", key, dovetail.Scope("tenant", sq.Eq{"tenant_id": 7}))
	editors := dovetail.NewTable[errTenantEditor](r, "editors", key)
	dovetail.BelongsTo(pages, "editor", editors, dovetail.ForeignKey("tenant_id", "editor_id"))
	return pages, &errTenantEditor{TenantID: 8, ID: 3}
}

// failedWrite is a case of a call that writes.
func failedWrite(name string, is error, call func(context.Context, dovetail.DB) error) errorCase {
	return errorCase{name: name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
		return call(ctx, &kit.CaptureDB{Speaks: goldenDialects[0]})
	}}
}
