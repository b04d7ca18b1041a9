package dovetail_test

import (
	"slices"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dovetailtest"
	"github.com/dovetail-go/dovetail/hooks/sloghook"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// deposits is a named scope: conditions written once, as docs/queries.md shows.
func deposits(q dovetail.Query[*models.Activity]) dovetail.Query[*models.Activity] {
	return q.Where(sq.Eq{"activity_type": models.Deposit})
}

// questions are the queries of docs/queries.md, in its order.
func questions() []everydayQuery {
	last := &models.Activity{ID: 6, CreatedAt: time.Date(2024, 2, 6, 10, 0, 0, 0, time.UTC)}
	return []everydayQuery{
		dovetail.Select(models.Accounts).Has("activities", sq.Eq{"activity_type": models.Deposit}, sq.GtOrEq{"amount": 750}),
		dovetail.Select(models.Authors).HasAtLeast(2, "books").HasEvery("books", sq.Gt{"pages": 200}),
		dovetail.Select(models.Accounts).Has("activities", dovetail.Matching(deposits(dovetail.Select(models.Activities)))),
		dovetail.Select(models.Accounts).Columns("owner").Has("activities", sq.Expr("self.amount >= outer.balance")),
		dovetail.Select(models.Accounts).Columns("owner").Where("accounts.balance > (?)", dovetail.Select(models.Accounts).Columns().
			Column("avg(self.balance)").Where(sq.NotEq{"id": dovetail.Col("outer.id")})),
		everydayShared(),
		dovetail.Select(models.Activities).Where(sq.Eq{"account.owner": "SpongeBob"}),
		dovetail.Select(models.Accounts).Columns("owner").Join("activities"),
		dovetail.Select(models.Accounts).Columns("owner").Join("activities").Distinct(),
		dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").Column("count(books.id) AS book_count"),
		dovetail.Select(models.Books).Columns("title", "author.name"),
		dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).OrderBy("book_count DESC"),
		dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).OrderBy("name").Limit(20),
		dovetail.Select(models.Students).Columns("name").With(
			dovetail.Count("enrollments").Of("grade").Distinct().As("grades"),
			dovetail.Max("enrollments.course").Of("upper(self.title)").Where(sq.Eq{"enrollments.grade": "A"}).As("best")),
		dovetail.Select(models.Authors).Where(sq.NotEq{"name": ""}).Join("books").GroupBy("id").Having("count(*) >= ?", 2),
		dovetail.Select(models.Categories).Columns("name").Has("subcategories*", sq.Eq{"name": "hammers"}),
		dovetail.Select(models.Parts).Columns("name").With(dovetail.Count("parts*").As("below")).OrderBy("below DESC"),
		dovetail.Select(models.Accounts).Preload("activities"),
		dovetail.Select(models.Users).Preload("profile"),
		dovetail.Select(models.Posts).Preload("tags"),
		dovetail.Select(models.Students).Preload("courses").Preload("enrollments"),
		dovetail.Select(models.Categories).Where(sq.Eq{"parent_id": nil}).Preload("subcategories"),
		dovetail.Select(models.Employees).Preload("manager"),
		everydayLinked(),
		everydayBehindLinks(),
		dovetail.Select(models.Categories).Where(sq.Eq{"parent_id": nil}).PreloadTree("subcategories", 0),
		dovetail.Select(models.Parts).Where(sq.Eq{"name": "bike"}).PreloadTree("parts", 0),
		dovetail.Select(models.Accounts).Join("activities").Where("activities.amount >= ?", 750).Fetch("activities"),
		dovetail.Select(models.Activities).Fetch("account"),
		dovetail.Select(models.Activities).OrderBy("created_at DESC", "id DESC").Limit(20).After(last.CreatedAt, last.ID),
		dovetail.Select(models.Accounts).Where(sq.Eq{"owner": "SpongeBob"}).ForUpdate().SkipLocked(),
		dovetail.Select(models.Accounts).Columns("id", "owner").
			From("SELECT * FROM accounts UNION ALL SELECT * FROM closed_accounts WHERE closed > ?", 2020).
			Snapshot().Preload("activities"),
		dovetail.Select(models.Accounts).Columns("id", "owner").Preload("activities", dovetail.Select(models.Activities).Columns("amount")).OneRoundTrip(),
	}
}

