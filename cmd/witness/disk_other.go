//go:build !unix

package main

import "os"

// lockFile cannot take a file here: nobody may start a second witness in one folder.
func lockFile(*os.File) error { return nil }

// syncFolder has nothing to do: here names are written with what they name.
func syncFolder(string) error { return nil }
