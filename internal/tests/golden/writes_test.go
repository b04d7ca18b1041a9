package golden_test

import (
	"context"
	"fmt"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// goldenWrites has the first statements of writes, with rows that the database takes.
func goldenWrites() []goldenCase {
	account := func(id int64, email string) *models.Account {
		return &models.Account{ID: id, Owner: "Sandy", Email: email, CreatedAt: goldenTime}
	}
	enrollment := func(student, course int64) *models.Enrollment {
		return &models.Enrollment{StudentID: student, CourseID: course, EnrolledOn: goldenTime}
	}
	accounts, activities := dovetail.Update(models.Accounts), dovetail.Update(models.Activities)
	run := func(name string, write func(ctx context.Context, db dovetail.DB) error) goldenCase {
		return goldenCase{name: "write_" + name, call: write}
	}
	exec := func(name string, write interface {
		Exec(context.Context, dovetail.DB) (int64, error)
	}) goldenCase {
		return run(name, func(ctx context.Context, db dovetail.DB) error {
			_, err := write.Exec(ctx, db)
			return err
		})
	}
	sue := &models.Student{ID: 1}
	return []goldenCase{
		run("insert", dovetail.Insert(models.Accounts, account(9001, "9001")).Exec),
		run("insert_several", dovetail.Insert(models.Accounts, account(9002, "9002"), account(9003, "9003")).Exec),
		run("insert_only", dovetail.Insert(models.Accounts, account(9004, "9004")).Only("owner", "email", "created_at").Exec),
		exec("update", accounts.Set("owner", "Sandy").Where(sq.Eq{"id": 1})),
		exec("update_expression", accounts.Set("balance", sq.Expr("balance + ?", 5)).Where(sq.Eq{"owner": "Sandy"})),
		exec("update_null", dovetail.Update(models.Enrollments).Set("grade", nil).Where(sq.NotEq{"grade": nil})),
		exec("update_all", accounts.Set("balance", 0).All()),
		exec("update_along_a_path", activities.Set("amount", 1).Where(sq.Eq{"account.owner": "Sandy"})),
		exec("update_by_related_rows", accounts.Set("balance", 1).Where(dovetail.Has("activities", sq.Gt{"amount": 700}))),
		exec("update_subquery", accounts.Set("balance", dovetail.Select(models.Activities).Columns().Column("count(*)")).Where("owner = ?", "x")),
		run("update_returning", func(ctx context.Context, db dovetail.DB) error {
			_, err := accounts.Set("balance", 2).Where(sq.Eq{"id": 2}).Returning(ctx, db)
			return err
		}),
		run("link_symmetric", func(ctx context.Context, db dovetail.DB) error {
			_, err := models.Neighbours.Link(ctx, db, &models.Nation{ID: 1}, &models.Nation{ID: 2})
			return err
		}),
		run("unlink_symmetric", func(ctx context.Context, db dovetail.DB) error {
			_, err := models.Partners.Unlink(ctx, db, &models.Nation{ID: 1}, &models.Nation{ID: 2})
			return err
		}),
		run("save", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Save(ctx, db, models.Accounts, account(1, "x"), "owner", "balance")
		}),
		run("save_all", func(ctx context.Context, db dovetail.DB) error {
			known(db, "accounts", "id bigint", "owner text", "balance bigint")
			return dovetail.SaveAll(ctx, db, models.Accounts, []*models.Account{account(2, "x"), account(1, "y")}, "owner", "balance")
		}),
		run("save_all_as_arrays", func(ctx context.Context, db dovetail.DB) error {
			known(db, "accounts", "id bigint", "owner text", "balance bigint")
			return dovetail.SaveAll(ctx, db, models.Accounts, accountsFrom(account, 1, 17), "owner", "balance")
		}),
		run("insert_as_arrays", func(ctx context.Context, db dovetail.DB) error {
			known(db, "accounts", "id bigint", "owner text", "email text", "balance bigint", "created_at timestamp with time zone")
			return dovetail.Insert(models.Accounts, accountsFrom(account, 9101, 17)...).Exec(ctx, db)
		}),
		run("refresh", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Refresh(ctx, db, models.Enrollments, enrollment(1, 1), enrollment(1, 2))
		}),
		run("upsert", dovetail.Upsert(models.Accounts, account(9005, "9005")).OnConflict("email").Set("owner", "balance").Exec),
		run("upsert_several", dovetail.Upsert(models.Accounts, account(9007, "9007"), account(9008, "9008")).OnConflict("id").Set("owner").Exec),
		run("upsert_expression", dovetail.Upsert(models.Accounts, account(9009, "9009")).OnConflict("email").
			SetExpr("balance", "self.balance + excluded.balance + ?", 5).Exec),
		run("upsert_nothing", dovetail.Upsert(models.Accounts, account(9006, "9006")).OnConflict("email").Exec),
		exec("delete", dovetail.Delete(models.Activities).Where(sq.Eq{"id": 4711})),
		exec("delete_along_a_path", dovetail.Delete(models.Activities).Where(sq.Eq{"account.owner": "nobody"})),
		exec("delete_what_is_pointed_at", dovetail.Delete(models.Accounts).Where(sq.Eq{"owner": "nobody"})),
		run("delete_returning", func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(models.Activities).Where(sq.Eq{"id": 4711}).Returning(ctx, db)
			return err
		}),
		run("delete_impact", func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(models.Accounts).Where(sq.Eq{"owner": "Sandy"}).Impact(ctx, db)
			return err
		}),
		run("delete_rows", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, models.Activities, &models.Activity{ID: 4711}, &models.Activity{ID: 4712})
		}),
		run("delete_rows_by_several_columns", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.DeleteRows(ctx, db, models.Enrollments, enrollment(1, 4711), enrollment(2, 4711))
		}),
		run("link", func(ctx context.Context, db dovetail.DB) error {
			_, err := models.PostsTags.Link(ctx, db, &models.Post{ID: 1}, &models.Tag{ID: 2}, &models.Tag{ID: 1})
			return err
		}),
		run("unlink", func(ctx context.Context, db dovetail.DB) error {
			_, err := models.StudentCourses.Unlink(ctx, db, sue, &models.Course{ID: 7}, &models.Course{ID: 8})
			return err
		}),
		run("unlink_all", func(ctx context.Context, db dovetail.DB) error {
			_, err := models.StudentCourses.UnlinkAll(ctx, db, &models.Student{ID: 4711})
			return err
		}),
		run("replace_locks_the_owner", func(ctx context.Context, db dovetail.DB) error {
			_, err := models.StudentCourses.Replace(ctx, db, sue)
			return err
		}),
	}
}

