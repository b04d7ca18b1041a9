//go:build !unix

package dbtest

import (
	"context"
	"errors"
)

// openBinary runs a server program where signals, users and sessions are those of Unix; so not here.
func openBinary(context.Context) (*Server, error) {
	return nil, errors.New("server programs are run on Unix only")
}
