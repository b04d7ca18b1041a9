// Package write inserts, changes, links and deletes rows, in hand or told by a condition. Rows go in the order in which their
// foreign keys need each other, and in the order of their keys inside a table. A call is written whole or not at all: it is one
// statement, or one transaction.
//
// Input are rows of structs and the declarations of package model; what the database makes is read back into the rows only when all
// of the call has succeeded.
package write
