package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// certificates serves HTTPS from files and reads them again when they change,
// so that a renewed certificate needs no restart.
func certificates(certFile, keyFile string) *tls.Config {
	var mu sync.Mutex
	var loaded *tls.Certificate
	var changed time.Time
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			mu.Lock()
			defer mu.Unlock()
			info, err := os.Stat(certFile)
			if err != nil {
				return loaded, orNil(loaded, err)
			}
			if loaded != nil && info.ModTime().Equal(changed) {
				return loaded, nil
			}
			fresh, err := tls.LoadX509KeyPair(certFile, keyFile)
			if err != nil {
				return loaded, orNil(loaded, fmt.Errorf("load certificate: %w", err))
			}
			loaded, changed = &fresh, info.ModTime()
			return loaded, nil
		},
	}
}

// orNil keeps serving the old certificate while a new one cannot be read.
func orNil(old *tls.Certificate, err error) error {
	if old != nil {
		return nil
	}
	return err
}
