package reads_test

import (
	"fmt"
	"strings"

	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// linkedText is what the students' linked courses are: "ann: algebra 5a, biology 3a; cat:".
func linkedText[K comparable](students []*keyed.Student[K]) string {
	all := make([]string, 0, len(students))
	for _, s := range students {
		if s.Courses == nil {
			all = append(all, s.Name+" not loaded")
			continue
		}
		entries := make([]string, 0, len(s.Courses))
		for _, c := range s.Courses {
			entries = append(entries, " "+c.Row.Title+" "+keyed.GradeText(c.Link.Grade)+c.Link.Term)
		}
		all = append(all, s.Name+":"+strings.Join(entries, ","))
	}
	return strings.Join(all, "; ")
}

// plainText is the same of the other fields, which hold no grades.
func plainText[K comparable](students []*keyed.Student[K]) string {
	all := make([]string, 0, len(students))
	for _, s := range students {
		pointers, values := s.Name+":", s.Name+":"
		for _, c := range s.Plain {
			pointers += " " + c.Title
		}
		for _, c := range s.Values {
			values += " " + c.Title
		}
		if pointers != values || s.Plain == nil || s.Values == nil {
			pointers += fmt.Sprintf(" but by value%s (%t, %t)", values, s.Plain == nil, s.Values == nil)
		}
		all = append(all, pointers)
	}
	return strings.Join(all, "; ")
}
