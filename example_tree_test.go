package dovetail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// printCategories prints categories and what lies below them.
func printCategories(categories []*models.Category, level int) {
	for _, c := range categories {
		fmt.Println(strings.Repeat("  ", level) + c.Name)
		printCategories(c.Subcategories, level+1)
	}
}

// All categories below the roots, however deep, in one statement.
func ExampleQuery_PreloadTree() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Categories).Where(sq.Eq{"parent_id": nil}).
		PreloadTree("subcategories", 0, dovetail.Select(models.Categories).OrderBy("name"))
	printStatements(q)
	roots, err := q.All(context.Background(), db)
	printCategories(roots, 0)
	fmt.Println(err)
	// Output:
	// -- categories
	// SELECT "categories"."id", "categories"."parent_id", "categories"."name"
	// FROM "categories"
	// WHERE ("categories"."parent_id" IS NULL)
	// -- preload subcategories
	// WITH RECURSIVE "tree#"("row#1", "key#1", "up#1", "ord#") AS (SELECT "categories"."id", "categories"."id", "categories"."id", "keys#"."keys#ord"
	//   FROM unnest($1::bigint[]) WITH ORDINALITY AS "keys#"("keys#1", "keys#ord")
	//   JOIN "categories" ON "categories"."parent_id" = "keys#"."keys#1"
	//   UNION SELECT "categories"."id", "categories"."id", "tree#"."row#1", -1
	//   FROM "tree#"
	//   JOIN "categories" ON "categories"."parent_id" = "tree#"."key#1") SELECT "categories"."id", "categories"."parent_id", "categories"."name", "tree#"."up#1", "tree#"."ord#"
	// FROM "tree#"
	// JOIN "categories" ON "categories"."id" = "tree#"."row#1"
	// ORDER BY "categories"."name", "categories"."id"
	// -- rows
	// things
	//   tools
	//     hammers
	//       mallets
	//   toys
	// <nil>
}

// The managers above an employee, nearest first: two levels of them.
func ExampleQuery_PreloadTree_ancestors() {
	db, done := readingsDB()
	defer done()

	leaf, err := dovetail.Select(models.Employees).Where(sq.Eq{"name": "leaf"}).PreloadTree("manager", 2).
		One(context.Background(), db)
	for e := leaf; e != nil; e = e.Manager {
		fmt.Println(e.Name)
	}
	fmt.Println(err)
	// Output:
	// leaf
	// left
	// root
	// <nil>
}

// A category that lies below itself has no place in a tree.
func ExampleQuery_PreloadTree_cycle() {
	db, done := readingsDB("UPDATE categories SET parent_id = 5 WHERE id = 2")
	defer done()

	_, err := dovetail.Select(models.Categories).Where(sq.Eq{"id": 5}).PreloadTree("parent", 0).All(context.Background(), db)
	fmt.Println(errors.Is(err, dovetail.ErrCycle))
	fmt.Println(err)
	// Output:
	// true
	// dovetail: preload parent: rows of "categories" form a cycle along "parent", so they are no tree: id 4, 2, 5, 4; correct one of them, or leave it out with Where
}

func ExampleLoadTree() {
	db, done := readingsDB()
	defer done()

	tools := []*models.Category{{ID: 2, Name: "tools"}}
	err := dovetail.LoadTree(context.Background(), db, models.Categories, tools, "subcategories", 1)
	printCategories(tools, 0)
	fmt.Println(tools[0].Subcategories[0].Subcategories == nil, err) // the next level is not loaded
	// Output:
	// tools
	//   hammers
	// true <nil>
}

// A bill of materials: the parts of a bike, of its parts, and so on, with how many of each, and how many of each in all.
func ExampleQuery_PreloadTree_billOfMaterials() {
	db, done := readingsDB(models.PartsDDL)
	defer done()

	bike, err := dovetail.Select(models.Parts).Where(sq.Eq{"name": "bike"}).PreloadTree("parts", 0).One(context.Background(), db)
	total := map[string]int64{}
	var add func(p *models.Part, n int64, indent string)
	add = func(p *models.Part, n int64, indent string) {
		for _, c := range p.Parts { // each a part in c.Row, and how many of it in c.Link
			fmt.Println(indent, c.Link.Quantity, c.Row.Name)
			total[c.Row.Name] += n * c.Link.Quantity
			add(c.Row, n*c.Link.Quantity, indent+"  ")
		}
	}
	add(bike, 1, "-")
	fmt.Println(total, err)
	// Output:
	// - 2 wheel
	// -   2 screw
	// -   1 rim
	// -     3 screw
	// -   36 spoke
	// - 1 frame
	// - 4 screw
	// map[frame:1 rim:2 screw:14 spoke:72 wheel:2] <nil>
}

