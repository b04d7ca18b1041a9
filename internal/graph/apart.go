package graph

import "strings"

// Input of this file: tables that a statement reads, and other names in it. Output: names of its own that none of these has.

// Apart returns what the names that a statement adds end in, so that neither the tables nor their columns nor the other names, in whatever
// case, are called so: more signs # than any of them has in a row. It is empty where none has one; the names that are added have one themselves.
func Apart(tables []*Table, names ...string) string {
	most := 0
	for _, t := range tables {
		most = max(most, signs(t.Name))
		for i := range t.Columns {
			most = max(most, signs(t.Columns[i].Name))
		}
	}
	for _, name := range names {
		most = max(most, signs(name))
	}
	if most == 0 {
		return ""
	}
	return strings.Repeat("#", most+1)
}

// signs returns how many signs # the name has in a row, at most.
func signs(name string) (most int) {
	for at, n := strings.IndexByte(name, '#'), 0; at >= 0 && at < len(name); at++ {
		if name[at] != '#' {
			n = 0
			continue
		}
		n++
		most = max(most, n)
	}
	return most
}
