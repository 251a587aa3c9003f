//go:build !unix

package server_test

import "time"

func processorTime() time.Duration { return 0 }
