package evidence

import (
	"errors"
	"fmt"
	"io"
)

// ErrNotReleasable is a file of which no copy can be made that surely says nothing of
// places, people and devices beside what it shows.
var ErrNotReleasable = errors.New("no copy of this file can be given out")

// Released is a copy of a file for those outside: without the place, the author, the
// device, the time, the title, comments, thumbnails, and whatever else nobody
// needs to see or hear it. Picture and sound are the same bytes. The original stays.
//
// What could not be read to its end is [ErrNotReleasable], and so is a PDF, whose
// parts name people in ways that only a whole library for it could find.
//
// What it does not do: look at what is seen and heard, or into the data of the
// codecs, where some encoders leave their name. The text of a colour profile
// stays, as the picture needs it.
func Released(r io.ReaderAt, size int64, t Type) (*Copy, error) {
	strip := stripper(t)
	if strip == nil {
		return nil, fmt.Errorf("%w: not of type %s", ErrNotReleasable, t)
	}
	c, err := strip(newSource(r, size))
	if err == nil {
		err = c.failed
	}
	if errors.Is(err, ErrFormat) {
		err = fmt.Errorf("%w: %w", ErrNotReleasable, err)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func stripper(t Type) func(*source) (*Copy, error) {
	switch t {
	case PlainText:
		return textCopy
	case JPEG:
		return jpegCopy
	case PNG:
		return pngCopy
	case WebP:
		return webpCopy
	case Ogg:
		return oggCopy
	case WebMAudio, WebMVideo:
		return webmCopy
	case MP4Audio, MP4Video, GPPAudio, GPPVideo, QuickTime:
		return mp4Copy
	case MP3:
		return mp3Copy
	case WAV:
		return wavCopy
	case AMR, AMRWide:
		return amrCopy
	case PDF:
	}
	return nil
}
