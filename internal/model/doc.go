// Package model has the tables and relations of a registry as they were declared, bound to the structs that hold their rows: which
// field is which column, which field a relation is loaded into, and which relations of a row were loaded. It checks every
// declaration, once, when the registry is first used.
//
// Input is what the root package records; output is a [Registry] whose tables and [graph.Table]s never change after. It knows no
// SQL text and no database.
package model
