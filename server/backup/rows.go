package backup

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// tableRows reads a table's file row by row.
type tableRows struct {
	file    *os.File
	lines   *json.Decoder
	columns []Column
}

func openTable(name string, columns []Column) (*tableRows, error) {
	file, err := os.Open(name) //nolint:gosec // its name was checked by Verify
	if err != nil {
		return nil, missing(err)
	}
	zip, err := gzip.NewReader(bufio.NewReaderSize(file, 64<<10))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrBroken, err), file.Close())
	}
	return &tableRows{file, json.NewDecoder(zip), columns}, nil
}

func (r *tableRows) close() error { return r.file.Close() }

// next returns the values of at most limit rows, one after the other, and how
// many rows they are; io.EOF with the last ones.
func (r *tableRows) next(limit int) ([]any, int, error) {
	values := make([]any, 0, limit*len(r.columns))
	for n := range limit {
		var row []json.RawMessage
		if err := r.lines.Decode(&row); err != nil {
			return values, n, err
		}
		if len(row) != len(r.columns) {
			return values, n, fmt.Errorf("%d values for %d columns", len(row), len(r.columns))
		}
		for i, c := range r.columns {
			v, err := c.Kind.incoming(row[i])
			if err != nil {
				return values, n, fmt.Errorf("column %s: %w", c.Name, err)
			}
			values = append(values, v)
		}
	}
	return values, limit, nil
}
