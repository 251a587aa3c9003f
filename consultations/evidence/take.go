package evidence

import "io"

// Take puts a whole stream into an upload that is ready to be finished, for senders
// who cannot say beforehand how long a file is: at most atMost bytes. A stream that
// breaks off is an error, and what came of it is swept in time: nobody knows the
// name of its upload.
func (f *Folder) Take(r io.Reader, atMost int64) (string, error) {
	if atMost < 1 || atMost > f.store.limits.File {
		atMost = f.store.limits.File
	}
	id, err := f.admit(brief{Size: atMost, Open: true})
	if err != nil {
		return "", err
	}
	have, err := f.Append(id, 0, r)
	if err == nil && have == 0 {
		err = ErrEmpty
	}
	if err != nil {
		return "", err
	}
	return id, nil
}
