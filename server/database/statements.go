package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// mostStatements is how many compiled statements a connection keeps, of some ten kilobytes each.
const mostStatements = 256

// keepingConnector opens connections that keep their compiled statements, as pgx
// does for PostgreSQL: for SQLite to compile one takes longer than to run it.
// gorm's own keeping of statements does not help inside a transaction, where
// database/sql prepares what gorm kept anew, and inside one everything is written.
type keepingConnector struct{ driver.Connector }

// Connect opens a connection.
func (k keepingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("%T is not the connection that is expected of the SQLite driver", opened)
	}
	return &keepingConn{sqliteConn: conn, kept: map[string]sqliteStmt{}}, nil
}

// sqliteConn and sqliteStmt are what the driver's connections and statements can do and database/sql asks for.
type (
	sqliteConn interface {
		driver.Conn
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.Pinger
		driver.SessionResetter
		driver.Validator
	}
	sqliteStmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
)

// keepingConn is used by one goroutine at a time: database/sql sees to it.
type keepingConn struct {
	sqliteConn
	kept map[string]sqliteStmt // by their text, those that nobody uses at the moment
}

// ExecContext runs a statement.
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := stmt.ExecContext(ctx, args)
	return result, c.keep(query, stmt, err)
}

// QueryContext runs a statement, which is kept when its rows are closed.
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, c.keep(query, stmt, err)
	}
	return &keptRows{rows, func(err error) error { return c.keep(query, stmt, err) }}, nil
}

// take finds a statement or compiles it. Who has taken it has it alone: the same
// text asked for meanwhile is compiled once more.
func (c *keepingConn) take(ctx context.Context, query string) (sqliteStmt, error) {
	if stmt, ok := c.kept[query]; ok {
		delete(c.kept, query)
		return stmt, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	stmt, ok := made.(sqliteStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("%T is not the statement that is expected of the SQLite driver", made), made.Close())
	}
	return stmt, nil
}

// keep takes a statement back, unless it failed. When there are too many, any one goes.
func (c *keepingConn) keep(query string, stmt sqliteStmt, err error) error {
	if err != nil {
		_ = stmt.Close() // says again what has failed
		return err
	}
	if len(c.kept) >= mostStatements {
		for text, any := range c.kept {
			delete(c.kept, text)
			err = any.Close()
			break
		}
	}
	if _, twice := c.kept[query]; twice {
		return errors.Join(err, stmt.Close())
	}
	c.kept[query] = stmt
	return err
}

// Close closes the statements and the connection.
func (c *keepingConn) Close() error {
	var errs []error
	for _, stmt := range c.kept {
		errs = append(errs, stmt.Close())
	}
	clear(c.kept)
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// keptRows gives its statement back.
type keptRows struct {
	driver.Rows
	done func(error) error
}

// Close ends the rows.
func (r *keptRows) Close() error { return r.done(r.Rows.Close()) }
