package dovetail_test

import (
	"context"

	"github.com/dovetail-go/dovetail"
)

// linkingErrorCases are mistakes of calls that put rows into structs, and link them.
func linkingErrorCases() []errorCase {
	relation, row := dovetail.ErrInvalidRelation, dovetail.ErrInvalidRow
	ann, bob := &kPerson{ID: 1}, &kPerson{ID: 2}
	// The tables have none of the rows that are asked for.
	onNone := func(name string, is error, columns []string, call func(ctx context.Context, db dovetail.DB) error) errorCase {
		return errorCase{name: name, is: []error{is}, as: "query", make: func(ctx context.Context) error {
			return call(ctx, &answerDB{answers: []answer{{columns: columns}}})
		}}
	}
	on := func(name string, is error, call func(ctx context.Context, db dovetail.DB) error) errorCase {
		return onNone(name, is, nil, call)
	}
	link := func(name string, is error, m *dovetail.ToMany[kPerson, kPerson], owner *kPerson, rows ...*kPerson) errorCase {
		return on(name, is, func(ctx context.Context, db dovetail.DB) error {
			_, err := m.Link(ctx, db, owner, rows...)
			return err
		})
	}
	with := func(name string, is error, entries ...dovetail.Linked[kPerson, kFriendship]) errorCase {
		return on(name, is, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.LinkWith(ctx, db, kFriends, ann, entries...)
			return err
		})
	}
	add := func(name string, is error, err error) errorCase {
		return errorCase{name: name, is: []error{is}, as: "query", make: func(context.Context) error { return err }}
	}
	return []errorCase{
		add("members_of_nil", row, kFriends.Add(nil, bob)),
		add("members_nil", row, kFriends.Set(ann, nil)),
		add("members_without_a_field", relation, kFriendsBack.Add(ann, bob)),
		link("linking_to_nil", row, kFriends, nil, bob),
		link("linking_to_an_owner_without_a_key", row, kFriends, &kPerson{}, bob),
		link("linking_nil", row, kFriends, ann, bob, nil),
		link("linking_a_row_without_a_key", row, kFriends, ann, &kPerson{Name: secretText}),
		link("linking_along_a_path", relation, kAdmired, ann, bob),
		link("linking_along_a_condition", relation, kOldFriends, ann, bob),
		link("linking_along_nothing", dovetail.ErrUnknownRelation, nil, ann, bob),
		onNone("linking_rows_that_are_not_there", dovetail.ErrNoRows, []string{"id", "person_id"},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := kOwnLetters.Link(ctx, db, ann, &kLetter{ID: secretNumber}, &kLetter{ID: 2})
				return err
			}),
		with("linking_with_the_link_of_another", row,
			dovetail.Linked[kPerson, kFriendship]{Row: bob, Link: &kFriendship{FromID: secretNumber}}),
		with("linking_with_two_links_for_one_row", row, dovetail.Linked[kPerson, kFriendship]{Row: bob},
			dovetail.Linked[kPerson, kFriendship]{Row: &kPerson{ID: 2}, Link: &kFriendship{}}),
		on("linking_with_links_of_another_table", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.LinkWith(ctx, db, kFriends, ann, dovetail.Linked[kPerson, kLetterLabel]{Row: bob})
			return err
		}),
		on("linking_with_links_of_a_has_many", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.LinkWith(ctx, db, kOwnLetters, ann, dovetail.Linked[kLetter, kFriendship]{Row: &kLetter{ID: 1}})
			return err
		}),
		on("moving_links", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := kFriends.Move(ctx, db, ann, bob)
			return err
		}),
		on("unlinking_a_key_that_cannot_be_null", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := wAccountActivities.UnlinkAll(ctx, db, &wAccount{ID: 1})
			return err
		}),
		on("replacing_by_nil_where_the_key_cannot_be_null", relation, func(ctx context.Context, db dovetail.DB) error {
			_, err := wTeamLead.Replace(ctx, db, &wTeam{ID: 1}, nil)
			return err
		}),
		onNone("replacing_of_an_owner_that_is_not_there", dovetail.ErrNoRows, []string{"id"},
			func(ctx context.Context, db dovetail.DB) error {
				_, err := kOwnLetters.Replace(ctx, db, &kPerson{ID: secretNumber})
				return err
			}),
		on("keyed_by_too_many_values", dovetail.ErrArgCount, func(context.Context, dovetail.DB) error {
			_, err := dovetail.Keyed(kPeople, [][]any{{1, secretNumber}})
			return err
		}),
		on("keyed_by_another_type", dovetail.ErrArgType, func(context.Context, dovetail.DB) error {
			_, err := dovetail.Keyed(kPeople, []string{secretText})
			return err
		}),
	}
}
