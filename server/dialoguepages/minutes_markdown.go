package dialoguepages

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/vcm-forum/forum/dialogues/people"
)

// Markdown is the minutes as text that reads well by itself (CommonMark). What
// people said is quoted line by line and escaped, so that it cannot become
// structure of the document.
func (v minutesView) Markdown() string {
	var b strings.Builder
	s := v.Minutes.Session
	fmt.Fprintf(&b, "# %s\n\n%s\n\n%s · %s\n\n", plainMarkdown(v.T("minutes.title", "title", s.Title)), plainMarkdown(v.Minutes.Dialogue.Title), v.Day(), v.Hours())
	if chaired := v.Chaired(); len(chaired) > 0 {
		fmt.Fprintf(&b, "%s: %s\n\n", v.T("minutes.chairs"), plainMarkdown(strings.Join(chaired, "; ")))
	}
	if s.Summary != "" {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", v.T("minutes.summary"), plainMarkdown(s.Summary))
	}
	v.markAgenda(&b)
	v.markAttendance(&b)
	v.markTurns(&b)
	v.markSaid(&b)
	fmt.Fprintf(&b, "---\n\n%s\n", v.T("minutes.made_from", "line", v.P.Number(int(v.Head))))
	return b.String()
}

func (v minutesView) markAgenda(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n", v.T("minutes.agenda"))
	for _, line := range v.Lines() {
		fmt.Fprintf(b, "- %s %s %s (%s", line.At, line.Number, plainMarkdown(line.Title), v.T("agenda.planned", "time", line.PlannedFor()))
		if line.Started != nil {
			fmt.Fprintf(b, ", %s", v.T("agenda.used", "time", line.Used()))
		}
		b.WriteString(")\n")
	}
	b.WriteByte('\n')
}

func (v minutesView) markAttendance(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n", v.T("minutes.attendance"))
	for _, g := range people.Groups() {
		if n := v.Attendance[g]; n > 0 {
			fmt.Fprintf(b, "- %s: %s\n", v.GroupName(g), v.P.Number(int(n)))
		}
	}
	b.WriteByte('\n')
}

func (v minutesView) markTurns(b *strings.Builder) {
	if len(v.Speeches) == 0 {
		return
	}
	fmt.Fprintf(b, "## %s\n\n", v.T("minutes.speakers"))
	for _, turn := range v.Turns() {
		fmt.Fprintf(b, "- %s %s (%s), %s\n", turn.At, plainMarkdown(turn.Name), v.Letters(turn.StakeholderGroup), turn.Took)
	}
	b.WriteByte('\n')
}

func (v minutesView) markSaid(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n", v.T("minutes.said"))
	for _, section := range v.BySection() {
		fmt.Fprintf(b, "### %s %s\n\n", section.Number, plainMarkdown(section.Title))
		for _, kind := range section.Kinds {
			fmt.Fprintf(b, "#### %s\n\n", kind.Name)
			for _, c := range kind.Said {
				v.markOne(b, c, "")
			}
		}
	}
}

func (v minutesView) markOne(b *strings.Builder, c saidView, indent string) {
	who := plainMarkdown(c.By()) + ", " + v.Letters(c.StakeholderGroup)
	if where := c.Where(); where != "" {
		who += ", " + where
	}
	fmt.Fprintf(b, "%s- %s, %s", indent, who, c.When())
	if c.Supports > 0 {
		fmt.Fprintf(b, " (%s)", v.T("contribution.supports", "n", c.Supports))
	}
	b.WriteString("\n\n")
	words := c.Body
	if c.Gone() {
		words = c.GoneWord()
	}
	for line := range strings.SplitSeq(words, "\n") {
		fmt.Fprintf(b, "%s  > %s\n", indent, plainMarkdown(line))
	}
	b.WriteByte('\n')
	for _, answer := range c.Answers {
		v.markOne(b, answer, indent+"  ")
	}
}

// plainMarkdown escapes every character that CommonMark gives a meaning.
func plainMarkdown(s string) string {
	lines := strings.Split(markdownEscaper.Replace(s), "\n")
	for i, line := range lines {
		lines[i] = lineStart.ReplaceAllString(line, `$1$2\$3`)
	}
	return strings.Join(lines, "\n")
}

// lineStart is what makes a list, a rule or a heading at the beginning of a line.
var lineStart = regexp.MustCompile(`^(\s*)(\d*)([-+=.)])`)

var markdownEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "#", `\#`, "!", `\!`, "|", `\|`, "~", `\~`, "&", `\&`,
)
