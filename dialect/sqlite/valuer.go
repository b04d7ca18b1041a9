package sqlite

import (
	"database/sql/driver"
	"fmt"
	"reflect"
)

// valued calls a Valuer, as database/sql would: there a method that panics would leave the connection taken for ever.
func valued(a driver.Valuer) (v any, changed bool, err error) {
	p := reflect.ValueOf(a)
	if p.Kind() == reflect.Pointer && p.IsNil() && p.Type().Elem().Implements(reflect.TypeFor[driver.Valuer]()) {
		return nil, true, nil // the method is that of what it points to
	}
	value, err := a.Value()
	if err != nil {
		return nil, true, err
	}
	if !driver.IsValue(value) {
		return nil, true, fmt.Errorf("its Value is a %T, which is no driver.Value", value)
	}
	if f, ok := value.(float64); ok {
		return value, true, number(f)
	}
	return value, true, nil
}
