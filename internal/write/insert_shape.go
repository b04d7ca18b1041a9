package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// INSERT: which columns of a row are given. What is alike for all rows of a branch is found once.

// branchColumn is a column of a branch's table.
type branchColumn struct {
	field *structs.Field
	never bool // no row gives it
	named bool // Only names it
	key   bool // of the primary key
	made  bool // the database makes it where it is zero
}

// columnsOf returns the columns of the branch's table.
func (b *branch) columnsOf() []branchColumn {
	if b.columns != nil {
		return b.columns
	}
	t := b.table.Graph
	for c := range t.Stored() {
		b.columns = append(b.columns, branchColumn{
			field: b.table.Columns[c.Name], never: c.ReadOnly || slices.Contains(b.omit, c.Name), named: slices.Contains(b.only, c.Name),
			key: slices.Contains(t.PrimaryKey, c.Name), made: model.MadeByDatabase(t, c.Name),
		})
	}
	return b.columns
}

// gives reports whether a row gives a column; else it is left to the database, and read back.
func (u *unit) gives(n *node, c *branchColumn) bool {
	if c.never {
		return false
	}
	zero := c.made && c.field.IsZero(n.row)
	if !zero && (n.branch.only == nil || c.named || c.key) {
		return true
	}
	named := n.isFilled(c.field) || c.named
	if zero && (!named || c.key) {
		return false
	}
	return n.branch.only == nil || named || c.key || u.fills(n, c.field)
}

// jobOf says which columns of a row are given and which are read back.
func (u *unit) jobOf(n *node) insertJob {
	job := insertJob{table: n.table, path: n.branch.path}
	columns := n.branch.columnsOf()
	for i := range columns {
		if u.gives(n, &columns[i]) {
			job.columns = append(job.columns, columns[i].field)
		} else {
			job.back = append(job.back, columns[i].field)
		}
	}
	job.match = job.matching()
	return job
}

// shapes tells apart the rows that give the same columns.
type shapes struct {
	u     *unit
	jobs  []insertJob
	known map[*branch]map[string]int // by what the columns are
	buf   []byte
}

// job returns the job of a row, which is made if it is the first of its shape.
func (s *shapes) job(n *node) *insertJob {
	known := s.known[n.branch]
	if known == nil {
		known = map[string]int{}
		s.known[n.branch] = known
	}
	s.buf = s.buf[:0]
	columns := n.branch.columnsOf()
	for i := range columns {
		given := byte(0)
		if s.u.gives(n, &columns[i]) {
			given = 1
		}
		s.buf = append(s.buf, given)
	}
	at, ok := known[string(s.buf)]
	if !ok {
		at = len(s.jobs)
		known[string(s.buf)] = at
		s.jobs = append(s.jobs, s.u.jobOf(n))
	}
	return &s.jobs[at]
}
