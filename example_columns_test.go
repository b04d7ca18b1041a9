package dovetail_test

import (
	"fmt"
	"time"

	"github.com/dovetail-go/dovetail"
)

// Ticket is a row whose columns the database fills in part.
type Ticket struct {
	ID      int64
	Price   int64
	Seats   int64
	Total   int64
	SoldAt  time.Time
	EventID *int64
}

// Event is what tickets are sold for. Its number is the organizer's.
type Event struct {
	ID      int64
	Tickets []*Ticket
}

func ExampleDefault() {
	r := dovetail.NewRegistry()
	dovetail.NewTable[Ticket](r, "tickets", dovetail.Default("sold_at", "CURRENT_TIMESTAMP"), dovetail.Default("seat", "1"))
	fmt.Println(r.Validate())
	// Output: dovetail: table "tickets": Default: table "tickets" has no column "seat"; did you mean "seats"?
}

func ExampleGenerated() {
	r := dovetail.NewRegistry()
	dovetail.NewTable[Ticket](r, "tickets",
		dovetail.Generated("total", "price * seats"), // read, and never written
		dovetail.Default("total", "0"))
	fmt.Println(r.Validate())
	// Output: dovetail: table "tickets": Default: column "total" has Default and Generated; leave one out
}

func ExampleAssignedKey() {
	r := dovetail.NewRegistry()
	dovetail.NewTable[Ticket](r, "tickets", dovetail.AssignedKey()) // a ticket without a number is the ticket 0
	fmt.Println(r.Validate())
	// Output: <nil>
}

func ExampleOnDelete() {
	r := dovetail.NewRegistry()
	events := dovetail.NewTable[Event](r, "events")
	tickets := dovetail.NewTable[Ticket](r, "tickets")
	dovetail.HasMany(events, "tickets", tickets, dovetail.ForeignKey("event_id"), dovetail.OnDelete(dovetail.SetNull))
	dovetail.BelongsTo(tickets, "event", events, dovetail.ForeignKey("event_id"), dovetail.OnDelete(dovetail.Cascade))
	fmt.Println(r.Validate())
	// Output: dovetail: relation "tickets.event": its OnDelete is CASCADE, but that of relation "events.tickets" along the same key is SET NULL; declare it once
}

func ExampleDeleteOrphans() {
	r := dovetail.NewRegistry()
	events := dovetail.NewTable[Event](r, "events")
	tickets := dovetail.NewTable[Ticket](r, "tickets")
	dovetail.BelongsTo(tickets, "event", events, dovetail.ForeignKey("event_id"), dovetail.DeleteOrphans())
	dovetail.HasMany(events, "tickets", tickets, dovetail.ForeignKey("event_id"))
	fmt.Println(r.Validate())
	// Output: dovetail: relation "tickets.event": DeleteOrphans is about the rows that point at "events"; give it to the HasMany or HasOne of that table
}

func ExampleDeletePolicy_String() {
	fmt.Println(dovetail.Restrict, dovetail.Cascade, dovetail.SetNull, dovetail.NoAction)
	// Output: RESTRICT CASCADE SET NULL NO ACTION
}
