// Command bench compares dovetail with what is written by hand with pgx, and with other libraries, on the same rows. It prints for each
// workload the ratio of client CPU and of time by the clock to hand-written pgx, the median of rounds that are run in turn with the least
// and the greatest, and the allocations of a call; then tables of all workloads. "by hand again" is the same code once more, so that its ratio
// shows the noise.
//
//	DATABASE_URL=postgres://… go run . [-contenders all] [-live] [-delay 1ms] [-rounds 9] [-only W3,W5]
//	DATABASE_URL=postgres://… go run . -plot delay.svg
//	go run . -sqlite
//
// Without -live the server's answers come from memory, so that only the client's work is left. With -delay the server is asked, and an answer
// comes no sooner after its question than that, as from a server so far away. "one trip" is dovetail with OneRoundTrip. With -plot it draws the
// time of W10 by the delay. With -sqlite it compares dovetail on SQLite with database/sql by hand. Before anything is timed, the rows of all
// contenders are compared, related rows included. Times are never asserted, but a call of dovetail that makes more objects than it used to is
// an error. It makes the schema "bench" anew.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	var b bench
	flag.BoolVar(&b.live, "live", false, "ask the server in each call")
	flag.DurationVar(&b.delay, "delay", 0, "ask the server in each call, as far away as an answer takes so long")
	flag.IntVar(&b.rounds, "rounds", 9, "rounds, in each of which every contender runs once")
	flag.DurationVar(&b.share, "for", 40*time.Millisecond, "how long a contender runs in a round")
	flag.StringVar(&b.profile, "cpuprofile", "", "write a CPU profile of dovetail's calls alone, which are not timed then")
	flag.StringVar(&b.memory, "memprofile", "", "write a profile of what dovetail's calls alone allocate, which are not timed then")
	flag.StringVar(&b.plot, "plot", "", "draw the time of W10 by the delay of the network into an SVG file")
	flag.BoolVar(&b.sqlite, "sqlite", false, "compare on SQLite, with database/sql by hand")
	only := flag.String("only", "", "workloads, with commas between them")
	names := flag.String("contenders", "", "contenders, with commas between them, or all; dovetail alone where none are named")
	flag.Parse()
	if *only != "" {
		b.only = strings.Split(*only, ",")
	}
	if err := b.run(context.Background(), *names, os.Getenv("DATABASE_URL")); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
