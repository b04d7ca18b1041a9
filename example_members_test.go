package dovetail_test

import (
	"fmt"

	"github.com/dovetail-go/dovetail"
)

// A deposit that is put into an account knows its account.
func ExampleToMany_Add() {
	account, deposit := &wAccount{ID: 7}, &wActivity{Kind: "DEP", Amount: 500}
	err := wAccountActivities.Add(account, deposit)
	fmt.Println(len(account.Activities), deposit.Account == account, deposit.AccountID, err)
	// Output:
	// 1 true 7 <nil>
}

// An employee who is taken out of the reports has no boss any more.
func ExampleToMany_Remove() {
	boss, worker := &wEmployee{ID: 1}, &wEmployee{ID: 2}
	if err := wEmployeeReports.Add(boss, worker); err != nil {
		fmt.Println(err)
	}
	err := wEmployeeReports.Remove(boss, worker)
	fmt.Println(len(boss.Reports), worker.Boss, worker.BossID, err)
	// Output:
	// 0 <nil> <nil> <nil>
}

// The courses are those that are set, and the enrollments of those that stay are kept.
func ExampleToMany_Set() {
	art, bio := &wCourse{ID: 1}, &wCourse{ID: 2}
	student := &wStudent{ID: 1, Courses: []dovetail.Linked[wCourse, wEnrollment]{{Row: art, Link: &wEnrollment{}}}}
	err := wStudentCourses.Set(student, bio, art)
	fmt.Println(student.Courses[0].Row.ID, student.Courses[1].Row.ID, student.Courses[1].Link != nil, len(bio.Students), err)
	// Output:
	// 2 1 true 1 <nil>
}

// A student gets another pass: the one before has no holder any more.
func ExampleToOne_Set() {
	student, lost, found := &wStudent{ID: 1}, &wPass{}, &wPass{}
	for _, pass := range []*wPass{lost, found} {
		if err := wStudentPass.Set(student, pass); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(student.Pass == found, found.Holder == student, *found.StudentID, lost.Holder, lost.StudentID)
	// Output:
	// true true 1 <nil> <nil>
}
