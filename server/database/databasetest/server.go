package databasetest

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// superuser is the name that tests connect with.
const superuser = "forum"

// watchdog makes a data folder, runs a server in it and says "ready". It waits
// for the end of its input, which comes when the test process ends in whatever
// way, kill -9 too, and then stops the server and removes every trace.
//
// The settings keep what the program demands (fsync and full_page_writes stay
// on); only size differs from an installation. Nobody else gets in: there is no
// network, and the socket lies in a folder that only its owner can enter.
const watchdog = `
dir=$1
finish() { rm -rf "$dir"; }
trap finish EXIT
cd "$dir" || exit 1
initdb -D data -U ` + superuser + ` -A trust -E UTF8 --locale=C --no-sync >log 2>&1 &&
cat >>data/postgresql.conf <<END &&
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 64MB
max_wal_size = 256MB
END
pg_ctl -D data -l log -w -t 100 start >>log 2>&1 || { tail -n 20 log; exit 1; }
echo ready
cat >/dev/null
pg_ctl -D data -m immediate -w stop >/dev/null 2>&1
`

// server is a running server. Closing life stops it, and so does losing the
// last reference to life: whoever uses the server keeps this value.
type server struct {
	dir  string // holds the data and the socket
	life io.Closer
}

// startServer starts a server from the given folder of binaries. It stops when
// this process ends.
func startServer(bin string) (server, error) {
	account, err := serverAccount()
	if err != nil {
		return server{}, err
	}
	dir, err := serverFolder(account)
	if err != nil {
		return server{}, err
	}
	cmd := exec.Command("sh", "-c", watchdog, "sh", dir) // lives as long as this process
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: account} // Ctrl-C reaches only the tests
	life, err := cmd.StdinPipe()
	if err != nil {
		return server{}, fmt.Errorf("make a pipe: %w", err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return server{}, fmt.Errorf("make a pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return server{}, fmt.Errorf("start a shell: %w", err)
	}
	return server{dir: dir, life: life}, waitReady(output)
}

// waitReady reads the watchdog's first line; anything but "ready" is the
// server's complaint.
func waitReady(output io.Reader) error {
	lines := bufio.NewReader(output)
	first, err := lines.ReadString('\n')
	if strings.TrimSpace(first) == "ready" {
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("wait for the server: %w", err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil {
		return fmt.Errorf("wait for the server: %w", err)
	}
	return fmt.Errorf("the server did not start: %s", strings.TrimSpace(first+string(rest)))
}

// serverFolder makes the server's folder and gives it to the server's account.
func serverFolder(account *syscall.Credential) (string, error) {
	dir, err := os.MkdirTemp(place(), "forum-pg-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the server: %w", err)
	}
	if account == nil {
		return dir, nil
	}
	if err := os.Chown(dir, int(account.Uid), int(account.Gid)); err != nil {
		return "", fmt.Errorf("hand the folder to the server: %w", err)
	}
	return dir, nil
}

// memory is a file system that most Linux machines keep in memory, and room is
// how many free bytes it takes to hold a server there.
const (
	memory = "/dev/shm"
	room   = 1 << 30
)

// place says where the server lives: in memory if there is room, since creating
// and dropping a database waits for the disk so long that it would be most of
// the time of the tests. Benchmarks measure what a commit costs, so they use the
// disk. Wherever TMPDIR points, the folder is /tmp: the path of a socket may
// have 107 bytes at most, and the server's account must be able to get there.
func place() string {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(memory, &disk); err != nil || disk.Bavail*uint64(disk.Bsize) < room {
		return "/tmp"
	}
	if bench := flag.Lookup("test.bench"); bench != nil && bench.Value.String() != "" {
		return "/tmp"
	}
	return memory
}

// serverAccount returns whom the server runs as: nil for whoever runs the
// tests, or another account when that is root, whom PostgreSQL refuses.
func serverAccount() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("find an account for the server: %w", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the id of account %s: %w", account.Username, err)
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the group of account %s: %w", account.Username, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// binaries returns the folder of the newest PostgreSQL server installed, or ""
// where there is none. Debian keeps it out of the PATH.
func binaries() string {
	var newest string
	var version int
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well formed
	for _, initdb := range found {
		bin := filepath.Dir(initdb)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(bin))); err == nil && v > version {
			newest, version = bin, v
		}
	}
	if initdb, err := exec.LookPath("initdb"); newest == "" && err == nil {
		return filepath.Dir(initdb)
	}
	return newest
}