// known has the catalog of PostgreSQL's handles know the types of columns, as a live one does once it has been asked.
func known(db dovetail.DB, table string, columns ...string) {
	if db.Dialect().Name() != "postgres" {
		return
	}
	for _, c := range columns {
		name, typ, _ := strings.Cut(c, " ")
		db.Catalog().SetKeyType(dialect.ColumnRef{Table: table, Column: name}, dialect.KeyType{SQL: typ})
	}
}

// accountsFrom makes accounts with keys that follow each other.
func accountsFrom(account func(id int64, email string) *models.Account, first int64, n int) []*models.Account {
	rows := make([]*models.Account, n)
	for i := range rows {
		id := first + int64(i)
		rows[i] = account(id, fmt.Sprint(id))
	}
	return rows
}

// synced makes the rows of an owner these.
func synced[P, C any](along *dovetail.ToMany[*P, *C], owner *P, rows ...*C) func(context.Context, dovetail.DB) error {
	return func(ctx context.Context, db dovetail.DB) error {
		_, err := along.Sync(ctx, db, owner, rows...)
		return err
	}
}

// writeErrorCases are mistakes of writes that are found before any statement.
func writeErrorCases() []errorCase {
	row, invalid, kind := dovetail.ErrInvalidRow, dovetail.ErrInvalidQuery, dovetail.ErrArgType
	column, relation := dovetail.ErrUnknownColumn, dovetail.ErrUnknownRelation
	run := func(name string, is error, write func(ctx context.Context, db dovetail.DB) error) errorCase {
		return errorCase{name: "write_" + name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
			return write(ctx, &kit.CaptureDB{Speaks: postgres.Dialect})
		}}
	}
	exec := func(name string, is error, write interface {
		Exec(context.Context, dovetail.DB) (int64, error)
	}) errorCase {
		return run(name, is, func(ctx context.Context, db dovetail.DB) error {
			_, err := write.Exec(ctx, db)
			return err
		})
	}
	save := func(name string, is error, account *models.Account, columns ...string) errorCase {
		return run(name, is, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Save(ctx, db, models.Accounts, account, columns...)
		})
	}
	one := sq.Eq{"id": kit.SecretNumber}
	accounts, insert := dovetail.Update(models.Accounts), dovetail.Insert(models.Accounts, &models.Account{Owner: kit.SecretText})
	hen, egg := &written.Hen{}, &written.Egg{}
	hen.Egg, egg.Hen = egg, hen
	shared := &written.Activity{Kind: kit.SecretText}
	return []errorCase{
		run("insert_nil", row, dovetail.Insert(models.Accounts, &models.Account{}, nil).Exec),
		run("insert_empty_table", dovetail.ErrUnknownTable, dovetail.Insert(new(dovetail.Table[models.Account])).Exec),
		run("upsert_empty_table", dovetail.ErrUnknownTable, dovetail.Upsert(new(dovetail.Table[models.Account])).Exec),
		run("insert_no_table", dovetail.ErrUnknownTable, dovetail.Insert[models.Account](nil).Exec),
		run("insert_nothing", invalid, dovetail.Insertion[*models.Account]{}.Exec),
		run("insert_with_misspelt", relation, insert.With("activites").Exec),
		run("insert_with_through", dovetail.ErrInvalidRelation, dovetail.Insert(models.Writers, &models.Writer{}).With("topics").Exec),
		run("insert_with_links_of_no_join_table", dovetail.ErrInvalidRelation, insert.WithLinks("activities").Exec),
		run("insert_only_misspelt", column, insert.Only("ownr").Exec),
		run("insert_only_of_a_path_not_inserted", relation, insert.Omit("activities.amount").Exec),
		run("insert_of_another_owner", row, dovetail.Insert(models.Accounts, &models.Account{ID: 1, Activities: []*models.Activity{{AccountID: kit.SecretNumber}}}).
			With("activities").Exec),
		run("insert_of_two_owners", row, dovetail.Insert(written.Accounts, &written.Account{ID: 1, Activities: []*written.Activity{shared}},
			&written.Account{ID: 2, Activities: []*written.Activity{shared}}).With("activities").Exec),
		run("insert_beside_a_row_without_a_key", row, dovetail.Insert(written.Activities, &written.Activity{Account: &written.Account{Owner: kit.SecretText}}).Exec),
		run("insert_of_a_cycle", dovetail.ErrCycle, dovetail.Insert(written.Hens, hen).With("egg.hen").Exec),
		exec("update_without_a_condition", dovetail.ErrMissingWhere, accounts.Set("owner", kit.SecretText)),
		exec("update_by_a_condition_of_every_row", dovetail.ErrMissingWhere, accounts.Set("owner", kit.SecretText).Where(sq.NotEq{"id": nil})),
		exec("update_by_what_may_be_one", dovetail.ErrMissingWhere, accounts.Set("owner", kit.SecretText).Where("abs(?) = 1 OR id = 1", kit.SecretNumber)),
		exec("update_nothing", invalid, accounts.Where(one)),
		exec("update_misspelt", column, accounts.Set("ownr", kit.SecretText).Where(one)),
		exec("update_sql_in_the_name", column, accounts.Set("balance = 1, owner", kit.SecretText).Where(one)),
		exec("update_of_another_kind", kind, accounts.Set("balance", kit.SecretText).Where(one)),
		exec("update_null", invalid, accounts.Set("owner", nil).Where(one)),
		exec("update_twice", invalid, accounts.Set("owner", kit.SecretText).Set("owner", "x").Where(one)),
		exec("update_generated", invalid, dovetail.Update(written.Activities).Set("doubled", kit.SecretNumber).Where(one)),
		exec("update_path_in_the_value", relation, dovetail.Update(models.Activities).Set("amount", sq.Expr("account.balance")).Where(one)),
		exec("delete_without_a_condition", dovetail.ErrMissingWhere, dovetail.Delete(models.Accounts)),
		save("save_nothing", invalid, &models.Account{ID: 1}),
		save("save_nil", row, nil, "owner"),
		save("save_without_a_key", row, &models.Account{Owner: kit.SecretText}, "owner"),
		save("save_the_key", invalid, &models.Account{ID: 1}, "id"),
		save("save_misspelt", column, &models.Account{ID: 1}, "ownr"),
		save("save_twice", invalid, &models.Account{ID: 1}, "owner", "owner"),
		run("sync_with_a_key_that_cannot_be_null", dovetail.ErrInvalidRelation, synced(models.AccountActivities, &models.Account{ID: 1})),
		run("sync_a_many_to_many", dovetail.ErrInvalidRelation, synced(models.StudentCourses, &models.Student{ID: 1})),
		run("sync_a_row_of_another", row, synced(written.EmployeeReports, &written.Employee{ID: 1}, &written.Employee{ID: 2, BossID: new(int64)})),
		run("sync_one_key_twice", row, synced(written.EmployeeReports, &written.Employee{ID: 1}, &written.Employee{ID: 2}, &written.Employee{ID: 2})),
		run("sync_nil", row, synced(written.EmployeeReports, &written.Employee{ID: 1}, nil)),
		run("upsert_without_a_key", invalid, dovetail.Upsert(models.Accounts, &models.Account{}).Exec),
		run("upsert_one_key_twice", row,
			dovetail.Upsert(models.Accounts, &models.Account{Email: kit.SecretText}, &models.Account{Email: kit.SecretText}).OnConflict("email").Exec),
		run("upsert_does_nothing_and_sets", invalid,
			dovetail.Upsert(models.Accounts, &models.Account{Email: "x"}).OnConflict("email").Set("owner").DoNothing().Exec),
		run("upsert_by_an_index_with_an_argument", invalid,
			dovetail.Upsert(models.Accounts, &models.Account{Email: "x"}).OnConflict("email").Where(sq.Eq{"balance": kit.SecretNumber}).Set("owner").Exec),
		run("upsert_expression_misspelt", column,
			dovetail.Upsert(models.Accounts, &models.Account{Email: "x"}).OnConflict("email").SetExpr("balance", "self.balance + excluded.balanc").Exec),
		run("upsert_sets_the_key", invalid, dovetail.Upsert(models.Accounts, &models.Account{Email: "x"}).OnConflict("email").Set("email").Exec),
		{name: "write_rows_of_another_kind", is: []error{kind}, as: "query", make: func(context.Context) error {
			_, err := dovetail.Rows(models.Accounts, map[string]any{"balance": kit.SecretText})
			return err
		}},
	}
}
