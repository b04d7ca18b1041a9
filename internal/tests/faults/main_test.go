package faults_test

import (
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

func TestMain(m *testing.M) { kit.Main(m) }
