package writes_test

import (
	"context"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

// Relations whose rules give columns a value.

type kAccount struct {
	ID          int64
	Owner       string
	Deposits    []*kEntry
	Withdrawals []*kEntry
	Large       []*kEntry
	Topics      []*kTag
	Tags        []*kTag
}

type kPhoto struct {
	ID   int64
	Tags []*kTag
}

type kEntry struct {
	ID        int64
	AccountID *int64
	Kind      string
	Amount    int64
	LargeID   *int64
	Topic     *kTag
	TopicID   *int64
}

type kTag struct {
	ID   int64
	Kind string
}

type kTagging struct {
	TagID, TaggedID int64
	TaggedType      string
}

type kTables struct {
	accounts            *dovetail.Table[kAccount]
	photos              *dovetail.Table[kPhoto]
	entries             *dovetail.Table[kEntry]
	deposits, large     *dovetail.ToMany[*kAccount, *kEntry]
	accountTags, topics *dovetail.ToMany[*kAccount, *kTag]
	photoTags           *dovetail.ToMany[*kPhoto, *kTag]
	entryTopic          *dovetail.ToOne[*kEntry, *kTag]
	withdrawals         *dovetail.ToMany[*kAccount, *kEntry]
}

func newKTables(more ...dovetail.RelationOption) kTables {
	r := dovetail.NewRegistry()
	t := kTables{
		accounts: dovetail.NewTable[kAccount](r, "accounts"), photos: dovetail.NewTable[kPhoto](r, "photos"),
		entries: dovetail.NewTable[kEntry](r, "entries"),
	}
	tags := dovetail.NewTable[kTag](r, "tags")
	taggings := dovetail.NewTable[kTagging](r, "taggings", dovetail.PrimaryKey("tag_id", "tagged_type", "tagged_id"))
	key, through := dovetail.ForeignKey("account_id"), dovetail.ThroughKeys("tagged_id", "tag_id")
	where := func(column string, value any) dovetail.RelationOption {
		return dovetail.Where(squirrel.Eq{column: value})
	}
	t.deposits = dovetail.HasMany(t.accounts, "deposits", t.entries,
		append(more, key, where("kind", "dep"), dovetail.OnDelete(dovetail.Cascade))...)
	t.withdrawals = dovetail.HasMany(t.accounts, "withdrawals", t.entries, key, where("entries.kind", "wd"), dovetail.OnDelete(dovetail.SetNull))
	t.large = dovetail.HasMany(t.accounts, "large", t.entries, dovetail.ForeignKey("large_id"), dovetail.Where(squirrel.Gt{"amount": 100}))
	t.accountTags = dovetail.ManyToMany(t.accounts, "tags", tags, taggings, through, where("link.tagged_type", "account"))
	t.topics = dovetail.ManyToMany(t.accounts, "topics", tags, taggings, through,
		dovetail.Where(squirrel.And{squirrel.Eq{"link.tagged_type": "account"}, squirrel.Eq{"kind": "topic"}}))
	t.photoTags = dovetail.ManyToMany(t.photos, "tags", tags, taggings, through, where("link.tagged_type", "photo"))
	t.entryTopic = dovetail.BelongsTo(t.entries, "topic", tags, dovetail.ForeignKey("topic_id"), where("self.kind", "topic"))
	return t
}

const kDDL = `
CREATE TABLE accounts (id BIGINT PRIMARY KEY, owner TEXT NOT NULL DEFAULT '');
CREATE TABLE photos (id BIGINT PRIMARY KEY);
CREATE TABLE entries (id BIGINT PRIMARY KEY, account_id BIGINT, kind TEXT NOT NULL, amount BIGINT NOT NULL DEFAULT 1, topic_id BIGINT, large_id BIGINT);
CREATE TABLE tags (id BIGINT PRIMARY KEY, kind TEXT NOT NULL);
CREATE TABLE taggings (tag_id BIGINT NOT NULL, tagged_id BIGINT NOT NULL, tagged_type TEXT NOT NULL, PRIMARY KEY (tag_id, tagged_id, tagged_type));
INSERT INTO accounts (id) VALUES (1), (2);
INSERT INTO photos (id) VALUES (1), (2);
INSERT INTO tags (id, kind) VALUES (1, 'topic'), (2, 'topic'), (3, 'person'), (4, '');
INSERT INTO taggings (tagged_type, tagged_id, tag_id) VALUES ('account', 1, 1), ('account', 1, 3), ('photo', 1, 1), ('photo', 1, 2), ('account', 2, 2);
INSERT INTO entries (id, account_id, kind) VALUES (1, 1, 'dep'), (2, 1, 'wd'), (3, 1, 'fee'), (4, 2, 'dep'), (5, NULL, ''), (6, NULL, 'wd'), (7, 1, '');
`

const (
	kEntries  = "SELECT id || ' ' || coalesce(CAST(account_id AS TEXT), '-') || ' ' || kind FROM entries ORDER BY id"
	kTaggings = "SELECT tagged_type || ' ' || tagged_id || ' ' || tag_id FROM taggings ORDER BY tagged_type, tagged_id, tag_id"
)

// TestDeleteComparesConstantsOfLinks: the join table's rows of other types stay, whichever row has the same key.
func TestDeleteComparesConstantsOfLinks(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kDDL, func(t *testing.T, d kit.Database) {
		tables := newKTables()
		people.Done(t)(dovetail.Delete(tables.photos).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), d.DB))
		people.ExpectLines(t, d, kTaggings, "account 1 1", "account 1 3", "account 2 2")
		people.Done(t)(dovetail.Delete(tables.accounts).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), d.DB))
		people.ExpectLines(t, d, kTaggings, "account 2 2")
	})
}

