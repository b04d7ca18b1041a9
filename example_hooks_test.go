package dovetail_test

import (
	"context"
	"fmt"

	"github.com/dovetail-go/dovetail"
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

	_, err := dovetail.Select(Users).Preload("profile").Preload("posts").All(context.Background(), db)
	fmt.Println(err)
	// Output:
	// select user "": 3 rows of user, failed: false
	// select user "profile": 2 rows of profiles, failed: false
	// select user "posts": 3 rows of posts, failed: false
	// <nil>
}
