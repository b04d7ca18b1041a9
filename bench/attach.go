package main

// ATTACH: what those who relate rows by hand have in common.

func accountIDs(accounts []*Account) []int64 {
	ids := make([]int64, len(accounts))
	for i, a := range accounts {
		ids[i] = a.ID
	}
	return ids
}

// byKey puts each related row where its owner's key says.
func byKey[O, R any](owners []*O, key func(*O) int64, related []*R, owner func(*R) int64, add func(*O, *R)) {
	at := make(map[int64]*O, len(owners))
	for _, o := range owners {
		at[key(o)] = o
	}
	for _, r := range related {
		add(at[owner(r)], r)
	}
}

func accountID(a *Account) int64 { return a.ID }

// branchIDs returns the keys of the accounts' branches, each once.
func branchIDs(accounts []*Account) []int64 {
	seen := map[int64]bool{}
	var ids []int64
	for _, a := range accounts {
		if !seen[a.BranchID] {
			seen[a.BranchID] = true
			ids = append(ids, a.BranchID)
		}
	}
	return ids
}

func giveBranches(accounts []*Account, branches []*Branch) {
	at := make(map[int64]*Branch, len(branches))
	for _, b := range branches {
		at[b.ID] = b
	}
	for _, a := range accounts {
		a.Branch = at[a.BranchID]
	}
}

func branchIDsOf(branches []*Branch) []int64 {
	ids := make([]int64, len(branches))
	for i, b := range branches {
		ids[i] = b.ID
	}
	return ids
}

func giveAccounts(branches []*Branch, accounts []*Account) {
	byKey(branches, func(b *Branch) int64 { return b.ID }, accounts, func(a *Account) int64 { return a.BranchID },
		func(b *Branch, a *Account) { b.Accounts = append(b.Accounts, a) })
}

func giveActivities(accounts []*Account, activities []*Activity) {
	byKey(accounts, accountID, activities, func(a *Activity) int64 { return a.AccountID },
		func(o *Account, a *Activity) { o.Activities = append(o.Activities, a) })
}

func giveCards(accounts []*Account, cards []*Card) {
	byKey(accounts, accountID, cards, func(c *Card) int64 { return c.AccountID }, func(a *Account, c *Card) { a.Cards = append(a.Cards, c) })
}

// giveBack sets the account of each activity.
func giveBack(accounts []*Account) {
	for _, a := range accounts {
		for _, activity := range a.Activities {
			activity.Account = a
		}
	}
}

// rooted puts categories below their parents and returns those that have none.
func rooted(all []*Category) []*Category {
	at := make(map[int64]*Category, len(all))
	for _, c := range all {
		c.Children = []*Category{}
		at[c.ID] = c
	}
	var roots []*Category
	for _, c := range all {
		if c.ParentID == nil {
			roots = append(roots, c)
		} else {
			at[*c.ParentID].Children = append(at[*c.ParentID].Children, c)
		}
	}
	return roots
}

// takenCourse and wornTag are rows with the key of the one they are linked to.
type (
	takenCourse struct {
		Course
		StudentID int64
	}
	wornTag struct {
		Tag
		AccountID int64
	}
)

func studentIDs(students []*Student) []int64 {
	ids := make([]int64, len(students))
	for i, s := range students {
		ids[i] = s.ID
	}
	return ids
}

func giveCourses(students []*Student, taken []*takenCourse) {
	byKey(students, func(s *Student) int64 { return s.ID }, taken, func(t *takenCourse) int64 { return t.StudentID },
		func(s *Student, t *takenCourse) { s.Courses = append(s.Courses, &t.Course) })
}

func giveTags(accounts []*Account, worn []*wornTag) {
	byKey(accounts, accountID, worn, func(w *wornTag) int64 { return w.AccountID },
		func(a *Account, w *wornTag) { a.Tags = append(a.Tags, &w.Tag) })
}