// TestDeleteComparesConstantsOfRows: each relation's policy is about its own rows, and rows of none are left to the database.
func TestDeleteComparesConstantsOfRows(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kDDL, func(t *testing.T, d kit.Database) {
		tables := newKTables()
		people.Done(t)(dovetail.Delete(tables.accounts).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), d.DB))
		people.ExpectLines(t, d, kEntries, "2 - wd", "3 1 fee", "4 2 dep", "5 - ", "6 - wd", "7 1 ")
	})
	kit.OnEach(t, kDDL, func(t *testing.T, d kit.Database) {
		tables := newKTables()
		dovetail.BelongsTo(tables.entries, "account", tables.accounts, dovetail.ForeignKey("account_id"), dovetail.OnDelete(dovetail.Restrict))
		of := dovetail.Delete(tables.accounts).Where(squirrel.Eq{"id": 1})
		_, err := of.Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrRestricted, `rows of "entries" by relation "entries.account"`)
		d.Exec(t, "DELETE FROM entries WHERE id IN (3, 7)")
		people.Done(t)(of.Exec(t.Context(), d.DB))
		people.ExpectLines(t, d, kEntries, "2 - wd", "4 2 dep", "5 - ", "6 - wd")
	})
}

func TestInsertFillsConstants(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kDDL, func(t *testing.T, d kit.Database) {
		tables, ctx := newKTables(), t.Context()
		one := &kAccount{
			ID: 11, Deposits: []*kEntry{{ID: 11}, {ID: 12, Kind: "dep"}}, Withdrawals: []*kEntry{{ID: 13, Topic: &kTag{ID: 14}}},
			Topics: []*kTag{{ID: 11}}, Tags: []*kTag{{ID: 12}},
		}
		kit.Insert(t, d.DB, dovetail.Insert(tables.accounts, one).With("deposits", "withdrawals.topic", "topics", "tags").Only("deposits.id"))
		if one.Deposits[0].Kind != "dep" || one.Withdrawals[0].Kind != "wd" || one.Topics[0].Kind != "topic" || one.Withdrawals[0].Topic.Kind != "topic" {
			t.Errorf("expected the structs to have the constants, got %+v", one)
		}
		d.Exec(t, "DELETE FROM entries WHERE id < 10; DELETE FROM taggings WHERE tagged_id < 10")
		people.ExpectLines(t, d, kEntries, "11 11 dep", "12 11 dep", "13 11 wd")
		people.ExpectLines(t, d, kTaggings, "account 11 11", "account 11 12")
		people.ExpectLines(t, d, "SELECT id || ' ' || kind FROM tags WHERE id > 10 ORDER BY id", "11 topic", "12 ", "14 topic")

		kit.Insert(t, d.DB, dovetail.Insert(tables.accounts, &kAccount{ID: 15, Topics: []*kTag{{ID: 2}}}).WithLinks("topics"))
		kit.Insert(t, d.DB, dovetail.Insert(tables.entries, &kEntry{ID: 15, Kind: "fee", Topic: &kTag{ID: 2}}))
		for name, test := range map[string]struct {
			insert dovetail.Insertion[*kAccount]
			is     error
			says   string
		}{
			"another value": {dovetail.Insert(tables.accounts, &kAccount{ID: 20, Deposits: []*kEntry{{ID: 21, Kind: "wd"}}}).With("deposits"),
				dovetail.ErrInvalidRow, `relation "accounts.deposits" says what column "kind" of a row of "entries" is`},
			"two relations": {dovetail.Insert(tables.accounts, func() *kAccount {
				e := &kEntry{ID: 21}
				return &kAccount{ID: 20, Deposits: []*kEntry{e}, Withdrawals: []*kEntry{e}}
			}()).With("deposits", "withdrawals"), dovetail.ErrInvalidRow, `column "kind"`},
			"a link to another": {dovetail.Insert(tables.accounts, &kAccount{ID: 20, Topics: []*kTag{{ID: 2}, {ID: 3}}}).WithLinks("topics"),
				dovetail.ErrInvalidRow, `1 of 2 rows is not there, or has other values`},
			"another condition": {dovetail.Insert(tables.accounts, &kAccount{ID: 20, Large: []*kEntry{{ID: 21, Amount: 200}}}).With("large"),
				dovetail.ErrInvalidRelation, `relation "accounts.large": it has a condition that rows written along it need not meet`},
		} {
			err := test.insert.Exec(ctx, d.DB)
			t.Run(name, func(t *testing.T) { kit.Refused(t, err, test.is, test.says) })
		}
		err := dovetail.Insert(tables.entries, &kEntry{ID: 20, Kind: "fee", Topic: &kTag{ID: 3}}).Exec(ctx, d.DB)
		kit.Refused(t, err, dovetail.ErrInvalidRow, `relation "entries.topic"`)
		people.ExpectLines(t, d, "SELECT CAST(id AS TEXT) FROM accounts WHERE id > 10 ORDER BY id", "11", "15")
	})
}

