package i18n

import (
	"strconv"
	"time"
)

// day is 24 hours: durations know no calendar.
const day = 24 * time.Hour

// A unit is what durations are counted in.
type unit struct {
	key    string
	length time.Duration
}

// spans are the units of Duration, each followed by the one that refines it.
func spans() [4]unit {
	return [4]unit{
		{"duration.day", day},
		{"duration.hour", time.Hour},
		{"duration.minute", time.Minute},
		{"duration.second", time.Second},
	}
}

// Duration writes a length of time in its two largest units: 1 hour 20 minutes, 3 days, 45 seconds. What is smaller
// is cut off, so that nobody is promised time that is not there. The sign is left out.
func (p *Printer) Duration(d time.Duration) string {
	d = d.Abs()
	units := spans()
	for i, u := range units {
		count := d / u.length
		if count == 0 {
			continue
		}
		first := p.T(u.key, "n", int64(count))
		if i+1 == len(units) {
			return first
		}
		finer := units[i+1] //nolint:gosec // the last unit has returned
		rest := d % u.length / finer.length
		if rest == 0 {
			return first
		}
		return p.T("duration.two", "first", first, "second", p.T(finer.key, "n", int64(rest)))
	}
	return p.T("duration.second", "n", 0)
}

// Clock writes a length of time as a clock shows it, to the second: 5:09, 1:20:05. Time overrun has a minus: −0:05.
// It is the same in every language, since the page counts on from it.
func (p *Printer) Clock(d time.Duration) string {
	seconds := int64(d / time.Second)
	sign := ""
	if seconds < 0 {
		sign, seconds = minus, -seconds
	}
	minutes, hours := seconds/60%60, seconds/3600
	if hours == 0 {
		return sign + strconv.FormatInt(minutes, 10) + ":" + twoDigits(int(seconds%60))
	}
	return sign + strconv.FormatInt(hours, 10) + ":" + twoDigits(int(minutes)) + ":" + twoDigits(int(seconds%60))
}

// Ago writes how long before now something happened, in one unit: just now, 3 minutes ago, 2 months ago. What lies
// ahead of now reads in 3 minutes. The zero time is not a moment and gives "".
func (p *Printer) Ago(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	passed := now.Sub(t)
	switch {
	case passed >= time.Minute:
		return p.T("ago.past", "time", p.roughly(passed))
	case passed > -time.Minute:
		return p.T("ago.now")
	}
	return p.T("ago.future", "time", p.roughly(passed.Abs()))
}

// roughly writes a minute or more in its largest unit; a month is a twelfth of 365 days.
func (p *Printer) roughly(d time.Duration) string {
	days := int64(d / day)
	switch {
	case d < time.Hour:
		return p.T("duration.minute", "n", int64(d/time.Minute))
	case d < day:
		return p.T("duration.hour", "n", int64(d/time.Hour))
	case days < 31:
		return p.T("duration.day", "n", days)
	case days < 365:
		return p.T("duration.month", "n", days*12/365)
	}
	return p.T("duration.year", "n", days/365)
}
