// Package jettables is for what jet's generator makes of the schema "bench" while its tables are there:
//
//	go run github.com/go-jet/jet/v2/cmd/jet@v2.14.1 -dsn="$DATABASE_URL" -schema=bench -path=…
package jettables
