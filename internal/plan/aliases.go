package plan

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// ALIASES: the names that a statement gives its tables.

// aliases gives every binding of a statement a name of its own.
type aliases struct {
	taken    map[string]bool
	next     map[string]int // the number that a name which is taken tries next: those before are taken too
	borrowed []string       // those of statements around that names in this one mean
	features dialect.Features
	detached bool // the statement becomes part of text that is not known
}

// newAliases returns what gives none of the reserved names.
func newAliases(features dialect.Features, reserved []string) *aliases {
	a := &aliases{taken: map[string]bool{}, features: features}
	for _, name := range reserved {
		a.take(name)
	}
	return a
}

// hides reports whether the statement has an alias of a statement around that a name in it means.
func (a *aliases) hides() bool {
	return slices.ContainsFunc(a.borrowed, func(alias string) bool { return a.has(alias) })
}

// pick returns the wanted alias, shortened to the limit, and numbered when it is taken.
func (a *aliases) pick(want string) string {
	alias := a.shorten(want)
	if !a.has(alias) {
		a.take(alias)
		return alias
	}
	n := max(a.next[want], 2)
	for ; a.has(alias); n++ {
		alias = a.shorten(fmt.Sprintf("%s_%d", want, n))
	}
	if a.next == nil {
		a.next = map[string]int{}
	}
	a.next[want] = n
	a.take(alias)
	return alias
}

// take and has know names that differ in the case of their letters as one, as databases do that fold it inside quotes too.
func (a *aliases) take(name string)     { a.taken[strings.ToLower(name)] = true }
func (a *aliases) has(name string) bool { return a.taken[strings.ToLower(name)] }

// shorten cuts a name to the limit and ends it in a hash of the whole, so that two long paths stay apart.
func (a *aliases) shorten(name string) string {
	limit := a.features.MaxIdent
	if limit == 0 || len(name) <= limit {
		return name
	}
	h := fnv.New32a()
	h.Write([]byte(name)) // never fails
	suffix := fmt.Sprintf("~%08x", h.Sum32())
	cut := limit - len(suffix)
	for cut > 0 && name[cut]&0xC0 == 0x80 { // not inside a character
		cut--
	}
	return name[:cut] + suffix
}