// everydayShared is the query of docs/queries.md along a relation that has the name of a column.
func everydayShared() everydayQuery {
	type Country struct{ Code, Name string }
	type City struct {
		ID         int64
		Name       string
		Country    string   // the column, a foreign key
		CountryRow *Country `rel:"country"`
	}
	Schema := dovetail.NewRegistry()
	Countries := dovetail.NewTable[Country](Schema, "countries", dovetail.PrimaryKey("code"))
	Cities := dovetail.NewTable[City](Schema, "cities")
	dovetail.BelongsTo(Cities, "country", Countries, dovetail.ForeignKey("country"))

	return dovetail.Select(Cities).Where(sq.Eq{"country": "FR"}).Where("country.name <> cities.name").OrderBy("country").Fetch("country")
}

// everydayLinked is the query of docs/queries.md on a many-to-many whose field holds the rows of the join table.
func everydayLinked() everydayQuery {
	type Course struct {
		ID    int64
		Title string
	}
	type Enrollment struct {
		StudentID  int64
		CourseID   int64
		Grade      *string
		EnrolledOn time.Time
	}
	type Student struct {
		ID      int64
		Name    string
		Courses []dovetail.Linked[Course, Enrollment]
	}
	Schema := dovetail.NewRegistry()
	Courses := dovetail.NewTable[Course](Schema, "courses")
	Enrollments := dovetail.NewTable[Enrollment](Schema, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	Students := dovetail.NewTable[Student](Schema, "students")
	dovetail.ManyToMany(Students, "courses", Courses, Enrollments, dovetail.ThroughKeys("student_id", "course_id"))

	return dovetail.Select(Students).Has("courses", sq.Eq{"link.grade": "A"}).
		Preload("courses", dovetail.Select(Courses).OrderBy("link.enrolled_on DESC"))
}

// everydayBehindLinks is the query of docs/queries.md that goes on behind the rows of a join table.
func everydayBehindLinks() everydayQuery {
	type Kind struct {
		ID   int64
		Name string
	}
	type Use struct {
		ID, ClientID, AddressID, KindID int64
		Kind                            *Kind
	}
	type Address struct {
		ID   int64
		City string
	}
	type Client struct {
		ID        int64
		Name      string
		Addresses []dovetail.Linked[Address, Use]
	}
	Schema := dovetail.NewRegistry()
	Clients, Addresses := dovetail.NewTable[Client](Schema, "clients"), dovetail.NewTable[Address](Schema, "addresses")
	Uses, Kinds := dovetail.NewTable[Use](Schema, "uses"), dovetail.NewTable[Kind](Schema, "kinds")
	dovetail.ManyToMany(Clients, "addresses", Addresses, Uses, dovetail.ThroughKeys("client_id", "address_id"))
	dovetail.BelongsTo(Uses, "kind", Kinds, dovetail.ForeignKey("kind_id"))

	return dovetail.Select(Clients).Has("addresses", sq.Eq{"link.kind.name": "home"}).Preload("addresses.link.kind")
}

// TestPagesShowCodeWithoutStatements runs the code of the pages whose statements they do not show.
func TestPagesShowCodeWithoutStatements(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		ctx, q := t.Context(), dovetail.Select(models.Activities).OrderBy("amount DESC").Limit(4)
		page, err := q.All(ctx, d.DB)
		if err != nil {
			t.Fatal(err)
		}

		position, err := q.Position(page[len(page)-1])
		if err != nil {
			t.Fatal(err)
		}
		next, err := q.After(position...).All(ctx, d.DB)
		if err != nil || len(next) != 2 || next[0].Amount != 500 || next[1].Amount != 30 {
			t.Errorf("expected the activities of 500 and 30 on the second page, got %d, %v", len(next), err)
		}

		pool := d.DB
		db := dovetail.WithHooks(pool, &sloghook.Hook{SlowAfter: 100 * time.Millisecond})

		db = dovetailtest.MaxQueries(t, db, 2)

		var owners []string
		print := func(account *models.Account) { owners = append(owners, account.Owner) }
		printAll := func() error {
			for account, err := range dovetail.Select(models.Accounts).Preload("activities").Each(ctx, db) {
				if err != nil {
					return err
				}
				print(account)
			}
			return nil
		}
		if err := printAll(); err != nil {
			t.Fatal(err)
		}
		if want := []string{"SpongeBob", "Patrick", "Squidward", "Sandy"}; !slices.Equal(owners, want) {
			t.Errorf("expected %v, got %v", want, owners)
		}
	})
}
