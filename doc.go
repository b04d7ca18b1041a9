// Package dovetail is a query builder that knows how tables are related.
package dovetail
