package i18n_test

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/i18n"
)

// lima, nairobi and kathmandu are zones of their own, so that no test depends on the machine's zone files.
func lima() *time.Location      { return time.FixedZone("-05", -5*3600) }
func nairobi() *time.Location   { return time.FixedZone("EAT", 3*3600) }
func kathmandu() *time.Location { return time.FixedZone("+0545", 5*3600+45*60) }

func TestDate(t *testing.T) {
	moment := time.Date(2026, 11, 23, 11, 5, 0, 0, time.UTC)
	forEachLanguage(t, map[i18n.Language]string{
		"en": "23 November 2026", "es": "23 de noviembre de 2026", "fr": "23 novembre 2026",
		"pt": "23 de novembro de 2026", "id": "23 November 2026",
	}, func(p *i18n.Printer) string { return p.Date(moment, nil) })
	first := time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC)
	forEachLanguage(t, map[i18n.Language]string{
		"en": "1 May 2026", "es": "1 de mayo de 2026", "fr": "1er mai 2026", "pt": "1º de maio de 2026", "id": "1 Mei 2026",
	}, func(p *i18n.Printer) string { return p.Date(first, nil) })
	forEachLanguage(t, map[i18n.Language]string{
		"en": "30 Apr 2026", "es": "30 abr 2026", "fr": "30 avr. 2026", "pt": "30 abr. 2026", "id": "30 Apr 2026",
	}, func(p *i18n.Printer) string { return p.ShortDate(first, lima()) })
}

func TestDateTimeTellsTheZone(t *testing.T) {
	moment := time.Date(2026, 11, 23, 11, 5, 0, 0, time.UTC)
	forEachLanguage(t, map[i18n.Language]string{
		"en": "23 Nov 2026, 14:05 (UTC+3)", "es": "23 nov 2026, 14:05 (UTC+3)", "fr": "23 nov. 2026, 14:05 (UTC+3)",
		"pt": "23 nov. 2026, 14:05 (UTC+3)", "id": "23 Nov 2026, 14.05 (UTC+3)",
	}, func(p *i18n.Printer) string { return p.DateTime(moment, nairobi()) })
	english := load(t).Printer("en")
	for want, zone := range map[string]*time.Location{
		"23 Nov 2026, 11:05 (UTC)":      nil,
		"23 Nov 2026, 06:05 (UTC−5)":    lima(),
		"23 Nov 2026, 16:50 (UTC+5:45)": kathmandu(),
	} {
		if got := english.DateTime(moment, zone); got != want {
			t.Errorf("DateTime = %q, want %q", got, want)
		}
	}
}

func TestWeekdayIsThatOfTheZone(t *testing.T) {
	lateSunday := time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC)
	forEachLanguage(t, map[i18n.Language]string{
		"en": "Monday", "es": "lunes", "fr": "lundi", "pt": "segunda-feira", "id": "Senin",
	}, func(p *i18n.Printer) string { return p.Weekday(lateSunday, nairobi()) })
}

func TestTheZeroTimeIsNothing(t *testing.T) {
	p, never := load(t).Printer("en"), time.Time{}
	all := p.Date(never, nil) + p.ShortDate(never, nil) + p.Time(never, nil) + p.DateTime(never, nil) +
		p.Weekday(never, nil) + p.Ago(never, time.Now())
	if all != "" {
		t.Errorf("the zero time is written %q", all)
	}
}

func TestEveryMonthAndWeekdayHasItsName(t *testing.T) {
	catalogs := load(t)
	for _, l := range i18n.Languages() {
		p := catalogs.Printer(l)
		seen := make(map[string]bool)
		for month := time.January; month <= time.December; month++ {
			moment := time.Date(2026, month, 10, 0, 0, 0, 0, time.UTC)
			seen[p.Date(moment, nil)], seen["short "+p.ShortDate(moment, nil)] = true, true
		}
		for day := range 7 {
			seen[p.Weekday(time.Date(2026, 11, 2+day, 0, 0, 0, 0, time.UTC), nil)] = true
		}
		if len(seen) != 31 || catalogs.Slips() != 0 {
			t.Errorf("%s: %d names, want 31: %v", l, len(seen), seen)
		}
	}
}

func TestDuration(t *testing.T) {
	tests := []struct {
		d    time.Duration
		want string
	}{
		{0, "0 seconds"},
		{400 * time.Millisecond, "0 seconds"},
		{time.Second, "1 second"},
		{5*time.Minute + 20*time.Second, "5 minutes 20 seconds"},
		{80 * time.Minute, "1 hour 20 minutes"},
		{time.Hour + 59*time.Second, "1 hour"},
		{25*time.Hour + 30*time.Minute, "1 day 1 hour"},
		{42 * 24 * time.Hour, "42 days"},
		{-time.Minute, "1 minute"},
		{1<<63 - 1, "106,751 days 23 hours"},
		{-1 << 63, "106,751 days 23 hours"},
	}
	english := load(t).Printer("en")
	for _, test := range tests {
		if got := english.Duration(test.d); got != test.want {
			t.Errorf("Duration(%s) = %q, want %q", test.d, got, test.want)
		}
	}
	forEachLanguage(t, map[i18n.Language]string{
		"en": "1 hour 20 minutes", "es": "1 hora y 20 minutos", "fr": "1 heure et 20 minutes",
		"pt": "1 hora e 20 minutos", "id": "1 jam 20 menit",
	}, func(p *i18n.Printer) string { return p.Duration(80 * time.Minute) })
}

func TestClock(t *testing.T) {
	tests := map[time.Duration]string{
		0: "0:00", 9 * time.Second: "0:09", 309 * time.Second: "5:09", 4805 * time.Second: "1:20:05",
		-5 * time.Second: "−0:05", -500 * time.Millisecond: "0:00", 100 * time.Hour: "100:00:00", -1 << 63: "−2562047:47:16",
	}
	english := load(t).Printer("en")
	for d, want := range tests {
		if got := english.Clock(d); got != want {
			t.Errorf("Clock(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	tests := []struct {
		before time.Duration
		want   string
	}{
		{0, "just now"},
		{59 * time.Second, "just now"},
		{-59 * time.Second, "just now"},
		{time.Minute, "1 minute ago"},
		{179 * time.Second, "2 minutes ago"},
		{time.Hour, "1 hour ago"},
		{23 * time.Hour, "23 hours ago"},
		{day, "1 day ago"},
		{30 * day, "30 days ago"},
		{31 * day, "1 month ago"},
		{364 * day, "11 months ago"},
		{365 * day, "1 year ago"},
		{800 * day, "2 years ago"},
		{-3 * time.Minute, "in 3 minutes"},
		{-(1<<63 - 1), "in 292 years"},
	}
	english := load(t).Printer("en")
	for _, test := range tests {
		if got := english.Ago(now.Add(-test.before), now); got != test.want {
			t.Errorf("%s before is %q, want %q", test.before, got, test.want)
		}
	}
	forEachLanguage(t, map[i18n.Language]string{
		"en": "3 minutes ago", "es": "hace 3 minutos", "fr": "il y a 3 minutes", "pt": "há 3 minutos",
		"id": "3 menit yang lalu",
	}, func(p *i18n.Printer) string { return p.Ago(now.Add(-3*time.Minute), now) })
	forEachLanguage(t, map[i18n.Language]string{
		"en": "in 2 hours", "es": "dentro de 2 horas", "fr": "dans 2 heures", "pt": "daqui a 2 horas", "id": "2 jam lagi",
	}, func(p *i18n.Printer) string { return p.Ago(now.Add(2*time.Hour), now) })
}
