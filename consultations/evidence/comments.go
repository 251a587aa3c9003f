package evidence

import "encoding/binary"

// comments are an empty list of comments: bytes at both ends and zeros between.
type comments struct{ head, tail []byte }

func emptyComments(word string, length int64, tail int) (comments, error) {
	vendor := length - int64(len(word)) - 4 - int64(tail)
	if vendor < 0 || vendor > 1<<30 {
		return comments{}, malformed("comments of an impossible length")
	}
	c := comments{binary.LittleEndian.AppendUint32([]byte(word), uint32(vendor)), make([]byte, tail)}
	if tail == 5 {
		c.tail[4] = 1
	}
	return c, nil
}

// lay spreads a list of comments over the places where the old one stood.
func lay(o *overlay, places []place, length int64, c comments) {
	done, tail := int64(0), length-int64(len(c.tail))
	for _, p := range places {
		for at := p.from; at < p.to; {
			left := p.to - at
			switch head := int64(len(c.head)); {
			case done < head:
				left = min(left, head-done)
				o.put(at, c.head[done:done+left]...)
			case done < tail:
				left = min(left, tail-done)
				o.wipe(at, at+left)
			default:
				o.put(at, c.tail[done-tail:done-tail+left]...)
			}
			at, done = at+left, done+left
		}
	}
}
