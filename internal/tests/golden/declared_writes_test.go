package golden_test

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenDeclaredWrites has the first statements of writes that options of declarations, or of calls, make others.
func goldenDeclaredWrites() []goldenCase {
	type branch struct {
		ID       int64
		ParentID *int64
		Name     string
		Parent   *branch
	}
	type entry struct{ ID, AccountID int64 }
	type account struct {
		ID      int64
		Owner   string
		Entries []*entry
	}
	type node struct {
		ID       int64
		ParentID *int64
		Name     string
		Children []*node
	}
	nodes := dovetail.NewTable[node](dovetail.NewRegistry(), "categories", dovetail.AssignedKey())
	children := dovetail.HasMany(nodes, "children", nodes, dovetail.ForeignKey("parent_id"))
	r := dovetail.NewRegistry()
	branches := dovetail.NewTable[branch](r, "categories", dovetail.AssignedKey())
	parents := dovetail.BelongsTo(branches, "parent", branches, dovetail.ForeignKey("parent_id"), dovetail.Acyclic())
	accounts, entries := dovetail.NewTable[account](r, "accounts"), dovetail.NewTable[entry](r, "activity")
	dovetail.HasMany(accounts, "entries", entries, dovetail.ForeignKey("account_id"), dovetail.OnDelete(dovetail.ByDatabase))
	call := func(name string, write func(ctx context.Context, db dovetail.DB) error) goldenCase {
		return goldenCase{name: "write_" + name, call: write}
	}
	post := &models.Post{ID: 9001, AuthorID: 1, Title: "new", Tags: []*models.Tag{{ID: 1}}}
	return []goldenCase{
		call("acyclic_move", func(ctx context.Context, db dovetail.DB) error {
			_, err := parents.Replace(ctx, db, &branch{ID: 2}, &branch{ID: 1})
			return err
		}),
		call("acyclic_update", func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Update(branches).Set("parent_id", 2).Where(sq.Eq{"id": 4711}).Exec(ctx, db)
			return err
		}),
		call("delete_left_to_the_database", func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(accounts).Where(sq.Eq{"owner": "nobody"}).Exec(ctx, db)
			return err
		}),
		call("sync_locks_the_owner", func(ctx context.Context, db dovetail.DB) error {
			_, err := children.Sync(ctx, db, &node{ID: 1})
			return err
		}),
		call("insert_with_links", dovetail.Insert(models.Posts, post).WithLinks("tags").Exec),
		call("upsert_partial", dovetail.Upsert(models.Accounts, &models.Account{ID: 9011, Owner: "Sandy", Email: "9011", CreatedAt: goldenTime}).
			OnConflict("email").Where("email IS NOT NULL").Set("owner").Exec),
	}
}
