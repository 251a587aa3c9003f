// Package live tells the people in a room what has just been recorded there.
//
// It is the websocket side of a dialogue: every line of the record, rendered once for each audience, reaches every
// open page, in order and without a gap. Sockets only tell: a browser that wants to say something sends a form. The
// package knows no rule, no template and no database; it asks a [Source] what the committed record says, and believes
// nobody else, not even the bell that woke it.
//
// # Protocol
//
// Every message is one JSON object in one text frame, server to browser. The page gives the epoch and the number of
// the last line it shows; the first frame answers where the stream stands:
//
//	{"hello":{"room":"7","epoch":3,"seq":120,"recovered":true,"now":1790000000000}}
//
// seq is the newest line of the record, now the server's clock in Unix milliseconds. recovered says whether the stream
// continues what the page shows. It is false when the epoch differs, when the page claims a line that does not exist,
// or when more lines are missing than the server is willing to repeat; the page must then be loaded again, and the
// stream continues after seq.
//
// Then come exactly the lines the page lacks, one object each, numbered without gap, repeat or disorder. The other
// fields are what the Source rendered for this audience; a line this audience may not see consists of its number only:
//
//	{"seq":121,"html":"…"}
//	{"seq":122}
//
// Between the lines, three things without a number, which are never repeated:
//
//	{"now":1790000020000}                      heartbeat and clock, every 15 seconds
//	{"presence":{"IP":3,"NG":1},"total":5}     distinct people by stakeholder group, when they change; at most one a
//	                                           second; total includes people without a group
//	(a ping frame)                             which browsers answer by themselves
//
// The browser sends nothing but pongs and its close. Anything else ends the connection. Close codes:
//
//	1002, 1007, 1008, 1009   the client broke the protocol, or sent what it may not; too many sockets of one person (1008)
//	1012                     the server restarts: wait a random moment of up to three seconds, connect again
//	4001                     too slow, or silent for two heartbeats: connect again with the last line seen
//	4002                     revoked: this person may no longer watch; do not connect again without asking a page
//	4003                     the record was replaced: load the page again
//
// A connection that ends in any other way was cut by the network: connect again with the last line seen.
//
// # How it works
//
// Each room has two goroutines. The follower waits for the bell, reads everything after the line its listeners have,
// encodes it once per audience into one buffer of ready websocket frames, and writes that buffer to every socket. What
// is recorded meanwhile makes up the next buffer: under load many lines travel in one write. The usher greets those who
// arrive and repeats what they lack, a piece at a time and only as fast as they take it, before they join the others;
// so a crowd coming back delays nobody who stayed. Whoever serves a connection sends the lines after that connection's
// own number, which is why no line can be lost or repeated in between.
//
// A write is tried once, without waiting. Only when the socket is full, or when it is not a plain TCP socket, does the
// rest wait in the connection's own queue, for a goroutine that lives until the queue is empty. The queue is bounded in
// bytes and in time; who exceeds either is disconnected and resumes by number. So a slow client costs only itself.
//
// Once upgraded, a connection is spoken to without gorilla's help: all frames, also pongs and closes, pass through one
// queue, so none can land inside another; and the buffers of the upgrade are free again.
package live
