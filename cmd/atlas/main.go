// Command atlas writes the three files behind every map and country list of
// the forum: dialogues/people/places.tsv, dialogues/people/country_groups.tsv
// and static/img/world.svg. It is run by hand when the public data changes; it
// is not part of the running forum and asks no network for anything.
//
//	go run ./cmd/atlas --data DIR
//
// DIR holds the folder countries (ISO 3166-1, UN M49, country groups and the
// Natural Earth outlines). The same DIR always gives the same bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// An output is one generated file, named from the top of the repository.
type output struct {
	name  string
	bytes []byte
}

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "atlas:", err)
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("atlas", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "folder that holds countries/")
	root := flags.String("root", ".", "top folder of the repository")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read flags: %w", err)
	}
	if *data == "" {
		return errors.New("--data is missing: name the folder that holds countries/")
	}
	outputs, err := generate(os.DirFS(*data))
	if err != nil {
		return err
	}
	return write(*root, outputs)
}

// generate makes all outputs in memory, so that bad data writes nothing.
func generate(data fs.FS) ([]output, error) {
	places, err := readPlaces(data)
	if err != nil {
		return nil, err
	}
	groups, err := readGroups(data, places)
	if err != nil {
		return nil, err
	}
	outlines, err := placeOnMap(data, places)
	if err != nil {
		return nil, err
	}
	return []output{
		{"dialogues/people/places.tsv", placesTable(places)},
		{"dialogues/people/country_groups.tsv", groupsTable(groups)},
		{"static/img/world.svg", worldSVG(outlines)},
	}, nil
}

func write(folder string, outputs []output) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("open repository: %w", err)
	}
	defer func() { _ = root.Close() }()
	for _, o := range outputs {
		if err := root.WriteFile(o.name, o.bytes, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", o.name, err)
		}
	}
	return nil
}
