package databasetest_test

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/database/databasetest"
)

// asChild marks a test process that starts a server, prints its address and
// waits to be killed.
const asChild = "FORUM_TEST_DATABASE_CHILD"

func TestNothingIsLeftWhenTheTestProcessIsKilled(t *testing.T) {
	if os.Getenv(asChild) != "" {
		fmt.Fprintln(os.Stderr, databasetest.PostgresURL(t))
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the process only
		return
	}
	databasetest.PostgresURL(t) // leaves the test out where there is no PostgreSQL
	dir := folderOfKilledChild(t)
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for exists(dir) {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s is still there", dir)
		}
	}
}

func TestServerKeepsWhatItAcknowledgesAndListensOnNoNetwork(t *testing.T) {
	db := databasetest.Postgres(t)
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": "",
	} {
		var got string
		if err := db.Read.WithContext(t.Context()).Raw("SELECT current_setting(?)", setting).Scan(&got).Error; err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
}

// folderOfKilledChild runs this test in another process, waits until its server
// is up, kills the process and returns the folder of the server.
func folderOfKilledChild(t *testing.T) string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), asChild+"=1")
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close() }) // the child is gone by then
	output, err := child.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("wait for the child's server: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // says that it was killed
	address, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	dir := address.Query().Get("host")
	if !filepath.IsAbs(dir) {
		t.Fatalf("the child's server has address %q, want one with a folder", line)
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
