package graph

import (
	"strings"
	"testing"
)

// What is added ends otherwise than whatever is there.
func TestApart(t *testing.T) {
	t.Parallel()
	table := func(name string, columns ...string) *Table {
		made := &Table{Name: name}
		for _, c := range columns {
			made.Columns = append(made.Columns, Column{Name: c})
		}
		return made
	}
	for _, test := range []struct {
		tables []*Table
		names  []string
		want   string
	}{
		{nil, nil, ""},
		{[]*Table{table("kids", "id", "row")}, []string{"n"}, ""},
		{[]*Table{table("kids", "id", "row#")}, nil, "##"},
		{[]*Table{table("kids", "row#1")}, nil, "##"},
		{[]*Table{table("kids", "id"), table("tags", "a##b#")}, nil, "###"},
		{[]*Table{table("rows#")}, nil, "##"},
		{nil, []string{"#", "x###"}, "####"},
	} {
		if got := Apart(test.tables, test.names...); got != test.want {
			t.Errorf("%v, %q: expected %q, got %q", test.tables, test.names, test.want, got)
		}
		for _, made := range []string{"row#", "row#1", "n#"} {
			for _, name := range test.names {
				if strings.EqualFold(made+test.want, name) {
					t.Errorf("%q is there", name)
				}
			}
		}
	}
}
