package i18n

import (
	"fmt"
	"strconv"
	"time"

	"golang.org/x/text/feature/plural"
)

// A calendar is the names of months and weekdays, taken once from a catalog.
type calendar struct {
	months   [12]string // January first
	short    [12]string
	weekdays [7]string // Sunday first, as in package time
}

func newCalendar(entries catalog) calendar {
	var c calendar
	for i := range c.months {
		c.months[i] = entries.words("date.month." + strconv.Itoa(i+1))
		c.short[i] = entries.words("date.month_short." + strconv.Itoa(i+1))
	}
	for i := range c.weekdays {
		c.weekdays[i] = entries.words("date.weekday." + strconv.Itoa(i))
	}
	return c
}

// words gives a text without placeholders; a key that is missing shows itself.
func (c catalog) words(key string) string {
	if entry := c[key]; entry != nil {
		if words, ok := entry.forms[plural.Other].constant(); ok {
			return words
		}
	}
	return "⟦" + key + "⟧"
}

// in moves a moment to a time zone; nil is UTC.
func in(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		return t.UTC()
	}
	return t.In(zone)
}

// Date writes a day in full: 23 November 2026, 23 de noviembre de 2026. A zone of nil is UTC, here and in all that
// follows. The zero time is not a moment and gives "", here and in all that follows.
func (p *Printer) Date(t time.Time, zone *time.Location) string {
	return p.day("date.long", p.calendar.months, in(t, zone))
}

// ShortDate writes a day with the month cut short: 23 Nov 2026.
func (p *Printer) ShortDate(t time.Time, zone *time.Location) string {
	return p.day("date.short", p.calendar.short, in(t, zone))
}

// day fills in a pattern for a day. The first of a month has its own word in French (1er) and Portuguese (1º).
func (p *Printer) day(pattern string, months [12]string, local time.Time) string {
	if local.IsZero() {
		return ""
	}
	day := strconv.Itoa(local.Day())
	if local.Day() == 1 {
		day = p.T("date.first_day")
	}
	return p.T(pattern, "day", day, "month", months[local.Month()-1], "year", strconv.Itoa(local.Year()))
}

// Time writes hours and minutes of a 24-hour clock: 14:05.
func (p *Printer) Time(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	local := in(t, zone)
	return p.T("date.time", "hour", twoDigits(local.Hour()), "minute", twoDigits(local.Minute()))
}

// DateTime writes a moment with its distance from UTC, because the letters of zones (CST, BST) mean different clocks
// to different people: 23 Nov 2026, 14:05 (UTC+3).
func (p *Printer) DateTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return p.T("date.moment", "date", p.ShortDate(t, zone), "time", p.Time(t, zone), "zone", offset(in(t, zone)))
}

// Offset writes how far a zone is from UTC at a moment.
func (p *Printer) Offset(t time.Time, zone *time.Location) string { return offset(in(t, zone)) }

// offset writes the distance from UTC: UTC, UTC+3, UTC−3, UTC+5:30.
func offset(local time.Time) string {
	_, seconds := local.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = minus, -seconds
	}
	hours, minutes := seconds/3600, seconds/60%60
	if minutes == 0 {
		return "UTC" + sign + strconv.Itoa(hours)
	}
	return fmt.Sprintf("UTC%s%d:%02d", sign, hours, minutes)
}

// Weekday names the day of the week, small or capital as the language writes it inside a sentence: Monday, lunes.
func (p *Printer) Weekday(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return p.calendar.weekdays[in(t, zone).Weekday()]
}

// twoDigits writes 0 to 99 with a leading zero.
func twoDigits(n int) string {
	return string(rune('0'+n/10%10)) + string(rune('0'+n%10))
}
