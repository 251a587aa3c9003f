package main

// Run lets tests start the program as main does.
var Run = run
