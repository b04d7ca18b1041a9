package dovetail_test

import (
	"errors"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The models of the writes of README.md and docs/writes.md.

type bankAccount struct {
	ID         int64
	Owner      string
	Balance    int64
	Activities []*bankActivity
}

type bankActivity struct {
	ID           int64
	AccountID    int64
	ActivityType models.ActivityType
	Amount       int64
	Account      *bankAccount
}

type bankPaper struct {
	ID      int64
	Title   string
	Authors []dovetail.Linked[bankScholar, bankAuthorship]
}

type bankScholar struct {
	ID   int64
	Name string
}

type bankAuthorship struct {
	PaperID   int64
	ScholarID int64
	Role      string
}

// TestPagesShowWrites runs the code of the pages that writes.
func TestPagesShowWrites(t *testing.T) {
	t.Parallel()
	type (
		Account    = bankAccount
		Activity   = bankActivity
		Paper      = bankPaper
		Author     = bankScholar
		Authorship = bankAuthorship
		Link       = dovetail.Linked[bankScholar, bankAuthorship]
	)
	schema := dovetail.NewRegistry()
	Accounts := dovetail.NewTable[Account](schema, "accounts")
	Activities := dovetail.NewTable[Activity](schema, "activity")
	AccountActivities := dovetail.HasMany(Accounts, "activities", Activities, dovetail.ForeignKey("account_id"),
		dovetail.Inverse("account"), dovetail.OnDelete(dovetail.Cascade), dovetail.DeleteOrphans())
	Papers := dovetail.NewTable[Paper](schema, "papers")
	Scholars := dovetail.NewTable[Author](schema, "scholars")
	Authorships := dovetail.NewTable[Authorship](schema, "authorships", dovetail.PrimaryKey("paper_id", "scholar_id"))
	PaperAuthors := dovetail.ManyToMany(Papers, "authors", Scholars, Authorships, dovetail.ThroughKeys("paper_id", "scholar_id"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ctx, db := t.Context(), d.DB
		kit.NoError(t, schema.CreateAll(ctx, db))

		account := &Account{Owner: "SpongeBob", Activities: []*Activity{{ActivityType: models.Deposit, Amount: 500}}}
		err := dovetail.Insert(Accounts, account).With("activities").Exec(ctx, db)
		kit.NoError(t, err)
		kit.Equal(t, "the deposit's account", account.Activities[0].AccountID, account.ID)

		deposit := &Activity{ActivityType: models.Deposit, Amount: 50, Account: &Account{Owner: "Sandy"}}
		err = dovetail.Insert(Activities, deposit).With("account").Exec(ctx, db)
		kit.NoError(t, err)

		n, err := dovetail.Update(Accounts).Set("balance", sq.Expr("balance + ?", 10)).
			Where(dovetail.Has("activities", sq.GtOrEq{"amount": 500})).Exec(ctx, db)
		kit.NoError(t, err)
		kit.Equal(t, "accounts changed", n, 1)
		account.Owner = "SpongeBob SquarePants"
		err = dovetail.Save(ctx, db, Accounts, account, "owner") // that column and no other
		kit.NoError(t, err)
		other := &Account{Owner: "Sandy"}
		kit.NoError(t, dovetail.Insert(Accounts, other).Exec(ctx, db))
		account.Balance, other.Balance = 5, 7
		err = dovetail.SaveAll(ctx, db, Accounts, []*Account{account, other}, "balance")
		kit.NoError(t, err)
		account.Balance = 10 // as it was
		kit.NoError(t, dovetail.SaveAll(ctx, db, Accounts, []*Account{account}, "balance"))
		kit.NoError(t, dovetail.DeleteRows(ctx, db, Accounts, other))

		page, editor := &Paper{Title: "On joins"}, &Author{Name: "Codd"}
		kit.NoError(t, dovetail.Insert(Papers, page).Exec(ctx, db))
		kit.NoError(t, dovetail.Insert(Scholars, editor).Exec(ctx, db))
		_, err = dovetail.LinkWith(ctx, db, PaperAuthors, page, Link{Row: editor, Link: &Authorship{Role: "editor"}})
		kit.NoError(t, err)
		diff, err := PaperAuthors.Replace(ctx, db, page) // diff.Removed is the editor
		kit.NoError(t, err)
		kit.Equal(t, "removed", len(diff.Removed), 1)

		{
			const Withdrawal = models.Withdrawal
			account, deposit := deposit.Account, deposit
			deposit.Amount = 60
			diff, err := AccountActivities.Sync(ctx, db, account, deposit, &Activity{ActivityType: Withdrawal, Amount: 5})
			kit.NoError(t, err)
			kit.Equal(t, "added and changed", len(diff.Added)+10*len(diff.Changed), 11)
		}
		n, err = AccountActivities.Unlink(ctx, db, account, account.Activities[0]) // deletes it: an activity needs an account
		kit.NoError(t, err)
		kit.Equal(t, "unlinked", n, 1)

		effects, err := dovetail.Delete(Accounts).Where(sq.Eq{"owner": "Sandy"}).Impact(ctx, db)
		kit.NoError(t, err)
		kit.Equal(t, "effects", len(effects), 2)
		n, err = dovetail.Delete(Accounts).Where(sq.Eq{"owner": "Sandy"}).Exec(ctx, db)
		kit.NoError(t, err)
		kit.Equal(t, "deleted", n, 1)

		err = dovetail.Retry(ctx, db, func(tx dovetail.DB) error {
			account, err := dovetail.Select(Accounts).Get(ctx, tx, account.ID)
			if err != nil {
				return err
			}
			account.Balance -= 5
			return dovetail.Save(ctx, tx, Accounts, account, "balance")
		})
		kit.NoError(t, err)
		err = dovetail.Insert(Activities, &Activity{AccountID: 99, ActivityType: models.Deposit}).Exec(ctx, db)
		var refused *dovetail.ConstraintError
		if d.Postgres() && (!errors.As(err, &refused) || refused.Path != "activity.account") {
			t.Errorf("expected the relation, got %v", err)
		}
		left := kit.All(t, db, dovetail.Select(Accounts).Preload("activities"))
		if len(left) != 1 || left[0].Owner != "SpongeBob SquarePants" || left[0].Balance != 5 || len(left[0].Activities) != 0 {
			t.Errorf("expected one account without activities, got %+v", left)
		}
	})
}

// TestPagesShowTransactions runs the code of the pages that writes by several calls, or none of them.
func TestPagesShowTransactions(t *testing.T) {
	t.Parallel()
	type (
		Account  = bankAccount
		Activity = bankActivity
	)
	const Withdrawal = models.Withdrawal
	schema := dovetail.NewRegistry()
	Accounts := dovetail.NewTable[Account](schema, "accounts", dovetail.Unique("owner"))
	Activities := dovetail.NewTable[Activity](schema, "activity", dovetail.Check("amount < 100"))
	dovetail.HasMany(Accounts, "activities", Activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ctx, db := t.Context(), d.DB
		kit.NoError(t, schema.CreateAll(ctx, db))
		account := &Account{Owner: "Sandy", Balance: 50}
		err := dovetail.Insert(Accounts, account).Exec(ctx, db)
		kit.NoError(t, err)

		err = db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			withdrawal := &Activity{AccountID: account.ID, ActivityType: Withdrawal, Amount: 5}
			if err := dovetail.Insert(Activities, withdrawal).Exec(ctx, tx); err != nil {
				return err // what the transaction has done is undone
			}
			_, err := dovetail.Update(Accounts).Set("balance", sq.Expr("balance - ?", withdrawal.Amount)).
				Where(sq.Eq{"id": account.ID}).Exec(ctx, tx)
			return err
		})
		kit.NoError(t, err)
		expectBank(t, db, Accounts, "Sandy", 45, 1)

		// The second call of a transaction fails, and undoes the first.
		err = db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			if _, err := dovetail.Update(Accounts).Set("balance", 0).All().Exec(ctx, tx); err != nil {
				return err
			}
			return dovetail.Insert(Activities, &Activity{AccountID: account.ID, Amount: 100}).Exec(ctx, tx)
		})
		var refused *dovetail.ConstraintError
		if !errors.As(err, &refused) {
			t.Errorf("expected the check to refuse the activity, got %v", err)
		}
		expectBank(t, db, Accounts, "Sandy", 45, 1)

		err = db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			var refused *dovetail.ConstraintError
			err := tx.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
				return dovetail.Insert(Accounts, &Account{Owner: "Sandy"}).Exec(ctx, tx)
			})
			if errors.As(err, &refused) { // there is one already
				_, err = dovetail.Update(Accounts).Set("balance", 0).Where(sq.Eq{"owner": "Sandy"}).Exec(ctx, tx)
			}
			return err
		})
		kit.NoError(t, err)
		expectBank(t, db, Accounts, "Sandy", 0, 1)
	})
}

// expectBank fails the test unless there is one account, with this balance and number of activities.
func expectBank(
	t *testing.T, db dovetail.DB, accounts *dovetail.Table[bankAccount], owner string, balance int64, activities int,
) {
	t.Helper()
	left := kit.All(t, db, dovetail.Select(accounts).Preload("activities"))
	if len(left) != 1 || left[0].Owner != owner || left[0].Balance != balance || len(left[0].Activities) != activities {
		t.Errorf("expected the account of %s with %d and %d activities, got %+v", owner, balance, activities, left)
	}
}
