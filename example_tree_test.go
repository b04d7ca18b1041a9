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
	// WITH RECURSIVE "tree#"("row#1", "key#1", "up#1", "ord#") AS (SELECT "categories"."id", "categories"."id", "categories"."id", "keys"."ord"
	//   FROM unnest($1::bigint[]) WITH ORDINALITY AS "keys"("k1", "ord")
	//   JOIN "categories" ON "categories"."parent_id" = "keys"."k1"
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
