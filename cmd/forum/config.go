package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kong"

	"github.com/vcm-forum/forum/server/database"
)

// version is set when a release is built: -ldflags "-X main.version=1.2.3".
var version = "development"

// shared is what every command takes.
type shared struct {
	Data     string `help:"Folder of the forum's data; made with mode 0700." default:"./data" env:"FORUM_DATA" type:"path"`
	Database string `help:"PostgreSQL address, postgres://…; without it SQLite in the data folder." env:"FORUM_DATABASE"`
	LogLevel string `help:"What is logged to standard error." enum:"debug,info,warn,error" default:"info" env:"FORUM_LOG_LEVEL"`
}

// commands is the one declaration of every command, flag and variable;
// CONFIGURATION.md is made from it.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the forum."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this program's shape, or tell how far it is."`
	Routes  routesCommand  `cmd:"" help:"List every address with the policy that guards it."`
	Export  exportCommand  `cmd:"" help:"Write a dialogue's minutes and contributions to a ZIP file."`
	Import  importCommand  `cmd:"" help:"Take in what was made elsewhere."`
	Backup  backupCommand  `cmd:"" help:"Write a backup of the whole forum."`
	Restore restoreCommand `cmd:"" help:"Make a forum from a backup, in an empty data folder or database."`
	Signer  signerCommand  `cmd:"" help:"Sign the checkpoints of communities' logs, as a process of its own."`
	Vault   vaultCommand   `cmd:"" help:"Rotate the keys of consultations, or tell how they stand."`
	Verify  verifyCommand  `cmd:"" help:"Find out whether communities' logs were altered: ends with 3 if so, with 4 if one is not the log that was signed, with 5 if one was restored from a backup that had less than was signed."`
	Version versionCommand `cmd:"" help:"Print the version."`

	Configuration configurationCommand `cmd:"" hidden:"" help:"Write CONFIGURATION.md."`
}

// program is what a command is given.
type program struct {
	ctx      context.Context //nolint:containedctx // lives as long as the command
	out, err io.Writer
}

// run parses and runs one command: 0 for success, 1 for failure, 2 for wrong
// use, or what the command says of itself.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c, kong.Name("forum"), kong.Writers(stdout, stderr), kong.UsageOnError(), kong.Exit(func(code int) { exit = code }),
		kong.Description("A forum for dialogues on the voluntary carbon market. Every flag can also be set by the variable beside it."))
	if err != nil {
		fmt.Fprintln(stderr, "forum:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		fmt.Fprintln(stderr, "forum:", err)
		return 2
	}
	if err := command.Run(&program{ctx, stdout, stderr}); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "forum:", err)
		if v, own := errors.AsType[verdict](err); own {
			return v.code
		}
		return 1
	}
	return 0
}

func (s shared) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // the flag's values are all levels
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// open opens the database and migrates it.
func (s shared) open(p *program) (*database.DB, error) {
	db, err := database.Open(p.ctx, database.Config{URL: s.Database, Dir: s.Data, Logger: s.logger(p.err)})
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(p.ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
