package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/examples/internal/show"
)

// scene runs one query and prints what comes back.
type scene func(ctx context.Context, db dovetail.DB, w io.Writer) error

var scenes = []scene{join, has, preload, path, shape, explain, mistake}

func join(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "1. Join and Preload",
		"Whose account had a deposit of 750 or more? Each comes once, with its two newest activities.",
		`Select(Accounts).
    Join("activities").
    Where(sq.Eq{"activities.activity_type": Deposit}).
    Where("activities.amount >= ?", 750).
    Distinct().
    OrderBy("id").
    Preload("activities", Select(Activities).OrderBy("created_at DESC").Limit(2)).
    All(ctx, db)`)

	accounts, err := dovetail.Select(Accounts).
		Join("activities").
		Where(sq.Eq{"activities.activity_type": Deposit}).
		Where("activities.amount >= ?", 750).
		Distinct().
		OrderBy("id").
		Preload("activities", dovetail.Select(Activities).OrderBy("created_at DESC").Limit(2)). // 2 for each account
		All(ctx, db)
	if err != nil {
		return err
	}
	printAccounts(w, accounts)
	return nil
}

func has(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "2. Has", "The same accounts without the join: no row is repeated, so none has to be made distinct.",
		`Select(Accounts).
    Has("activities", sq.Eq{"activity_type": Deposit}, sq.GtOrEq{"amount": 750}).
    OrderBy("owner").
    All(ctx, db)`)

	accounts, err := dovetail.Select(Accounts).
		Has("activities", sq.Eq{"activity_type": Deposit}, sq.GtOrEq{"amount": 750}).
		OrderBy("owner").
		All(ctx, db)
	if err != nil {
		return err
	}
	printAccounts(w, accounts)
	return nil
}

func preload(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "3. Preload",
		"All accounts with their activities and the branches of those: one statement for each.\n"+
			"The way back, from an activity to its account, costs none.",
		`Select(Accounts).
    OrderBy("id").
    Preload("activities.branch").
    Preload("activities.account").
    All(ctx, db)`)

	accounts, err := dovetail.Select(Accounts).
		OrderBy("id").
		Preload("activities.branch").
		Preload("activities.account").
		All(ctx, db)
	if err != nil {
		return err
	}
	printAccounts(w, accounts)
	first := accounts[0]
	show.Text(w, fmt.Sprintf("accounts[0].Activities[0].Account == accounts[0]: %t", first.Activities[0].Account == first))
	return nil
}

func path(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "4. Paths",
		"Deposits by the name of their account's owner. A path to one row is joined where it is named,\n"+
			"by a left join when the row may be missing.",
		`Select(Activities).
    Where(sq.Eq{"activity_type": Deposit}).
    OrderBy("account.owner", "branch.city", "amount").
    Preload("account").
    Preload("branch").
    All(ctx, db)`)

	deposits, err := dovetail.Select(Activities).
		Where(sq.Eq{"activity_type": Deposit}).
		OrderBy("account.owner", "branch.city", "amount").
		Preload("account").
		Preload("branch"). // shares its round trip with the preload before it
		All(ctx, db)
	if err != nil {
		return err
	}
	lines := []string{"-- result"}
	for _, d := range deposits {
		lines = append(lines, fmt.Sprintf("%s: %d in %s", d.Account.Owner, d.Amount, d.Branch.City))
	}
	show.Text(w, lines...)
	return nil
}

// totals is no table's struct; Collect fills any shape.
type totals struct {
	City  string
	Total int64
}

func shape(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "5. Any shape", "The sum of each branch's activities. The result is a struct of its own.",
		`q := Select(Branches).
    Join("activities").
    GroupBy("id").
    Columns("city").
    Column("sum(activities.amount) AS total").
    OrderBy("city")
sums, err := Collect[totals](ctx, db, q)`)

	q := dovetail.Select(Branches).
		Join("activities").
		GroupBy("id").
		Columns("city").
		Column("sum(activities.amount) AS total").
		OrderBy("city")
	sums, err := dovetail.Collect[totals](ctx, db, q)
	if err != nil {
		return err
	}
	lines := []string{"-- result"}
	for _, s := range sums {
		lines = append(lines, fmt.Sprintf("%s: %d", s.City, s.Total))
	}
	show.Text(w, lines...)
	return nil
}

func explain(_ context.Context, _ dovetail.DB, w io.Writer) error {
	show.Heading(w, "6. Explain", "What the query of scene 3 does, before it does anything. Nothing is sent.",
		`text, err := Select(Accounts).
    OrderBy("id").
    Preload("activities.branch").
    Preload("activities.account").
    Explain(postgres.Dialect)`)

	text, err := dovetail.Select(Accounts).
		OrderBy("id").
		Preload("activities.branch").
		Preload("activities.account").
		Explain(postgres.Dialect)
	if err != nil {
		return err
	}
	show.Text(w, "-- result", show.Lines(text))
	return nil
}

func mistake(ctx context.Context, db dovetail.DB, w io.Writer) error {
	show.Heading(w, "7. A mistake", "A path is misspelt. It is found before any statement is sent.",
		`_, err := Select(Accounts).Preload("activites").All(ctx, db)`)

	_, err := dovetail.Select(Accounts).Preload("activites").All(ctx, db)
	if !errors.Is(err, dovetail.ErrUnknownRelation) {
		return fmt.Errorf("expected an unknown relation, got %w", err)
	}
	show.Text(w, "-- error", err.Error())
	return nil
}

func printAccounts(w io.Writer, accounts []*Account) {
	lines := []string{"-- result"}
	for _, a := range accounts {
		lines = append(lines, a.Owner)
		for _, act := range a.Activities {
			line := fmt.Sprintf("  %s %d", act.ActivityType, act.Amount)
			if act.Branch != nil {
				line += " in " + act.Branch.City
			}
			lines = append(lines, line)
		}
	}
	show.Text(w, lines...)
}
