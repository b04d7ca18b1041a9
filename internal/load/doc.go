// Package load runs queries: a request becomes a [Program], its statements are sent in batches, rows are scanned into structs by
// position, and related rows are put into the fields of their owners, level after level. A result is returned whole or not at all.
//
// Input is a [query.Request] and a database; output are rows, which the root package gives their type. It never writes; package
// write uses its programs, its keys and its way to send.
package load