func TestLinkFillsConstants(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kDDL, func(t *testing.T, d kit.Database) {
		tables, ctx, n := newKTables(), t.Context(), people.Done(t)
		account := &kAccount{ID: 1}
		five, seven := &kEntry{ID: 5}, &kEntry{ID: 7}
		if got := n(tables.deposits.Link(ctx, d.DB, account, five, &kEntry{ID: 1}, seven)); got != 2 || five.Kind != "dep" {
			t.Errorf("expected two rows to be linked, got %d, %+v", got, five)
		}
		_, err := tables.deposits.Link(ctx, d.DB, account, &kEntry{ID: 6})
		kit.Refused(t, err, dovetail.ErrInvalidRow, `relation "accounts.deposits" says what column "kind"`)
		_, err = tables.deposits.Move(ctx, d.DB, account, &kEntry{ID: 2})
		kit.Refused(t, err, dovetail.ErrInvalidRow, `column "kind"`)
		_, err = tables.large.Link(ctx, d.DB, account, &kEntry{ID: 5})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, "can only be read along")
		people.ExpectLines(t, d, kEntries, "1 1 dep", "2 1 wd", "3 1 fee", "4 2 dep", "5 1 dep", "6 - wd", "7 1 dep")
		diff, err := tables.deposits.Replace(ctx, d.DB, account, five)
		if err != nil || len(diff.Removed) != 2 || len(diff.Added) != 0 {
			t.Errorf("got %+v, %v", diff, err)
		}
		if got := n(tables.deposits.UnlinkAll(ctx, d.DB, account)); got != 1 {
			t.Errorf("expected the one deposit to be unlinked, got %d", got)
		}
		people.ExpectLines(t, d, kEntries, "1 - dep", "2 1 wd", "3 1 fee", "4 2 dep", "5 - dep", "6 - wd", "7 - dep")
	})
}

