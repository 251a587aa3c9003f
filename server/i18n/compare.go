package i18n

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
)

// compare holds every language against English, which is the measure, and reports all that differs.
func compare(all map[Language]catalog) error {
	var faults []error
	for _, l := range Languages() {
		faults = append(faults, compareKeys(l, all[English], all[l])...)
		for _, key := range slices.Sorted(maps.Keys(all[l])) {
			faults = appendFault(faults, fmt.Sprintf("%s: %s", l, key), checkForms(l, all[l][key]))
			faults = appendFault(faults, fmt.Sprintf("%s: %s", l, key), compareEntries(all[English][key], all[l][key]))
		}
	}
	return errors.Join(faults...)
}

// compareKeys reports keys that only one of the two has.
func compareKeys(l Language, english, other catalog) []error {
	var faults []error
	for _, key := range slices.Sorted(maps.Keys(english)) {
		if other[key] == nil {
			faults = append(faults, fmt.Errorf("%s: %s is missing", l, key))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(other)) {
		if english[key] == nil {
			faults = append(faults, fmt.Errorf("%s: %s is not in English", l, key))
		}
	}
	return faults
}

// checkForms reports plural forms that are missing or that the language does not have, and forms that differ in
// what they need. Only where "one" means exactly one may it do without the number ("one person").
func checkForms(l Language, entry *message) error {
	if !entry.plural {
		return nil
	}
	needed := l.pluralForms()
	for name, form := range formNames() {
		if slices.Contains(needed, name) != (entry.forms[form] != nil) {
			return fmt.Errorf("has or lacks plural form %s; needs %s", name, strings.Join(needed, ", "))
		}
	}
	wanted := entry.forms[plural.Other].placeholders()
	for _, name := range needed {
		form := entry.forms[formNames()[name]]
		exactlyOne := name == "one" && (l == English || l == Spanish)
		if !samePlaceholders(wanted, form.placeholders(), exactlyOne) {
			return fmt.Errorf("plural form %s has other placeholders than %v", name, wanted)
		}
	}
	return nil
}

// samePlaceholders compares two sorted lists of names; the second may lack "n" where that is allowed.
func samePlaceholders(wanted, has []string, mayLackN bool) bool {
	if mayLackN && !slices.Contains(has, "n") {
		wanted = slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return name == "n" })
	}
	return slices.Equal(wanted, has)
}

// compareEntries reports an entry that is plural in one language only, or that needs other arguments.
func compareEntries(english, other *message) error {
	if english == nil {
		return nil // reported by compareKeys
	}
	if english.plural != other.plural {
		return fmt.Errorf("plural forms here or in English only")
	}
	if english.forms[plural.Other] == nil || other.forms[plural.Other] == nil {
		return nil // reported by checkForms
	}
	wanted, has := english.forms[plural.Other].placeholders(), other.forms[plural.Other].placeholders()
	if !slices.Equal(wanted, has) {
		return fmt.Errorf("placeholders %v, in English %v", has, wanted)
	}
	return nil
}
