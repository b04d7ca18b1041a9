package writes_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// TestInsertRefusesNilInAField: as it does among its rows; what is not there was left out without a word.
func TestInsertRefusesNilInAField(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db, ctx := d.Record(), t.Context()
		boss := &written.Employee{Name: "a", Reports: []*written.Employee{{Name: "b"}, nil}}
		err := dovetail.Insert(written.Employees, boss).With("reports").Exec(ctx, db)
		kit.Refused(t, err, dovetail.ErrInvalidRow, `"employees.reports": row 2 in the field is nil`)
		student := &written.Student{Name: "a", Courses: []dovetail.Linked[written.Course, written.Enrollment]{{}}}
		err = dovetail.Insert(written.Students, student).WithLinks("courses").Exec(ctx, db)
		kit.Refused(t, err, dovetail.ErrInvalidRow, `"students.courses": row 1 in the field is nil`)
		db.Expect(t, 0, 0)
		kit.NoError(t, dovetail.Insert(written.Employees, &written.Employee{Name: "c"}).With("boss", "reports").Exec(ctx, d.DB))
	})
}
