package dovetail

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
)

// Default says that the database fills the column when an insert leaves it out: sql is the expression, as in the column's
// DEFAULT clause. An insert leaves the column out of the rows in which its field is zero, and reads back what
// the database made. The text is trusted: never put input into it.
//
//	NewTable[Session](Schema, "sessions", Default("id", "gen_random_uuid()"), Default("created_at", "now()"))
func Default(column, sql string) TableOption {
	return func(t *model.Table) {
		t.SetColumn(column, "Default", func(c *graph.Column) error {
			c.Default = sql
			return model.NotEmpty(c.Default)
		})
	}
}

// Generated says that the database always makes the column's value, by the expression sql of the row's other columns: GENERATED
// ALWAYS AS (sql) STORED. It is read, and never written. The text is trusted: never put input into it.
//
//	NewTable[Line](Schema, "lines", Generated("total", "price * quantity"))
func Generated(column, sql string) TableOption {
	return func(t *model.Table) {
		t.SetColumn(column, "Generated", func(c *graph.Column) error {
			c.Generated, c.ReadOnly = sql, true
			return model.NotEmpty(c.Generated)
		})
	}
}

// ReadOnly says that the database always makes the values of the columns, in a way that need not be told: by a trigger, say, or
// as GENERATED ALWAYS. They are read and conditions compare them; nothing writes them: an insert leaves them out and reads back what
// the database made, as far as RETURNING shows it (SQLite's does not show what an AFTER trigger writes), and a relation whose foreign
// key is one of them can only be read along. Use [Generated] to have [Registry.DDL] write the expression too.
//
//	NewTable[Film](Schema, "film", ReadOnly("fulltext", "last_update"))
func ReadOnly(columns ...string) TableOption {
	return func(t *model.Table) {
		for _, name := range columns {
			t.SetColumn(name, "ReadOnly", func(c *graph.Column) error {
				c.ReadOnly = true
				return nil
			})
		}
	}
}

// AssignedKey says that the program gives the primary key, zero included, and that the database makes none. Without it the
// database numbers the rows of a table whose primary key is one integer column that points at no other table: an insert
// leaves a zero key out, and reads back the number.
func AssignedKey() TableOption {
	return func(t *model.Table) { t.Graph.Assigned = true }
}

// Type names the SQL type of a column, for [Registry.DDL], where that of its Go type is not the one meant: Type("price",
// "numeric(12, 2)"). The text is trusted, and is the same for every database.
func Type(column, sqlType string) TableOption {
	return func(t *model.Table) {
		t.SetColumn(column, "Type", func(c *graph.Column) error {
			c.SQLType = sqlType
			return model.NotEmpty(c.SQLType)
		})
	}
}

// NotNull says that the columns have no NULL, although their Go types can hold it. A column whose type cannot, and one of the
// primary key, has none anyway.
func NotNull(columns ...string) TableOption {
	return func(t *model.Table) {
		for _, name := range columns {
			t.SetColumn(name, "NotNull", func(c *graph.Column) error {
				c.NotNull = true
				return nil
			})
		}
	}
}

// Enum is [OneOf] by a type of the database's own, where it has such types (PostgreSQL): [Registry.DDL] writes CREATE TYPE … AS ENUM, in
// the table's schema, and the column is of that type. Columns of several tables may share a type if they name the same values, in the
// same order, which is that of the type. On SQLite it is OneOf. [Registry.Check] does not compare the values of a type that is there.
//
//	NewTable[Activity](Schema, "activity", Enum("kind", "activity_kind", Deposit, Withdrawal))
//	CREATE TYPE "activity_kind" AS ENUM ('DEP', 'WD')
func Enum[V ~string](column, typeName string, values ...V) TableOption {
	return func(t *model.Table) {
		OneOf(column, values...)(t)
		t.SetColumn(column, "Enum", func(c *graph.Column) error {
			c.Enum = typeName
			if err := graph.CheckIdent(typeName); err != nil {
				return graph.Problemf(ErrInvalidRelation, "the name of the type %q %s; give one", typeName, err)
			}
			return nil
		})
	}
}

