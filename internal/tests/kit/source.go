package kit

import (
	"regexp"
)

var Undone = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
