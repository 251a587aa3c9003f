package gaps

// ReadRegistry reads the registry's table without a database.
var ReadRegistry = readRegistry

// Reconcile tells what an import would save.
var Reconcile = reconcile

// NewestFirst is what queries make of the documents of one Party.
var NewestFirst = newestFirst
