package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/access"
	"github.com/vcm-forum/forum/server/database"
)

// routesCommand is `forum routes`.
type routesCommand struct {
	shared
	JSON bool `name:"json" help:"Print an array of objects instead of a table."`
}

// routeRow is one address as `forum routes --json` prints it.
type routeRow struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Policy string `json:"policy"`
	Who    string `json:"who"`
	Act    string `json:"act,omitempty"`
	CSRF   bool   `json:"csrf"`
}

// Run lists the routes of a server that has nothing in it: they depend on no data.
func (c *routesCommand) Run(p *program) error {
	dir, err := os.MkdirTemp("", "forum-routes-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()     // only what was made above
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs its x to be entered
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	db, err := database.Open(p.ctx, database.Config{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // nothing was written
	srv, err := server.New(server.Config{DB: db, BaseURL: "http://127.0.0.1:8080"})
	if err != nil {
		return err
	}
	return c.print(p, routeRows(srv.Entries()))
}

func routeRows(entries []access.Entry) []routeRow {
	var rows []routeRow
	for _, e := range entries {
		method, path, ok := strings.Cut(e.Name, " ")
		if e.Kind != access.Route || !ok {
			continue
		}
		rows = append(rows, routeRow{method, path, e.Policy.Name, string(e.Policy.Who), string(e.Policy.Act), method != "GET"})
	}
	return rows
}

func (c *routesCommand) print(p *program, rows []routeRow) error {
	if c.JSON {
		out := json.NewEncoder(p.out)
		out.SetIndent("", "  ")
		return out.Encode(rows)
	}
	for _, r := range rows {
		fmt.Fprintf(p.out, "%-5s %-60s %s\n", r.Method, r.Path, r.Policy)
	}
	return nil
}
