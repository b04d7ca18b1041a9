package values_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type madeClinic struct {
	ID     int64
	Visits []*madeVisit
	Sum    *string    `db:"sum,computed"`
	Last   *time.Time `db:"last,computed"`
	S      any        `db:"s,computed"`
}

type madeVisit struct {
	ID, ClinicID int64
	Fee          string
	Cost         decimal
	Note         string
	Day          time.Time
}

const madeDDL = `CREATE TABLE mv_clinics (id BIGINT PRIMARY KEY);
CREATE TABLE mv_visits (id BIGINT PRIMARY KEY, clinic_id BIGINT NOT NULL REFERENCES mv_clinics (id), fee NUMERIC(12, 2) NOT NULL,
  cost NUMERIC(12, 2) NOT NULL, note TEXT NOT NULL, day DATE NOT NULL);
INSERT INTO mv_clinics VALUES (1), (2), (3), (4);
INSERT INTO mv_visits VALUES (1, 1, 1.5, 1.5, '10', '2024-03-01'), (2, 1, 2.5, 2.5, '9', '2024-03-04'), (3, 2, 10.25, 10.25, '010', '2024-03-02'),
  (4, 3, 7.75, 7.75, 'b', '2024-03-03'), (5, 3, 100, 100, 'a', '2024-03-03');
`

