package dovetail_test

import (
	"context"
	"fmt"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// printer is a hook that prints what was sent, and from which relation path.
type printer struct{}

func (printer) Before(ctx context.Context, _ *dovetail.Run) context.Context { return ctx }

func (printer) After(_ context.Context, run *dovetail.Run) {
	for i, s := range run.Statements {
		fmt.Printf("%s %q: %d rows of %s, failed: %t\n", s.Op, s.Path, run.Rows[i], s.Table, run.Err != nil)
	}
}

func ExampleWithHooks() {
	base, done := readingsDB()
	defer done()
	db := dovetail.WithHooks(base, printer{})

	_, err := dovetail.Select(models.Users).Preload("profile").Preload("posts").All(context.Background(), db)
	fmt.Println(err)
	// Output:
	// select user "": 3 rows of user, failed: false
	// select user "profile": 2 rows of profiles, failed: false
	// select user "posts": 3 rows of posts, failed: false
	// <nil>
}

// Without the preload, a nil Editor would not say whether there is one.
func ExampleLoaded() {
	db, done := readingsDB()
	defer done()

	posts, err := dovetail.Select(models.TrackedPosts).OrderBy("id").Preload("editor").All(context.Background(), db)
	if err != nil {
		fmt.Println(err)
	}
	for _, p := range posts {
		editor, _ := dovetail.Loaded(p, "editor")
		tags, _ := dovetail.Loaded(p, "tags")
		fmt.Println(p.Title, p.Editor != nil, "editor loaded:", editor, "tags loaded:", tags)
	}
	_, err = dovetail.Loaded(posts[0], "editors")
	fmt.Println(err)
	// Output:
	// Joins true editor loaded: true tags loaded: false
	// Keys false editor loaded: true tags loaded: false
	// Nulls true editor loaded: true tags loaded: false
	// dovetail: Loaded: table "posts" has no relation "editors"; did you mean "editor"?
}
