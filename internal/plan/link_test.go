package plan_test

import (
	"errors"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// TestALinkIsABindingOfItsOwn checks where the columns of a link are bound: to the join table beside each row.
func TestALinkIsABindingOfItsOwn(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	s := spec(b.posts)
	s.Joins = []plan.JoinClause{{Path: "tags"}, {Path: "tags.posts"}}
	s.Bare = true
	for _, name := range []string{"tags.link.tag_id", "posts.tags.link.post_id", "tags.posts.link.tag_id"} {
		s.Outputs = append(s.Outputs, plan.OutputClause{Name: name})
	}
	q, err := plan.Build(s, nil, dialect.Features{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"tags#links.tag_id", "tags#links.post_id", "tags.posts#links.tag_id"} {
		ref := q.Outputs[i].Ref
		if got := ref.Binding.Alias + "." + ref.Column; got != want || ref.Binding.Table != b.links || !ref.Binding.Many {
			t.Errorf("%s: expected %s, got %s of %s", ref.Name, want, got, ref.Binding.Table.Name)
		}
	}
}

func TestTheInverseHasTheSameLink(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, r := range append(b.posts.Relations(), b.tags.Relations()...) {
		var want *graph.Table
		if r.Name == "tags" || r.Name == "posts" {
			want = b.links
		}
		if r.Link != want {
			t.Errorf("%s: got the link %v", r, r.Link)
		}
	}
}

// TestAPreloadEndsItsOrderInTheLink holds where a row may come by several links of one owner, and be told apart by nothing
// else: the columns that relate the two tables are the same for all.
func TestAPreloadEndsItsOrderInTheLink(t *testing.T) {
	t.Parallel()
	for _, key := range [][]string{nil, {"post_id", "tag_id"}, {"tag_id", "rank"}} {
		b := newBlog(t)
		b.links.Columns = append(b.links.Columns, column("rank", graph.ClassInteger))
		b.links.PrimaryKey = key
		r, _ := b.posts.Relation("tags")
		for _, linked := range []bool{false, true} {
			r.Linked = linked
			s := spec(b.posts)
			s.Preloads = []plan.PreloadClause{{Path: "tags"}}
			q, err := plan.Build(s, nil, dialect.Features{})
			if err != nil {
				t.Fatal(err)
			}
			fetched := q.Preloads[0].Query
			want := 1
			if linked && len(key) > 0 && key[1] == "rank" {
				want = 2
			}
			if len(fetched.OrderBy) != want || fetched.OrderBy[want-1].Ref.Column != []string{"id", "rank"}[want-1] {
				t.Errorf("key %q, linked %t: got the order %v", key, linked, fetched.OrderBy)
			}
			if n := len(fetched.Outputs); n != len(b.tags.Columns) && !linked || linked && n != len(b.tags.Columns)+3 {
				t.Errorf("key %q, linked %t: got %d outputs", key, linked, n)
			}
		}
	}
}

func TestALinkIsNotNamedWhereRowsAreShared(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	below := spec(b.tags)
	below.Outputs = []plan.OutputClause{{Name: "link.post_id"}}
	s := spec(b.posts)
	s.Preloads = []plan.PreloadClause{{Path: "tags", Spec: below}}
	if _, err := plan.Build(s, nil, dialect.Features{}); !errors.Is(err, plan.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	r, _ := b.posts.Relation("tags")
	r.Linked = true
	if _, err := plan.Build(s, nil, dialect.Features{}); err != nil {
		t.Error(err)
	}
}
