// Package query is the query without its type: clauses recorded one by one, each in a copy, so that a query is a value. Squirrel's
// expressions, SQL text and conditions become expressions of the plan here, with their values read once.
//
// Input is what users write; output is a [Request], what a call asks of the rows of a table. Names are not resolved here, and
// nothing is sent.
package query
