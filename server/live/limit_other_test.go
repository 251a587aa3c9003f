//go:build !unix

package live_test

import "time"

func raiseFileLimit() {}

func processorTime() time.Duration { return 0 }