// TestMadeValuesAreComparedAsTheirColumns compares what a query makes of columns with values that go as texts: the rows are those that
// a database with types finds.
func TestMadeValuesAreComparedAsTheirColumns(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	clinics := dovetail.NewTable[madeClinic](r, "mv_clinics")
	visits := dovetail.NewTable[madeVisit](r, "mv_visits", dovetail.Type("fee", "numeric"))
	dovetail.HasMany(clinics, "visits", visits, dovetail.ForeignKey("clinic_id"))
	type query = dovetail.Query[*madeClinic]
	with := func(a dovetail.Aggregate, pred any, args ...any) query {
		return dovetail.Select(clinics).With(a.As("s")).Where(pred, args...)
	}
	having := func(column string, pred any, args ...any) query {
		return dovetail.Select(clinics).Join("visits").Column(column).GroupBy("id").Having(pred, args...)
	}
	// The sums of the clinics are 4, 10.25, 107.75 and none; their last days the 4th, the 2nd, the 3rd and none.
	sum, most, last := dovetail.Sum("visits.fee"), dovetail.Max("visits.fee"), dovetail.Max("visits.day")
	cost, most2 := dovetail.Sum("visits.cost"), dovetail.Max("visits.cost")
	at := march(3)
	cases := map[string]struct {
		q    query
		want string
	}{
		"sum > text":                 {with(sum, sq.Gt{"s": "8"}), "[2 3]"},
		"sum > decimal":              {with(sum, sq.Gt{"s": decimal{"8"}}), "[2 3]"},
		"sum > number":               {with(sum, sq.Gt{"s": 8}), "[2 3]"},
		"sum = text":                 {with(sum, sq.Eq{"s": "4.00"}), "[1]"},
		"sum <> text":                {with(sum, sq.NotEq{"s": "4.00"}), "[2 3]"},
		"sum in texts":               {with(sum, sq.Eq{"s": []string{"4.0", "10.25"}}), "[1 2]"},
		"sum not in texts":           {with(sum, sq.NotEq{"s": []string{"4.0", "10.25"}}), "[3]"},
		"sum in decimals":            {with(sum, sq.Eq{"s": []decimal{{"4.0"}, {"10.25"}}}), "[1 2]"},
		"sum distinct":               {with(sum, dovetail.NotEqOrNull{"s": "4.00"}), "[2 3 4]"},
		"sum in text":                {with(sum, "s >= ? AND s < ?", "4.00", decimal{"100"}), "[1 2]"},
		"sum of decimals":            {with(cost, sq.LtOrEq{"s": decimal{"10.250"}}), "[1 2]"},
		"average":                    {with(dovetail.Avg("visits.fee"), sq.Lt{"s": "10"}), "[1]"},
		"count":                      {with(dovetail.Count("visits"), sq.GtOrEq{"s": dovetail.FromContext(madeTwo)}), "[1 3]"},
		"max > text":                 {with(most, sq.Gt{"s": "9"}), "[2 3]"},
		"max > decimal":              {with(most2, sq.Gt{"s": decimal{"9"}}), "[2 3]"},
		"max = text":                 {with(most, sq.Eq{"s": "2.50"}), "[1]"},
		"max in decimals":            {with(most2, sq.Eq{"s": []decimal{{"2.50"}, {"100.00"}}}), "[1 3]"},
		"min <= text":                {with(dovetail.Min("visits.fee"), sq.LtOrEq{"s": "7.750"}), "[1 3]"},
		"first":                      {with(dovetail.FirstOf("visits.fee").OrderBy("id"), sq.Lt{"s": "10"}), "[1 3]"},
		"max of texts":               {with(dovetail.Max("visits.note"), sq.Eq{"s": "010"}), "[2]"},
		"max of texts in texts":      {with(dovetail.Max("visits.note"), sq.Eq{"s": []string{"010", "9"}}), "[1 2]"},
		"having sum > text":          {having("sum(visits.fee) AS s", sq.Gt{"s": "8"}), "[2 3]"},
		"having sum > decimal":       {having("sum(visits.fee) AS s", sq.Gt{"s": decimal{"8"}}), "[2 3]"},
		"having sum in decimals":     {having("sum(visits.fee) AS s", sq.Eq{"s": []decimal{{"4.00"}, {"10.250"}}}), "[1 2]"},
		"having max of texts":        {having("max(visits.note) AS s", sq.Eq{"s": "010"}), "[2]"},
		"having in text":             {having("sum(visits.fee) AS s", "s > ? AND s <> ?", "4.0", "10.250"), "[3]"},
		"max of text > text":         {with(dovetail.Max("visits").Of("self.fee * 2"), sq.Gt{"s": "9"}), "[2 3]"},
		"max of text > decimal":      {with(dovetail.Max("visits").Of("fee + ?", 1), sq.Gt{"s": decimal{"9"}}), "[2 3]"},
		"min of text in text":        {with(dovetail.Min("visits").Of("fee * 1"), "s <= ?", decimal{"7.750"}), "[1 3]"},
		"max of name > text":         {with(dovetail.Max("visits").Of("fee"), sq.Gt{"s": "9"}), "[2 3]"},
		"first of text":              {with(dovetail.FirstOf("visits").Of("fee * 1").OrderBy("id"), sq.Lt{"s": "10"}), "[1 3]"},
		"sum of text > text":         {with(dovetail.Sum("visits").Of("fee + cost"), sq.Gt{"s": "10.5"}), "[2 3]"},
		"average of text":            {with(dovetail.Avg("visits").Of("fee * 2"), sq.Lt{"s": "10"}), "[1]"},
		"count of text":              {with(dovetail.Count("visits").Of("CASE WHEN self.fee > outer.id * ? THEN 1 END", 2), sq.GtOrEq{"s": "2"}), "[3]"},
		"count distinct":             {with(dovetail.Count("visits").Of("day").Distinct(), sq.Eq{"s": "1"}), "[2 3]"},
		"max of texts made":          {with(dovetail.Max("visits").Of("note || 'x'"), sq.Eq{"s": "010x"}), "[2]"},
		"max day of text =":          {with(dovetail.Max("visits").Of("coalesce(day, day)"), sq.Eq{"s": at}), "[3]"},
		"max day of text in":         {with(dovetail.Max("visits").Of("coalesce(self.day, self.day)"), sq.Eq{"s": []time.Time{at, march(2)}}), "[2 3]"},
		"max day of text >=":         {with(dovetail.Max("visits").Of("coalesce(day, day)"), sq.GtOrEq{"s": at}), "[1 3]"},
		"max day of text within":     {with(dovetail.Max("visits").Of("coalesce(day, day)"), "s BETWEEN ? AND ?", at, march(4)), "[1 3]"},
		"max day >":                  {with(last, sq.Gt{"s": at}), "[1]"},
		"max day >=":                 {with(last, sq.GtOrEq{"s": at}), "[1 3]"},
		"max day =":                  {with(last, sq.Eq{"s": &at}), "[3]"},
		"max day in":                 {with(last, sq.Eq{"s": []time.Time{at, march(2)}}), "[2 3]"},
		"max day in text":            {with(last, "s <= ?", at), "[2 3]"},
		"max day within":             {with(last, "s BETWEEN ? AND ?", at, march(4)), "[1 3]"},
		"max day one of":             {with(last, "s IN (?, ?)", at, march(4)), "[1 3]"},
		"having max day >=":          {having("max(visits.day) AS s", sq.GtOrEq{"s": at}), "[1 3]"},
		"having max day =":           {having("max(visits.day) AS s", sq.Eq{"s": at}), "[3]"},
		"having max day <>":          {having("max(visits.day) AS s", sq.NotEq{"s": at}), "[1 2]"},
		"having max day in":          {having("max(visits.day) AS s", sq.Eq{"s": []time.Time{at, march(2)}}), "[2 3]"},
		"having max day in text":     {having("max(visits.day) AS s", "s BETWEEN ? AND ?", at, march(4)), "[1 3]"},
		"having max day, text":       {having("max(visits.day) AS s", "max(visits.day) = ?", at), "[3]"},
		"computed sum":               {dovetail.Select(clinics).With(sum.As("sum")).Where(sq.Gt{"sum": "8"}), "[2 3]"},
		"computed day":               {dovetail.Select(clinics).With(last.As("last")).Where(sq.GtOrEq{"last": at}), "[1 3]"},
		"computed day of a Column":   {having("max(visits.day) AS last", sq.GtOrEq{"last": at}), "[1 3]"},
		"computed sum of a Column":   {having("sum(visits.fee) AS sum", sq.GtOrEq{"sum": "10.250"}), "[2 3]"},
		"having minus a value":       {having("sum(visits.fee) - 1 AS s", sq.Gt{"s": "3.00"}), "[2 3]"},
		"a product":                  {dovetail.Select(clinics).Join("visits").Column("visits.fee*2 AS s").Where(sq.Eq{"s": "20.50"}), "[2]"},
		"a column's name of its own": {dovetail.Select(clinics).Join("visits").Column("visits.fee AS s").Where(sq.Eq{"s": "10.250"}), "[2]"},
	}
	kit.OnEach(t, madeDDL, func(t *testing.T, d kit.Database) {
		for what, c := range cases {
			rows, err := c.q.OrderBy("id").All(t.Context(), d.DB)
			if err != nil {
				t.Errorf("%s: %v", what, err)
				continue
			}
			kit.Equal(t, what, fmt.Sprint(kit.Pluck(rows, func(c *madeClinic) int64 { return c.ID })), c.want)
			n, err := c.q.Count(t.Context(), d.DB)
			if err != nil || n != int64(len(rows)) {
				t.Errorf("%s: expected a count of %d, got %d, %v", what, len(rows), n, err)
			}
		}
		ordered := dovetail.Select(clinics).With(sum.As("s")).Where(sq.NotEq{"s": nil}).OrderBy("s DESC", "id")
		kit.Equal(t, "ordered", fmt.Sprint(kit.Pluck(kit.All(t, d.DB, ordered), func(c *madeClinic) int64 { return c.ID })), "[3 2 1]")
	})
}

func madeTwo(context.Context) (any, error) { return "2", nil }
