package i18n

import (
	"math"
	"strconv"
)

// figures says how a language writes numbers: what stands between groups of three digits and before decimals, and
// from how many digits on groups are made. Spanish follows the Real Academia and the United Nations (a thin space
// that does not break, four digits stay together), because its countries differ on comma and point.
type figures struct {
	group   string
	decimal string
	from    int // digits
}

func (l Language) figures() figures {
	switch l {
	case Spanish:
		return figures{group: "\u202f", decimal: ",", from: 5}
	case French:
		return figures{group: "\u202f", decimal: ",", from: 4}
	case Portuguese, Indonesian:
		return figures{group: ".", decimal: ",", from: 4}
	case English:
	}
	return figures{group: ",", decimal: ".", from: 4}
}

// minus is the sign, not the hyphen: screen readers say it and lines do not break after it.
const minus = "−"

// Number writes a whole number: 12,345 in English, 12 345 with thin spaces in Spanish and French, 12.345 in
// Portuguese and Indonesian.
func (p *Printer) Number(n int) string {
	negative, size, _ := signAndSize(int64(n))
	var space [32]byte
	return string(p.appendWhole(space[:0], negative, size))
}

// appendWhole writes a whole number in groups of three digits.
func (p *Printer) appendWhole(buffer []byte, negative bool, size uint64) []byte {
	if negative {
		buffer = append(buffer, minus...)
	}
	var space [20]byte
	digits := strconv.AppendUint(space[:0], size, 10)
	style := p.lang.figures()
	if len(digits) < style.from {
		return append(buffer, digits...)
	}
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			buffer = append(buffer, style.group...)
		}
		buffer = append(buffer, digit)
	}
	return buffer
}

// appendDecimal writes a number with at most two decimals, without trailing zeros. What is no number is a dash; what
// has more digits than a reader could use is left to strconv.
func (p *Printer) appendDecimal(buffer []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(buffer, "–"...)
	}
	if math.Abs(v) >= 1e15 {
		return strconv.AppendFloat(buffer, v, 'g', 3, 64)
	}
	hundredths := uint64(math.Round(math.Abs(v) * 100))
	buffer = p.appendWhole(buffer, v < 0 && hundredths > 0, hundredths/100)
	rest := hundredths % 100
	if rest == 0 {
		return buffer
	}
	buffer = append(buffer, p.lang.figures().decimal...)
	buffer = append(buffer, '0'+byte(rest/10))
	if rest%10 != 0 {
		buffer = append(buffer, '0'+byte(rest%10))
	}
	return buffer
}

// Percent writes a share between 0 and 1 in whole percent. It never rounds something to nothing or nearly all to
// all: those are <1% and >99%. What is no number is a dash.
func (p *Printer) Percent(share float64) string {
	percent := math.Round(share * 100)
	switch {
	case math.IsNaN(share) || math.IsInf(share, 0):
		return "–"
	case share > 0 && percent == 0:
		return p.T("number.under_percent", "n", 1)
	case share < 1 && percent == 100:
		return p.T("number.over_percent", "n", 99)
	}
	return p.T("number.percent", "n", percent)
}
