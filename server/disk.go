package server

import (
	"errors"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// isDiskFull tells whether a write failed because there is no room left: the
// system's word for it, SQLite's (SQLITE_FULL) or PostgreSQL's (class 53).
func isDiskFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "53100"
	}
	return err != nil && strings.Contains(err.Error(), "database or disk is full")
}
