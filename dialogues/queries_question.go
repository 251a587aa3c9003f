package dialogues

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// QuestionView is a question in its place in the tree.
type QuestionView struct {
	Question
	Number  string // "2.1"
	Depth   int
	Balance Balance // of what was said to it; [Service.BalancedQuestions] alone counts
}

// Balance is how many contributions came from each stakeholder group.
type Balance map[people.Group]int64

// Total is the number of contributions.
func (b Balance) Total() int64 {
	var n int64
	for _, count := range b {
		n += count
	}
	return n
}

// RemovedQuestions are the questions of a dialogue that can be put back, the
// last removed first.
func (s *Service) RemovedQuestions(ctx context.Context, dialogue record.ID) ([]Question, error) {
	var questions []Question
	err := s.Read.WithContext(ctx).Raw(`SELECT q.* FROM questions q LEFT JOIN questions p ON p.id = q.parent_id
		WHERE q.dialogue_id = ? AND q.removed_at IS NOT NULL AND p.removed_at IS NULL ORDER BY q.removed_at DESC, q.id`, dialogue).Scan(&questions).Error
	if err != nil {
		return nil, fmt.Errorf("list removed questions: %w", err)
	}
	return questions, nil
}

// Questions returns the tree of a dialogue in reading order.
func (s *Service) Questions(ctx context.Context, dialogue record.ID) ([]QuestionView, error) {
	return questionTree(s.Read.WithContext(ctx), dialogue, nil)
}

func questionTree(db *gorm.DB, dialogue record.ID, own map[record.ID]Balance) ([]QuestionView, error) {
	var all []Question
	if err := db.Where("dialogue_id = ? AND removed_at IS NULL", dialogue).Order("position, id").Find(&all).Error; err != nil {
		return nil, fmt.Errorf("load questions: %w", err)
	}
	return tree(all, own), nil
}

// BalancedQuestions is [Service.Questions] with balances, for which all that was
// said in the dialogue is counted; a parent's includes its sub-questions.
func (s *Service) BalancedQuestions(ctx context.Context, dialogue record.ID) ([]QuestionView, error) {
	db := s.Read.WithContext(ctx)
	var counts []struct {
		QuestionID       record.ID
		StakeholderGroup people.Group
		N                int64
	}
	err := db.Raw(`SELECT question_id, stakeholder_group, COUNT(*) AS n FROM contributions
		WHERE dialogue_id = ? AND state = 'visible' AND parent_id IS NULL GROUP BY question_id, stakeholder_group`, dialogue).Scan(&counts).Error
	if err != nil {
		return nil, fmt.Errorf("count contributions: %w", err)
	}
	own := map[record.ID]Balance{}
	for _, c := range counts {
		if own[c.QuestionID] == nil {
			own[c.QuestionID] = Balance{}
		}
		own[c.QuestionID][c.StakeholderGroup] += c.N
	}
	return questionTree(db, dialogue, own)
}

func tree(all []Question, own map[record.ID]Balance) []QuestionView {
	var out []QuestionView
	top := 0
	for _, q := range all {
		if q.ParentID != "" {
			continue
		}
		top++
		parent := QuestionView{Question: q, Number: fmt.Sprint(top), Balance: Balance{}}
		parent.Balance.add(own[q.ID])
		at := len(out)
		out = append(out, parent)
		sub := 0
		for _, child := range all {
			if child.ParentID == q.ID {
				sub++
				parent.Balance.add(own[child.ID])
				out = append(out, QuestionView{Question: child, Number: fmt.Sprintf("%d.%d", top, sub), Depth: 1, Balance: own[child.ID]})
			}
		}
		out[at] = parent
	}
	return out
}

func (b Balance) add(other Balance) {
	for group, n := range other {
		b[group] += n
	}
}
