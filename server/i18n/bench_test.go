package i18n_test

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/i18n"
)

func BenchmarkT(b *testing.B) {
	p := load(b).Printer("es")
	b.Run("without placeholders", func(b *testing.B) {
		for b.Loop() {
			p.T("action.save")
		}
	})
	b.Run("one placeholder", func(b *testing.B) {
		for b.Loop() {
			p.T("error.too_long", "max", 2000)
		}
	})
	b.Run("plural", func(b *testing.B) {
		for b.Loop() {
			p.T("duration.minute", "n", 12345)
		}
	})
	b.Run("many readers", func(b *testing.B) {
		b.RunParallel(func(loop *testing.PB) {
			for loop.Next() {
				p.T("duration.minute", "n", 5)
			}
		})
	})
}

func BenchmarkWrite(b *testing.B) {
	p := load(b).Printer("fr")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b.Run("date and time", func(b *testing.B) {
		for b.Loop() {
			p.DateTime(now, nil)
		}
	})
	b.Run("country", func(b *testing.B) {
		for b.Loop() {
			p.Country("BO")
		}
	})
	b.Run("language name", func(b *testing.B) {
		for b.Loop() {
			p.LanguageName("pt-BR")
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b)
	}
}

func BenchmarkMatch(b *testing.B) {
	for b.Loop() {
		i18n.Match("pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7", nil)
	}
}