// TestAddFillsConstants: rows in hand are given what the relation says, as those in the database would be.
func TestAddFillsConstants(t *testing.T) {
	t.Parallel()
	tables, account := newKTables(), &kAccount{ID: 1}
	entry := &kEntry{ID: 1}
	kit.NoError(t, tables.deposits.Add(account, entry))
	if entry.Kind != "dep" || entry.AccountID == nil || len(account.Deposits) != 1 {
		t.Errorf("expected a deposit, got %+v", entry)
	}
	kit.Refused(t, tables.withdrawals.Add(account, entry), dovetail.ErrInvalidRow, `relation "accounts.withdrawals" says what column "kind"`)
	if len(account.Withdrawals) != 0 {
		t.Error("expected the structs to be as they were")
	}
}

func TestLinkFillsConstantsOfLinks(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kDDL, func(t *testing.T, d kit.Database) {
		tables, ctx, n := newKTables(), t.Context(), people.Done(t)
		account, photo := &kAccount{ID: 1}, &kPhoto{ID: 1}
		if got := n(tables.accountTags.Link(ctx, d.DB, account, &kTag{ID: 1}, &kTag{ID: 2})); got != 1 {
			t.Errorf("expected one new link, got %d", got)
		}
		people.ExpectLines(t, d, kTaggings, "account 1 1", "account 1 2", "account 1 3", "account 2 2", "photo 1 1", "photo 1 2")
		diff, err := tables.photoTags.Replace(ctx, d.DB, photo, &kTag{ID: 2}, &kTag{ID: 3})
		if err != nil || len(diff.Removed) != 1 || len(diff.Added) != 1 {
			t.Errorf("got %+v, %v", diff, err)
		}
		_, err = dovetail.LinkWith(ctx, d.DB, tables.photoTags, photo, dovetail.Linked[kTag, kTagging]{Row: &kTag{ID: 1}, Link: &kTagging{TaggedType: "account"}})
		kit.Refused(t, err, dovetail.ErrInvalidRow, `relation "photos.tags" says what column "tagged_type"`)

		// Rules about the far row: rows that are there are compared, and links to others are let be.
		_, err = tables.topics.Link(ctx, d.DB, account, &kTag{ID: 4})
		kit.Refused(t, err, dovetail.ErrInvalidRow, `"accounts.topics"`, "1 of 1")
		topics, err := tables.topics.Replace(ctx, d.DB, account, &kTag{ID: 2})
		if err != nil || len(topics.Removed) != 1 || len(topics.Added) != 0 || topics.Removed[0].ID != 1 {
			t.Errorf("got %+v, %v", topics, err)
		}
		people.ExpectLines(t, d, kTaggings, "account 1 2", "account 1 3", "account 2 2", "photo 1 2", "photo 1 3")
		n(tables.topics.UnlinkAll(ctx, d.DB, account))
		people.ExpectLines(t, d, kTaggings, "account 1 3", "account 2 2", "photo 1 2", "photo 1 3")
		n(tables.accountTags.UnlinkAll(ctx, d.DB, account))
		people.ExpectLines(t, d, kTaggings, "account 2 2", "photo 1 2", "photo 1 3")
	})
}

// TestReplaceOfOneComparesConstants: what the owner points at and the relation is not about is nothing to it.
func TestReplaceOfOneComparesConstants(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kDDL, func(t *testing.T, d kit.Database) {
		tables, ctx := newKTables(), t.Context()
		topicOf := "SELECT coalesce(CAST(topic_id AS TEXT), '-') FROM entries WHERE id = 1"
		d.Exec(t, "UPDATE entries SET topic_id = 3 WHERE id = 1")
		diff, err := tables.entryTopic.Replace(ctx, d.DB, &kEntry{ID: 1}, nil)
		if err != nil || len(diff.Removed) != 0 {
			t.Errorf("got %+v, %v", diff, err)
		}
		people.ExpectLines(t, d, topicOf, "3")
		_, err = tables.entryTopic.Replace(ctx, d.DB, &kEntry{ID: 1}, &kTag{ID: 4})
		kit.Refused(t, err, dovetail.ErrInvalidRow, `relation "entries.topic"`)
		diff, err = tables.entryTopic.Replace(ctx, d.DB, &kEntry{ID: 1}, &kTag{ID: 2})
		if err != nil || len(diff.Removed) != 0 || len(diff.Added) != 1 {
			t.Errorf("got %+v, %v", diff, err)
		}
		people.ExpectLines(t, d, topicOf, "2")
	})
}

type tenantKey struct{}

func inTenant(ctx context.Context, tenant int64) context.Context {
	return context.WithValue(ctx, tenantKey{}, tenant)
}