// OneOf says which texts a column may hold, for the CHECK constraint that [Registry.DDL] writes: an enum.
//
//	NewTable[Activity](Schema, "activity", OneOf("activity_type", Deposit, Withdrawal))
func OneOf[V ~string](column string, values ...V) TableOption {
	return func(t *model.Table) {
		t.SetColumn(column, "OneOf", func(c *graph.Column) error {
			if len(values) == 0 {
				return graph.Problemf(ErrInvalidRelation, "column %q is given no value; name those it may have", column)
			}
			if c.Class != graph.ClassText && c.Class != graph.ClassCustom {
				return graph.Problemf(ErrInvalidRelation, "column %q (%s) does not hold text; use Check", column, c.GoType)
			}
			c.Values = nil
			for _, v := range values {
				c.Values = append(c.Values, string(v))
			}
			return nil
		})
	}
}

// Unique says that no two rows have the same values in the columns. It is a UNIQUE constraint in what [Registry.DDL] writes.
// The foreign key of a [HasOne] has one without being named.
func Unique(columns ...string) TableOption {
	return func(t *model.Table) { t.Graph.Uniques = append(t.Graph.Uniques, slices.Clone(columns)) }
}

// Index says that the columns have an index. Foreign keys have one without being named.
func Index(columns ...string) TableOption {
	return func(t *model.Table) { t.Graph.Indexes = append(t.Graph.Indexes, slices.Clone(columns)) }
}

// IndexSpec is an index for [IndexWith]. What is SQL in it is trusted: never put input into it.
type IndexSpec struct {
	Name   string   // it must have one, by which [Registry.Check] finds it
	On     []string // columns, or SQL: "lower(email)", "created_at DESC"
	Unique bool
	Using  string // the method, such as "gin"; default: that of the database. It is not written for SQLite, which has one.
	Where  string // SQL: the index has only the rows for which it holds
}

// IndexWith says that there is an index of more than columns: of expressions, of some rows, or by another method. A unique one that is
// partial, or of an expression, keeps nothing unique in the eyes of relations. [Registry.Check] asks for an index of that name, and
// does not compare what it is of.
//
//	IndexWith(IndexSpec{Name: "users_email", On: []string{"lower(email)"}, Unique: true, Where: "deleted_at IS NULL"})
//	CREATE UNIQUE INDEX "users_email" ON "users" (lower(email)) WHERE deleted_at IS NULL
func IndexWith(spec IndexSpec) TableOption {
	spec.On = slices.Clone(spec.On)
	return func(t *model.Table) { t.Graph.Special = append(t.Graph.Special, graph.Index(spec)) }
}

// Check says what holds for every row: sql is the condition of a CHECK constraint, which is named by its place among the table's. The
// text is trusted: never put input into it. A row that breaks it is a [*ConstraintError] with the columns that the condition names.
func Check(sql string) TableOption { return checked("Check", graph.Check{SQL: sql}) }

// NamedCheck is [Check] with a name for the constraint.
//
//	NamedCheck("fee_below_price", "fee < price")
func NamedCheck(name, sql string) TableOption {
	return func(t *model.Table) {
		if name == "" {
			t.ColumnOptions = append(t.ColumnOptions, model.ColumnOption{Option: "NamedCheck", Mistake: graph.Problemf(ErrInvalidRelation,
				"the name is empty; give one, or use Check")})
			return
		}
		checked("NamedCheck", graph.Check{Name: name, SQL: sql})(t)
	}
}

func checked(option string, c graph.Check) TableOption {
	return func(t *model.Table) {
		if err := model.NotEmpty(c.SQL); err != nil {
			t.ColumnOptions = append(t.ColumnOptions, model.ColumnOption{Option: option, Mistake: err})
			return
		}
		t.Graph.Checks = append(t.Graph.Checks, c)
	}
}

// DeletePolicy is what a delete of a row does to the rows that point at it, see [OnDelete].
type DeletePolicy int

