package database

// Older is older, for its table of versions.
var Older = older