// TestScopesAreConstants: a tenant is filled in rows that are inserted and links that are made, refused where it is another's, and
// compared where a delete follows keys.
func TestScopesAreConstants(t *testing.T) {
	t.Parallel()
	type tag struct{ ID, TenantID int64 }
	type tagging struct{ AccountID, TagID, TenantID int64 }
	type entry struct{ ID, TenantID, AccountID int64 }
	type account struct {
		ID, TenantID int64
		Entries      []*entry
		Tags         []*tag
	}
	r := dovetail.NewRegistry()
	scope := dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(func(ctx context.Context) (any, error) {
		return ctx.Value(tenantKey{}), nil
	})})
	accounts, entries := dovetail.NewTable[account](r, "accounts", scope), dovetail.NewTable[entry](r, "entries", scope)
	tags := dovetail.NewTable[tag](r, "tags", scope)
	taggings := dovetail.NewTable[tagging](r, "taggings", scope, dovetail.PrimaryKey("account_id", "tag_id"))
	dovetail.HasMany(accounts, "entries", entries, dovetail.ForeignKey("account_id"), dovetail.OnDelete(dovetail.Cascade))
	accountTags := dovetail.ManyToMany(accounts, "tags", tags, taggings, dovetail.ThroughKeys("account_id", "tag_id"))
	const ddl = `
CREATE TABLE accounts (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL);
CREATE TABLE entries (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, account_id BIGINT);
CREATE TABLE tags (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL);
CREATE TABLE taggings (account_id BIGINT, tag_id BIGINT, tenant_id BIGINT NOT NULL, PRIMARY KEY (account_id, tag_id));
`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		seven := inTenant(t.Context(), 7)
		one := &account{ID: 1, Entries: []*entry{{ID: 1}, {ID: 2, TenantID: 7}}, Tags: []*tag{{ID: 1}}}
		if err := dovetail.Insert(accounts, one).With("entries", "tags").Exec(seven, d.DB); err != nil || one.TenantID != 7 || one.Entries[0].TenantID != 7 {
			t.Fatalf("expected the tenant in every row, got %+v, %v", one, err)
		}
		two := &account{ID: 2, Entries: []*entry{{ID: 3, TenantID: 8}}}
		err := dovetail.Insert(accounts, two).With("entries").Exec(seven, d.DB)
		kit.Refused(t, err, dovetail.ErrInvalidRow, `the Scope of "entries" says what column "tenant_id" of a row of "entries" is`)
		if two.TenantID != 0 {
			t.Error("expected the rows to be as they were")
		}
		err = dovetail.Insert(accounts, two).Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrInvalidRow, `the Scope of "accounts" gives column "tenant_id"`, "the context has no value")

		upserted := &tag{ID: 9}
		if err := dovetail.Upsert(tags, upserted).OnConflict("id").Exec(seven, d.DB); err != nil || upserted.TenantID != 7 {
			t.Errorf("expected the tenant in the row, got %+v, %v", upserted, err)
		}
		kit.Refused(t, dovetail.Upsert(tags, &tag{ID: 9, TenantID: 8}).OnConflict("id").Exec(seven, d.DB), dovetail.ErrInvalidRow,
			`the Scope of "tags" says what column "tenant_id"`)

		d.Exec(t, "INSERT INTO tags VALUES (2, 7), (3, 7); INSERT INTO entries VALUES (4, 8, 1); INSERT INTO taggings VALUES (1, 3, 8)")
		people.Done(t)(accountTags.Link(seven, d.DB, one, &tag{ID: 2}))
		_, err = accountTags.Link(seven, d.DB, one, &tag{ID: 3})
		kit.Refused(t, err, dovetail.ErrInvalidRow, `1 of 1 rows is linked to the owner by rows of "taggings" that are out of its Scope`)
		links := "SELECT account_id || ' ' || tag_id || ' ' || tenant_id FROM taggings ORDER BY 1"
		people.ExpectLines(t, d, links, "1 1 7", "1 2 7", "1 3 8")

		people.Done(t)(dovetail.Delete(accounts).Where(squirrel.Eq{"id": 1}).Exec(seven, d.DB))
		people.ExpectLines(t, d, links, "1 3 8")
		people.ExpectLines(t, d, "SELECT CAST(id AS TEXT) FROM entries", "4")
	})
}
