package testkit

import "testing"

// A comparison is what a benchmark says about a promise: our figure, the figure
// it is held against, measured in the same run on the same machine, and the
// ratio of the two that was promised. It travels as metrics named
// ours:NAME, base:NAME, ratio:NAME and min:NAME or max:NAME, of which
// `make bench` makes one line of its table.

// AtLeast reports ours against base, where ours/base is to be at least goal.
func AtLeast(b *testing.B, name string, ours, base, goal float64) {
	b.Helper()
	Beside(b, name, ours, base)
	b.ReportMetric(goal, "min:"+name)
}

// AtMost reports ours against base, where ours/base is to be at most goal.
func AtMost(b *testing.B, name string, ours, base, goal float64) {
	b.Helper()
	Beside(b, name, ours, base)
	b.ReportMetric(goal, "max:"+name)
}

// Beside reports ours against base, of which nothing was promised.
func Beside(b *testing.B, name string, ours, base float64) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // an operation is of no interest: everything is compared
	b.ReportMetric(ours, "ours:"+name)
	b.ReportMetric(base, "base:"+name)
	b.ReportMetric(ours/base, "ratio:"+name)
}
