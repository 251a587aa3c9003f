// Package static holds stylesheets, scripts and pictures. Their addresses
// carry a digest of their content, so that browsers may keep them for ever and
// never show an old one beside a new page.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"
)

//go:embed css js img
var files embed.FS

// File is one static file, ready to be sent.
type File struct {
	Name string // css/base.css
	Path string // /static/css/base.1a2b3c4d.css
	Type string // media type
	Body []byte
	Gzip []byte // nil where compressing gains nothing
}

// Files are all static files.
type Files struct {
	byName map[string]*File
	byPath map[string]*File
}

// Load gives every file, read and compressed once: the program has one set.
func Load() (*Files, error) { return load() }

var load = sync.OnceValues(func() (*Files, error) {
	all := &Files{map[string]*File{}, map[string]*File{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := newFile(name, body)
		all.byName[name], all.byPath[f.Path] = f, f
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load static files: %w", err)
	}
	return all, nil
})

func newFile(name string, body []byte) (*File, error) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	f := &File{
		Name: name, Body: body, Type: mime.TypeByExtension(ext),
		Path: "/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext,
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if packed.Len() < len(body) {
		f.Gzip = packed.Bytes()
	}
	return f, nil
}

// At returns the file with an address.
func (f *Files) At(address string) (*File, bool) {
	file, ok := f.byPath[address]
	return file, ok
}

// Path is the address of a file, "" if there is none with this name.
func (f *Files) Path(name string) string {
	if file, ok := f.byName[name]; ok {
		return file.Path
	}
	return ""
}
