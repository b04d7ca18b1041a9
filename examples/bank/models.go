package main

import (
	"time"

	"github.com/dovetail-go/dovetail"
)

// ActivityType says which way the money went.
type ActivityType string

// Deposit and Withdrawal are the types of activity.
const (
	Deposit    ActivityType = "DEP"
	Withdrawal ActivityType = "WD"
)

// Account is a row of accounts.
type Account struct {
	ID         int64
	Owner      string
	Email      string
	Balance    int64
	CreatedAt  time.Time
	Activities []*Activity
}

// Activity is a row of activity. It belongs to an account, and perhaps to a branch.
type Activity struct {
	ID           int64
	AccountID    int64
	BranchID     *int64 // nil: not made at a branch
	ActivityType ActivityType
	Amount       int64
	CreatedAt    time.Time
	Account      *Account
	Branch       *Branch
}

// Branch has no field for the activities made there: a relation needs one only to be loaded.
type Branch struct {
	ID   int64
	City string
}

// The tables and the relations between them.
var (
	Schema     = dovetail.NewRegistry()
	Accounts   = dovetail.NewTable[Account](Schema, "accounts")
	Activities = dovetail.NewTable[Activity](Schema, "activity")
	Branches   = dovetail.NewTable[Branch](Schema, "branches")

	// accounts.activities and activity.account
	AccountActivities = dovetail.HasMany(Accounts, "activities", Activities,
		dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
	// activity.branch and branches.activities
	ActivityBranch = dovetail.BelongsTo(Activities, "branch", Branches,
		dovetail.ForeignKey("branch_id"), dovetail.Inverse("activities"))
)
