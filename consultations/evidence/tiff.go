package evidence

import "encoding/binary"

// orientationOf finds in the TIFF structure of an EXIF block how a picture is to be
// turned: 1 to 8, or 1 where it does not say so. Nothing else of it is looked at.
func orientationOf(tiff []byte) byte {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := int64(order.Uint16(tiff[at:]))
	for i := range entries {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[entry:]) != tagOrientation {
			continue
		}
		if v := order.Uint16(tiff[entry+8:]); v >= 1 && v <= 8 {
			return byte(v)
		}
	}
	return 1
}

const tagOrientation = 0x0112

// onlyOrientation is an EXIF block that says how the picture is to be turned, so
// that it need not be decoded and turned, and nothing else.
func onlyOrientation(turn byte) []byte {
	return []byte{
		'M', 'M', 0, 42, 0, 0, 0, 8, // TIFF, big-endian, the directory follows
		0, 1, // with one entry:
		tagOrientation >> 8, tagOrientation & 0xff, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0, // one short
		0, 0, 0, 0, // and no other directory
	}
}
