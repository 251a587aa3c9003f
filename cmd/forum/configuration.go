package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

//go:generate go run . configuration --out ../../CONFIGURATION.md

// configurationCommand is `forum configuration`, which writes CONFIGURATION.md
// for `go generate`.
type configurationCommand struct {
	Out string `help:"File to write." required:"" type:"path"`
}

// Run writes the file.
func (c *configurationCommand) Run(*program) error {
	page, err := configuration()
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, page, 0o644); err != nil { //nolint:gosec // documentation is for everybody
		return fmt.Errorf("write the configuration page: %w", err)
	}
	return nil
}

const configurationHead = `# Configuration

<!-- Made from the program's declarations by go generate ./cmd/forum; do not edit. -->

Everything is set by flags or by the variables beside them; there is no
configuration file. A flag goes before a variable, a variable before the
default. ` + "`forum COMMAND --help`" + ` prints the same.
`

// configuration is the page that describes every command, flag and variable.
func configuration() ([]byte, error) {
	parser, err := kong.New(&commands{}, kong.Name("forum"))
	if err != nil {
		return nil, fmt.Errorf("read the declarations: %w", err)
	}
	leaves := parser.Model.Leaves(true)
	everywhere := flagsOfAll(leaves)
	var page bytes.Buffer
	page.WriteString(configurationHead)
	page.WriteString("\n## Every command\n\n")
	describeFlags(&page, everywhere)
	for _, leaf := range leaves {
		describe(&page, leaf, everywhere)
	}
	return page.Bytes(), nil
}

// flagsOfAll are the flags that every command has.
func flagsOfAll(leaves []*kong.Node) []*kong.Flag {
	return slices.DeleteFunc(slices.Clone(leaves[0].Flags), func(f *kong.Flag) bool {
		return slices.ContainsFunc(leaves, func(n *kong.Node) bool { return !hasFlag(n.Flags, f) })
	})
}

func hasFlag(flags []*kong.Flag, f *kong.Flag) bool {
	return slices.ContainsFunc(flags, func(other *kong.Flag) bool { return other.Name == f.Name })
}

func describe(page *bytes.Buffer, leaf *kong.Node, everywhere []*kong.Flag) {
	fmt.Fprintf(page, "\n## %s\n\n%s\n", leaf.FullPath(), leaf.Help)
	for _, argument := range leaf.Positional {
		fmt.Fprintf(page, "\n`%s`: %s\n", strings.ToUpper(argument.Name), argument.Help)
	}
	own := slices.DeleteFunc(slices.Clone(leaf.Flags), func(f *kong.Flag) bool { return f.Hidden || hasFlag(everywhere, f) })
	if len(own) > 0 {
		page.WriteString("\n")
		describeFlags(page, own)
	}
}

func describeFlags(page *bytes.Buffer, flags []*kong.Flag) {
	page.WriteString("| Flag | Variable | Default | Meaning |\n| --- | --- | --- | --- |\n")
	for _, f := range flags {
		fmt.Fprintf(page, "| `--%s` | %s | %s | %s |\n", f.Name, code(f.Envs...), defaultOf(f), meaning(f))
	}
}

func defaultOf(f *kong.Flag) string {
	switch {
	case f.Required:
		return "required"
	case f.HasDefault:
		return code(f.Default)
	case f.IsBool():
		return "off"
	}
	return ""
}

func meaning(f *kong.Flag) string {
	text := strings.ReplaceAll(f.Help, "|", `\|`)
	if f.Enum != "" {
		text += " One of " + code(strings.Split(f.Enum, ",")...) + "."
	}
	return text
}

func code(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = "`" + word + "`"
	}
	return strings.Join(quoted, ", ")
}
