package dovetail_test

import (
	"errors"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// The models of README.md's writes.
type (
	bankAccount struct {
		ID         int64
		Owner      string
		Balance    int64
		Activities []*bankActivity
	}

	bankActivity struct {
		ID           int64
		AccountID    int64
		ActivityType ActivityType
		Amount       int64
		Account      *bankAccount
	}

	bankPaper struct {
		ID      int64
		Title   string
		Authors []dovetail.Linked[bankScholar, bankAuthorship]
	}

	bankScholar struct {
		ID   int64
		Name string
	}

	bankAuthorship struct {
		PaperID   int64
		ScholarID int64
		Role      string
	}
)

// TestReadmeShowsWrites runs the code of README.md that writes.
func TestReadmeShowsWrites(t *testing.T) {
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
	onEach(t, "", func(t *testing.T, d database) {
		ctx, db := t.Context(), d.db
		noError(t, schema.CreateAll(ctx, db))

		account := &Account{Owner: "SpongeBob", Activities: []*Activity{{ActivityType: Deposit, Amount: 500}}}
		err := dovetail.Insert(Accounts, account).With("activities").Exec(ctx, db)
		noError(t, err)
		confEqual(t, "the deposit's account", account.Activities[0].AccountID, account.ID)

		deposit := &Activity{ActivityType: Deposit, Amount: 50, Account: &Account{Owner: "Sandy"}}
		err = dovetail.Insert(Activities, deposit).With("account").Exec(ctx, db)
		noError(t, err)

		n, err := dovetail.Update(Accounts).Set("balance", sq.Expr("balance + ?", 10)).
			Where(dovetail.Has("activities", sq.GtOrEq{"amount": 500})).Exec(ctx, db)
		noError(t, err)
		confEqual(t, "accounts changed", n, 1)
		account.Owner = "SpongeBob SquarePants"
		err = dovetail.Save(ctx, db, Accounts, account, "owner") // that column and no other
		noError(t, err)

		page, editor := &Paper{Title: "On joins"}, &Author{Name: "Codd"}
		noError(t, dovetail.Insert(Papers, page).Exec(ctx, db))
		noError(t, dovetail.Insert(Scholars, editor).Exec(ctx, db))
		_, err = dovetail.LinkWith(ctx, db, PaperAuthors, page, Link{Row: editor, Link: &Authorship{Role: "editor"}})
		noError(t, err)
		diff, err := PaperAuthors.Replace(ctx, db, page) // diff.Removed is the editor
		noError(t, err)
		confEqual(t, "removed", len(diff.Removed), 1)

		n, err = AccountActivities.Unlink(ctx, db, account, account.Activities[0]) // deletes it: an activity needs an account
		noError(t, err)
		confEqual(t, "unlinked", n, 1)

		effects, err := dovetail.Delete(Accounts).Where(sq.Eq{"owner": "Sandy"}).Impact(ctx, db)
		noError(t, err)
		confEqual(t, "effects", len(effects), 2)
		n, err = dovetail.Delete(Accounts).Where(sq.Eq{"owner": "Sandy"}).Exec(ctx, db)
		noError(t, err)
		confEqual(t, "deleted", n, 1)

		err = dovetail.Retry(ctx, db, func(tx dovetail.DB) error {
			account, err := dovetail.Select(Accounts).Get(ctx, tx, account.ID)
			if err != nil {
				return err
			}
			account.Balance -= 5
			return dovetail.Save(ctx, tx, Accounts, account, "balance")
		})
		noError(t, err)
		err = dovetail.Insert(Activities, &Activity{AccountID: 99, ActivityType: Deposit}).Exec(ctx, db)
		var refused *dovetail.ConstraintError
		if d.postgres() && (!errors.As(err, &refused) || refused.Path != "activity.account") {
			t.Errorf("expected the relation, got %v", err)
		}
		left := confAll(t, db, dovetail.Select(Accounts).Preload("activities"))
		if len(left) != 1 || left[0].Owner != "SpongeBob SquarePants" || left[0].Balance != 5 || len(left[0].Activities) != 0 {
			t.Errorf("expected one account without activities, got %+v", left)
		}
	})
}
