package golden_test

import (
	"context"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// linkingErrorCases are mistakes of calls that put rows into structs, and link them.
func linkingErrorCases() []errorCase {
	relation, row := dovetail.ErrInvalidRelation, dovetail.ErrInvalidRow
	ann, bob := &people.Person{ID: 1}, &people.Person{ID: 2}
	// The tables have none of the rows that are asked for.
	onNone := func(name string, is error, columns []string, call func(ctx context.Context, db dovetail.DB) error) errorCase {
		return errorCase{name: name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
			return call(ctx, &kit.AnswerDB{Answers: []kit.Answer{{Names: columns}}})
		}}
	}
	on := func(name string, is error, call func(ctx context.Context, db dovetail.DB) error) errorCase {
		return onNone(name, is, nil, call)
	}
	link := func(name string, is error, m *dovetail.ToMany[*people.Person, *people.Person], owner *people.Person, rows ...*people.Person) errorCase {
		return on(name, is, func(ctx context.Context, db dovetail.DB) error {
			_, err := m.Link(ctx, db, owner, rows...)
			return err
		})
	}
	with := func(name string, is error, entries ...dovetail.Linked[people.Person, people.Friendship]) errorCase {
		return on(name, is, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.LinkWith(ctx, db, people.Friends, ann, entries...)
			return err
		})
	}
	add := func(name string, is error, err error) errorCase {
		return errorCase{name: name, is: []error{is}, as: "query", make: func(context.Context) error { return err }}
	}
	return []errorCase{
		add("members_of_nil", row, people.Friends.Add(nil, bob)),
		add("members_nil", row, people.Friends.Set(ann, nil)),
		add("members_without_a_field", relation, people.FriendsBack.Add(ann, bob)),
		link("linking_to_nil", row, people.Friends, nil, bob),
		link("linking_to_an_owner_without_a_key", row, people.Friends, &people.Person{}, bob),
		link("linking_nil", row, people.Friends, ann, bob, nil),
		link("linking_a_row_without_a_key", row, people.Friends, ann, &people.Person{Name: kit.SecretText}),
		link("linking_along_a_path", relation, people.Admired, ann, bob),
		on("linking_along_the_first", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := models.CurrentSalary.Replace(ctx, db, &models.Worker{ID: 1}, &models.Salary{WorkerID: 1, Since: 2})
			return err
		}),
		add("members_of_the_first", relation, models.CurrentSalary.Set(&models.Worker{ID: 1}, &models.Salary{})),
		on("linking_by_a_condition", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := models.Sized.Link(ctx, db, &models.Province{ID: 1}, &models.Town{ID: 1})
			return err
		}),
		on("inserting_by_a_condition", relation, func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Insert(models.Provinces, &models.Province{Capital: &models.Town{}}).With("capital").Exec(ctx, db)
		}),
		add("members_by_a_condition", relation, models.Capital.Set(&models.Province{ID: 1}, &models.Town{})),
		add("members_along_a_path", relation, models.WorkerDept.Set(&models.Worker{ID: 1}, &models.Dept{})),
		link("linking_along_a_condition", relation, people.OldFriends, ann, bob),
		link("linking_along_nothing", dovetail.ErrUnknownRelation, nil, ann, bob),
		onNone("linking_rows_that_are_not_there", dovetail.ErrNoRows, []string{"id", "person_id"},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := people.OwnLetters.Link(ctx, db, ann, &people.Letter{ID: kit.SecretNumber}, &people.Letter{ID: 2})
				return err
			}),
		with("linking_with_the_link_of_another", row,
			dovetail.Linked[people.Person, people.Friendship]{Row: bob, Link: &people.Friendship{FromID: kit.SecretNumber}}),
		with("linking_with_two_links_for_one_row", row, dovetail.Linked[people.Person, people.Friendship]{Row: bob},
			dovetail.Linked[people.Person, people.Friendship]{Row: &people.Person{ID: 2}, Link: &people.Friendship{}}),
		on("linking_with_links_of_another_table", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.LinkWith(ctx, db, people.Friends, ann, dovetail.Linked[people.Person, people.LetterLabel]{Row: bob})
			return err
		}),
		on("linking_with_links_of_a_has_many", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.LinkWith(ctx, db, people.OwnLetters, ann, dovetail.Linked[people.Letter, people.Friendship]{Row: &people.Letter{ID: 1}})
			return err
		}),
		on("moving_links", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := people.Friends.Move(ctx, db, ann, bob)
			return err
		}),
		on("unlinking_a_key_that_cannot_be_null", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := written.AccountActivities.UnlinkAll(ctx, db, &written.Account{ID: 1})
			return err
		}),
		on("replacing_by_nil_where_the_key_cannot_be_null", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := written.TeamLead.Replace(ctx, db, &written.Team{ID: 1}, nil)
			return err
		}),
		onNone("replacing_of_an_owner_that_is_not_there", dovetail.ErrNoRows, []string{"id"},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := people.OwnLetters.Replace(ctx, db, &people.Person{ID: kit.SecretNumber})
				return err
			}),
		on("keyed_by_too_many_values", dovetail.ErrArgCount, func(context.Context, dovetail.DB) error {
			_, err := dovetail.Keyed(people.People, [][]any{{1, kit.SecretNumber}})
			return err
		}),
		on("keyed_by_another_type", dovetail.ErrArgType, func(context.Context, dovetail.DB) error {
			_, err := dovetail.Keyed(people.People, []string{kit.SecretText})
			return err
		}),
	}
}
