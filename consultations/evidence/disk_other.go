//go:build !unix

package evidence

import (
	"math"
	"os"
	"sync"
)

// here is held instead of a file where files cannot be: one program has the
// folder then, and one thing is written at a time.
var here sync.Mutex

func lock(*os.File) error { here.Lock(); return nil }

func unlock(*os.File) { here.Unlock() }

// free cannot be told here.
func free(string) (int64, error) { return math.MaxInt64, nil }