// The policies of [OnDelete].
const (
	Restrict = DeletePolicy(graph.Restrict) // the delete is refused; the default
	Cascade  = DeletePolicy(graph.Cascade)  // the rows that point at it are deleted too
	SetNull  = DeletePolicy(graph.SetNull)  // their foreign key becomes NULL
	NoAction = DeletePolicy(graph.NoAction) // the delete is refused when the constraints are checked, which may be at commit
)

// String returns the policy in the words of SQL, such as "SET NULL".
func (p DeletePolicy) String() string { return graph.DeletePolicy(p).String() }

// OnDelete declares what happens to the rows that hold the relation's foreign key when the row they point at is deleted. The
// default is [Restrict], of the columns of a [MorphMany] too, which no database checks. It may be given to either end, to
// [HasMany] and [HasOne] or to [BelongsTo], and means the same: there is one key, and two declarations along it that disagree
// are an error. So is [SetNull] where a column of the key cannot become NULL; that of a [MorphMany] clears the type too, where it can
// be NULL. A relation along others has no key of its own and takes no policy, nor does [MorphTo].
//
// Of a [ManyToMany] it is about the rows of the join table, whichever end goes. Without one these are deleted where they say nothing
// but which rows are linked: their columns are the two keys, or these are their primary key and nothing points at them. Where
// they hold more, or another relation is declared along the key, the default is Restrict.
//
// A relation with a condition ([Where]) speaks for the rows that have the columns as it says, and other relations along the key for
// the rest; what no relation speaks for is left to the database. A condition of another form takes no policy.
//
//	HasMany(Authors, "books", Books, ForeignKey("author_id"), OnDelete(Cascade), Inverse("author"))
func OnDelete(policy DeletePolicy) RelationOption {
	return func(d *model.Declaration) {
		d.Declaration.OnDelete = graph.DeletePolicy(policy)
		if policy == DeletePolicy(graph.Unsaid) {
			d.Declaration.OnDelete = -1 // the zero value is no policy that could be meant
		}
	}
}

// DeleteOrphans declares that a related row that is taken out of the relation, because another takes its place or it is
// removed, is deleted, as [Removal.Exec] would: marked where its table has a [SoftDelete], and with what points at it. Without it
// its foreign key becomes NULL. It is for [HasMany], [HasOne], [MorphMany] and [MorphOne].
func DeleteOrphans() RelationOption {
	return func(d *model.Declaration) { d.Declaration.DeleteOrphans = true }
}

// SoftDelete says that a delete only marks the table's rows: it sets the column, a time that can be NULL, to the database's
// CURRENT_TIMESTAMP, or a boolean to true. Rows that are marked are out of the table's [Scope], which need not be declared;
// [Query.Unscoped] shows them, and [Removal.Hard] removes them. A delete that marks rows goes over to those that point at
// them by [Cascade] in tables that have a SoftDelete too, and touches no others: the row that they point at stays. A marked row
// still points at its own: it can restrict a delete, and is removed with a row that is. Columns that must be unique must
// be so among the marked rows too; a unique index WHERE the column IS NULL is what you may want.
//
//	NewTable[Post](Schema, "posts", SoftDelete("deleted_at"))
//	UPDATE "posts" SET "deleted_at" = CURRENT_TIMESTAMP WHERE ("posts"."deleted_at" IS NULL) AND ("posts"."id" = $1)
func SoftDelete(column string) TableOption {
	return func(t *model.Table) {
		t.Graph.SoftDelete = column
		t.SetColumn(column, "SoftDelete", func(c *graph.Column) error {
			var unmarked any
			switch {
			case c.Class == graph.ClassBoolean && !c.Nullable:
				unmarked = false
			case (c.Class == graph.ClassTime || c.Class == graph.ClassCustom) && c.Nullable:
			default:
				return graph.Problemf(ErrInvalidRelation, "column %q (%s) cannot say when a row was deleted, or whether; make the field "+
					"*time.Time or bool", c.Name, c.GoType)
			}
			expr, err := query.EqualTo(column, unmarked)
			t.Scopes = append(t.Scopes, model.SoftDeleteScope(model.DeclaredCondition{Expr: expr, Err: err}))
			return nil
		})
	}
}
