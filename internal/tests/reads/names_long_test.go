package reads_test

import (
	"context"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// longNames are names that nobody reads to their end.
func longNames() map[string]string {
	long := strings.Repeat("ñame", 1<<12)
	return map[string]string{
		"a name": long, "a path": long + "." + long, "a path of many": strings.Repeat("a.", 1<<12) + "a", "below a relation": "activities." + long,
		"above a column": long + ".id", "a condition": "activities." + long + " = 1", "an order": long + " DESC",
	}
}

// TestMessagesAreShortWhateverTheNames asks for, writes and declares things by long names.
func TestMessagesAreShortWhateverTheNames(t *testing.T) {
	t.Parallel()
	db := kit.SQLiteDB(t, "").DB
	for name, given := range longNames() {
		for of, call := range longCalls(given) {
			err := call(t.Context(), db)
			if err == nil {
				t.Errorf("%s in %s: expected an error, got none", name, of)
				continue
			}
			if n := len(err.Error()); n > 2000 {
				t.Errorf("%s in %s: expected a short message, got %d bytes: %.300s", name, of, n, err)
			}
		}
	}
}

func longCalls(given string) map[string]func(context.Context, dialect.DB) error {
	calls := map[string]func(context.Context, dialect.DB) error{}
	accounts, acc := dovetail.Select(models.Accounts), &models.Account{ID: 1}
	for of, q := range map[string]dovetail.Query[*models.Account]{
		"Where": accounts.Where(squirrel.Eq{given: 1}), "text": accounts.Where("accounts." + given), "Join": accounts.Join(given), "Has": accounts.Has(given),
		"Preload": accounts.Preload(given), "Fetch": accounts.Fetch(given), "OrderBy": accounts.OrderBy(given), "Columns": accounts.Columns(given),
		"GroupBy": accounts.GroupBy(given), "Count": accounts.With(dovetail.Count(given)), "Sum": accounts.With(dovetail.Sum(given)),
		"Unscoped": accounts.Unscoped(given), "UnscopedAt": accounts.UnscopedAt(given, given), "PreloadTree": accounts.PreloadTree(given, 2),
		"an order of a preload": accounts.Preload("activities", dovetail.Select(models.Activities).OrderBy(given)),
		"Contains":              accounts.Where(dovetail.Contains(given, "x")), "Fetch twice": accounts.Fetch(given).Fetch(given),
	} {
		calls[of] = func(ctx context.Context, db dialect.DB) error { _, err := q.All(ctx, db); return err }
	}
	calls["Insert With"] = dovetail.Insert(models.Accounts, acc).With(given).Exec
	calls["Insert Only"] = dovetail.Insert(models.Accounts, acc).Only(given).Exec
	calls["Upsert"] = dovetail.Upsert(models.Accounts, acc).OnConflict(given).Exec
	calls["Upsert Set"] = dovetail.Upsert(models.Accounts, acc).Set(given).Exec
	calls["Save"] = func(ctx context.Context, db dialect.DB) error {
		return dovetail.Save(ctx, db, models.Accounts, acc, given)
	}
	calls["Set"] = func(ctx context.Context, db dialect.DB) error {
		_, err := dovetail.Update(models.Accounts).Set(given, 1).All().Exec(ctx, db)
		return err
	}
	calls["Rows"] = func(context.Context, dialect.DB) error {
		_, err := dovetail.Rows(models.Accounts, map[string]any{given: 1})
		return err
	}
	calls["Load"] = func(ctx context.Context, db dialect.DB) error {
		return dovetail.Load(ctx, db, models.Accounts, []*models.Account{acc}, given)
	}
	for of, declare := range map[string]func(*dovetail.Registry, *dovetail.Table[models.Account], *dovetail.Table[models.Activity]){
		"PrimaryKey": func(r *dovetail.Registry, _ *dovetail.Table[models.Account], _ *dovetail.Table[models.Activity]) {
			dovetail.NewTable[models.Author](r, "authors", dovetail.PrimaryKey(given))
		},
		"ForeignKey": func(_ *dovetail.Registry, owner *dovetail.Table[models.Account], related *dovetail.Table[models.Activity]) {
			dovetail.HasMany(owner, "activities", related, dovetail.ForeignKey(given))
		},
		"a relation": func(_ *dovetail.Registry, owner *dovetail.Table[models.Account], related *dovetail.Table[models.Activity]) {
			dovetail.HasMany(owner, given, related, dovetail.ForeignKey("nothing"))
		},
		"Inverse": func(_ *dovetail.Registry, owner *dovetail.Table[models.Account], related *dovetail.Table[models.Activity]) {
			dovetail.HasMany(owner, "activities", related, dovetail.ForeignKey("account_id"), dovetail.Inverse(given))
		},
		"Field": func(_ *dovetail.Registry, owner *dovetail.Table[models.Account], related *dovetail.Table[models.Activity]) {
			dovetail.HasMany(owner, "activities", related, dovetail.ForeignKey("account_id"), dovetail.Field(given))
		},
		"a path through": func(_ *dovetail.Registry, owner *dovetail.Table[models.Account], related *dovetail.Table[models.Activity]) {
			dovetail.HasManyThrough(owner, "activities", related, given)
		},
		"a Scope": func(r *dovetail.Registry, _ *dovetail.Table[models.Account], _ *dovetail.Table[models.Activity]) {
			dovetail.NewTable[models.Author](r, "authors", dovetail.Scope(given, squirrel.Eq{given: 1}))
		},
	} {
		calls[of] = func(context.Context, dialect.DB) error {
			r := dovetail.NewRegistry()
			declare(r, dovetail.NewTable[models.Account](r, "accounts"), dovetail.NewTable[models.Activity](r, "activity"))
			return r.Validate()
		}
	}
	return calls
}
