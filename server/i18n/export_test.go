package i18n

// RoundTrip parses a template and puts the pieces together again, for the fuzz test.
func RoundTrip(template string) (again string, placeholders []string, err error) {
	parsed, err := parse(template)
	if err != nil {
		return "", nil, err
	}
	for _, s := range parsed.segments {
		if s.name != "" {
			again += "{" + s.name + "}"
		}
		again += s.words
	}
	return again, parsed.placeholders(), nil
}

// PluralForms are the forms that a language needs, as they stand in its catalog.
func PluralForms(l Language) []string { return l.pluralForms() }

// CheckFile reads one catalog file and reports what is wrong with it alone, such as a key that is there twice.
func CheckFile(content []byte) error {
	_, err := readFile(English, content)
	return err
}