// Users who follow each other lie below themselves, which is no mistake.
func ExampleCyclic() {
	type User struct {
		ID      int64
		Follows []*User
	}
	type Follow struct{ UserID, FollowsID int64 }
	r := dovetail.NewRegistry()
	users := dovetail.NewTable[User](r, "users")
	follows := dovetail.NewTable[Follow](r, "follows", dovetail.PrimaryKey("user_id", "follows_id"))
	dovetail.ManyToMany(users, "follows", users, follows, dovetail.ThroughKeys("user_id", "follows_id"), dovetail.Cyclic())

	db, done := readingsDB("CREATE TABLE users (id INTEGER PRIMARY KEY)", "CREATE TABLE follows (user_id INTEGER, follows_id INTEGER)",
		"INSERT INTO users (id) VALUES (1), (2), (3)", "INSERT INTO follows VALUES (1, 2), (2, 3), (3, 1)")
	defer done()
	user, err := dovetail.Select(users).Where(sq.Eq{"id": 1}).PreloadTree("follows", 0).One(context.Background(), db)
	at := user
	for range 4 {
		at = at.Follows[0]
		fmt.Print(at.ID, " ")
	}
	fmt.Println(at == user.Follows[0], err)
	// Output: 2 3 1 2 true <nil>
}

// The level of each category, to print a tree that is flat.
func ExampleLevel() {
	type Category struct {
		ID       int64
		ParentID *int64
		Name     string
		Level    int `db:"level,computed"`
		Below    []*Category
	}
	r := dovetail.NewRegistry()
	categories := dovetail.NewTable[Category](r, "categories")
	dovetail.HasMany(categories, "below", categories, dovetail.ForeignKey("parent_id"))

	db, done := readingsDB()
	defer done()
	root, err := dovetail.Select(categories).Where(sq.Eq{"name": "things"}).
		PreloadTree("below", 0, dovetail.Select(categories).With(dovetail.Level().As("level"))).One(context.Background(), db)
	for rows := root.Below; len(rows) > 0; rows = append(rows[1:], rows[0].Below...) {
		fmt.Println(rows[0].Level, rows[0].Name)
	}
	fmt.Println(err)
	// Output:
	// 1 tools
	// 1 toys
	// 2 hammers
	// 3 mallets
	// <nil>
}

// Categories with something below them that is called hammers, however deep.
func ExampleQuery_Has_followed() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Categories).Columns("name").Has("subcategories*", sq.Eq{"name": "hammers"}).OrderBy("id")
	printStatements(q)
	rows, err := q.All(context.Background(), db)
	for _, c := range rows {
		fmt.Println(c.Name)
	}
	fmt.Println(err)
	// Output:
	// -- categories
	// SELECT "categories"."name"
	// FROM "categories"
	// WHERE ("categories"."id" IN (WITH RECURSIVE "tree#"("id") AS (SELECT "subcategories*#above"."id"
	//       FROM "categories" AS "subcategories*#above"
	//       JOIN "categories" AS "subcategories*" ON "subcategories*"."parent_id" = "subcategories*#above"."id"
	//       WHERE ("subcategories*"."name" = $1)
	//       UNION SELECT "subcategories*#above_2"."id"
	//       FROM "categories" AS "subcategories*#above_2"
	//       JOIN "categories" AS "subcategories*_2" ON "subcategories*_2"."parent_id" = "subcategories*#above_2"."id"
	//       JOIN "tree#" ON "tree#"."id" = "subcategories*_2"."id") SELECT DISTINCT "id"
	//     FROM "tree#"))
	// ORDER BY "categories"."id"
	// -- rows
	// things
	// tools
	// <nil>
}
