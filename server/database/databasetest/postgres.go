package databasetest

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/testkit"
)

// Databases that new ones are copied from. PostgreSQL itself brings template1.
const (
	emptyTemplate    = "template1"
	migratedTemplate = "forum_template"
)

// patience bounds every wait for a server: long enough for a slow machine under
// the race detector, short enough that a stuck one is noticed.
const patience = 2 * time.Minute

// cluster is the PostgreSQL server of this test process.
type cluster struct {
	server
	admin *database.DB // creates and drops databases; never closed: it ends with the process
	last  atomic.Int64 // number of the newest database
}

// theCluster is started by the first test that needs it; see [startServer] for
// what stops it.
var theCluster = sync.OnceValues(newCluster)

// newPostgres creates a database for one test and returns its address.
func newPostgres(t testing.TB, template string) string {
	t.Helper()
	if binaries() == "" {
		testkit.SkipWithout(t, testkit.PostgreSQL)
	}
	c, err := theCluster()
	if err != nil {
		t.Fatalf("start PostgreSQL for tests: %v", err)
	}
	name := fmt.Sprintf("test_%d", c.last.Add(1))
	if err := c.exec("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatalf("create the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return c.url(name)
}

// newCluster starts a server and migrates the template.
func newCluster() (*cluster, error) {
	running, err := startServer(binaries())
	if err != nil {
		return nil, err
	}
	c := &cluster{server: running}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if c.admin, err = database.Open(ctx, database.Config{URL: c.url("postgres")}); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if err := c.exec("CREATE DATABASE " + migratedTemplate); err != nil {
		return nil, fmt.Errorf("create the template: %w", err)
	}
	if err := migrate(database.Config{URL: c.url(migratedTemplate)}); err != nil {
		return nil, fmt.Errorf("migrate the template: %w", err)
	}
	return c, nil
}

// exec runs one statement on the server, also after the test's context ended.
func (c *cluster) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return c.admin.Write.WithContext(ctx).Exec(statement).Error
}

// url is the address of one database, through the private socket.
func (c *cluster) url(name string) string {
	return (&url.URL{
		Scheme:   "postgres",
		User:     url.User(superuser),
		Path:     "/" + name,
		RawQuery: url.Values{"host": {c.dir}, "sslmode": {"disable"}}.Encode(),
	}).String()
}
