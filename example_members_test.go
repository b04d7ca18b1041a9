package dovetail_test

import (
	"fmt"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// A deposit that is put into an account knows its account.
func ExampleToMany_Add() {
	account, deposit := &written.Account{ID: 7}, &written.Activity{Kind: "DEP", Amount: 500}
	err := written.AccountActivities.Add(account, deposit)
	fmt.Println(len(account.Activities), deposit.Account == account, deposit.AccountID, err)
	// Output:
	// 1 true 7 <nil>
}

// An employee who is taken out of the reports has no boss any more.
func ExampleToMany_Remove() {
	boss, worker := &written.Employee{ID: 1}, &written.Employee{ID: 2}
	if err := written.EmployeeReports.Add(boss, worker); err != nil {
		fmt.Println(err)
	}
	err := written.EmployeeReports.Remove(boss, worker)
	fmt.Println(len(boss.Reports), worker.Boss, worker.BossID, err)
	// Output:
	// 0 <nil> <nil> <nil>
}

// The courses are those that are set, and the enrollments of those that stay are kept.
func ExampleToMany_Set() {
	art, bio := &written.Course{ID: 1}, &written.Course{ID: 2}
	student := &written.Student{ID: 1, Courses: []dovetail.Linked[written.Course, written.Enrollment]{{Row: art, Link: &written.Enrollment{}}}}
	err := written.StudentCourses.Set(student, bio, art)
	fmt.Println(student.Courses[0].Row.ID, student.Courses[1].Row.ID, student.Courses[1].Link != nil, len(bio.Students), err)
	// Output:
	// 2 1 true 1 <nil>
}

// A student gets another pass: the one before has no holder any more.
func ExampleToOne_Set() {
	student, lost, found := &written.Student{ID: 1}, &written.Pass{}, &written.Pass{}
	for _, pass := range []*written.Pass{lost, found} {
		if err := written.StudentPass.Set(student, pass); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(student.Pass == found, found.Holder == student, *found.StudentID, lost.Holder, lost.StudentID)
	// Output:
	// true true 1 <nil> <nil>
}
