package ledger_test

const (
	commitmentOfYes       = "0m+hyl/EdaKkBsuH4lTYVFaYKS2OsrDQykSxMeBLGXM="
	commitmentOfFullBlock = "ytyH/+LBEHifPzUaVQtNaMS/kmYgW73VsM5I5NifmpY="
	commitmentOfTwoBlocks = "tGmaCPsihBg2k7W9jY2gifgTZu9PwObU/XPxZXHpQk0="
)
