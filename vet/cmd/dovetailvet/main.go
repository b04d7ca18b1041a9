// Command dovetailvet reports SQL text that is not a constant, in calls of dovetail; package vet has the rules.
//
//	dovetailvet ./...
//	go vet -vettool=$(which dovetailvet) ./...
//
// The exit status is not 0 when there was something to report.
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/dovetail-go/dovetail/vet"
)

func main() { singlechecker.Main(vet.Analyzer) }
