// A live page: follows its room over the socket, keeps the reader's place, and
// sends forms so that a broken line loses nothing. The protocol is described in
// ARCHITECTURE.md; the server's package live implements the other side.

const body = document.body
const { room, session, view, csrf } = body.dataset
let epoch = Number(body.dataset.epoch)
let after = Number(body.dataset.after)
let offset = 0 // server clock minus ours, milliseconds
let socket = null
let attempts = 0
let retry = 0
let unseen = 0
let heard = 0 // when the socket last said anything

const lost = document.getElementById('lost')
const announce = document.getElementById('announce')
const pill = document.getElementById('new-pill')
const $ = (id) => document.getElementById(id)

// ---- the socket ----

async function connect () {
  clearTimeout(retry)
  try {
    const answer = await fetch('/live/ticket', {
      method: 'POST',
      headers: { 'X-CSRF-Token': csrf, Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ room, view })
    })
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) { location.reload(); return }
    if (!answer.ok) throw new Error('ticket ' + answer.status)
    const { ticket } = await answer.json()
    const url = new URL('/live', location)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    url.search = new URLSearchParams({ ticket, epoch, after })
    socket = new WebSocket(url)
    socket.onmessage = (e) => { heard = Date.now(); tell(JSON.parse(e.data)) }
    socket.onclose = (e) => closed(e.code)
  } catch { again() }
}

function closed (code) {
  socket = null
  if (code === 4002 || code === 4003) { // not all at the same instant
    setTimeout(() => body.dataset.beyond ? location.assign(body.dataset.beyond) : location.reload(), 1500 * Math.random())
    return
  }
  again()
}

function again () {
  attempts++
  if (attempts > 1) showLost()
  const wait = Math.min(15000, 500 * 2 ** Math.min(attempts, 5)) * (0.5 + Math.random())
  clearTimeout(retry)
  retry = setTimeout(connect, wait)
}

function showLost () { warn(body.dataset.lost) }
function warn (text) { if (lost) { lost.hidden = false; lost.textContent = text } }
function hideLost () {
  if (!lost || lost.hidden) return
  lost.textContent = body.dataset.back
  setTimeout(() => { lost.hidden = true }, 3000)
}

// A line that says nothing for longer than three heartbeats is dead, whatever the browser believes.
setInterval(() => { if (socket && heard && Date.now() - heard > 50000) { socket.close(); closed(1006) } }, 5000)
addEventListener('online', () => { if (!socket) connect() })
addEventListener('offline', showLost)

function tell (m) {
  if (m.hello) {
    offset = m.hello.now - Date.now()
    if (!m.hello.recovered) { location.reload(); return }
    attempts = 0
    hideLost()
    flush()
    return
  }
  if (m.now) offset = m.now - Date.now()
  if (m.presence) present(m)
  if (!m.seq) return
  after = m.seq
  for (const op of m.ops || []) apply(op)
  if (m.say && announce) announce.textContent = m.say
  // What one can do changes with these: the page is asked for anew, not by all at once.
  if (m.id === session && (m.verb === 'session.opened' || m.verb === 'session.closed')) {
    setTimeout(() => location.reload(), 200 + 1500 * Math.random())
  }
}

// ---- changes of the page ----

function apply (op) {
  const old = $(op.id)
  if (op.op === 'text') { if (old) old.textContent = op.text; return }
  const fresh = document.createRange().createContextualFragment(op.html).firstElementChild
  if (old) {
    keepPersonal(old, fresh)
    const back = successor(old, fresh)
    old.replaceWith(fresh)
    back?.focus({ preventScroll: true })
    if (op.id.startsWith('room-speakers-')) myHand(fresh)
    if (op.id.startsWith('room-now-')) askNow(fresh.dataset.question)
    if (op.id.startsWith('room-chair-')) myChair(old.dataset.chair, fresh.dataset.chair)
    return
  }
  const list = op.op === 'put' && $(op.in)
  if (!list) { if (op.op === 'put' && view === 'dialogue') countNew(); return }
  const atEnd = nearEnd(list)
  list.append(fresh)
  document.querySelector('[data-empty]')?.remove()
  if (atEnd) fresh.scrollIntoView({ block: 'end' })
  else countNew(fresh.id)
}

// Who works a fragment by keyboard does not lose their place when it is replaced:
// they are on the same button or link afterwards, else on the first.
const whatIs = (e) => e.dataset.shortcut || e.tagName + (e.getAttribute('formaction') || e.getAttribute('href') || '')
function successor (old, fresh) {
  const at = document.activeElement
  if (!old.contains(at)) return null
  const all = [...fresh.querySelectorAll('button, a, summary')]
  return all.find((e) => whatIs(e) === whatIs(at)) || all[0]
}

// What is the reader's own stays when a shared fragment replaces it.
function keepPersonal (old, fresh) {
  const was = old.querySelector('[aria-pressed="true"][formaction$="/support"]')
  const is = fresh.querySelector('[formaction$="/support"]')
  if (was && is) { is.setAttribute('aria-pressed', 'true'); is.value = '0' }
  const edit = old.querySelector('a[href$="#edit"]')
  if (edit && !fresh.querySelector('a[href$="#edit"]')) fresh.querySelector('.contribution-acts')?.append(edit)
  const open = old.querySelector('details[open]')
  if (open && open.id) { const d = fresh.querySelector('#' + CSS.escape(open.id)); if (d) d.open = true }
}

// What is said next goes to the question that is asked now, unless somebody is
// writing to the one before.
function askNow (question) {
  const choice = say?.elements.question
  if (choice && !words.value) choice.value = question
}

// The chair: who was given it is told so, and nobody is offered what they have.
function myChair (was, is) {
  for (const b of document.querySelectorAll('[data-chair-of]')) b.hidden = b.dataset.chairOf === is
  const told = $('my-chair')
  if (told && was !== is) told.hidden = is !== body.dataset.me
}

// The list of hands says whether one's own is up, and whose turn it is.
function myHand (list) {
  const me = body.dataset.me
  if (!me) return
  const speaks = list.querySelector('[data-speaker="' + CSS.escape(me) + '"]')
  const waits = list.querySelector('[data-waiting="' + CSS.escape(me) + '"]')
  const form = document.querySelector('form[data-live="hand"]')
  if (form) showHand(form, !!(speaks || waits))
  const place = $('my-place')
  if (place) {
    const n = waits ? [...waits.parentElement.children].indexOf(waits) + 1 : 0
    place.hidden = n < 2 // the first is told so above
    place.textContent = n < 2 ? '' : place.dataset.place.replace('{n}', n)
  }
  const turn = $('my-turn')
  if (!turn) return
  const text = speaks ? body.dataset.floor : waits && waits.classList.contains('is-next') ? body.dataset.next : ''
  turn.hidden = !text // first: only what is shown is read out
  turn.lastElementChild.textContent = text
}

function scroller (list) {
  for (let e = list.parentElement; e; e = e.parentElement) {
    const o = getComputedStyle(e).overflowY
    if ((o === 'auto' || o === 'scroll') && e.scrollHeight > e.clientHeight) return e
  }
  return document.scrollingElement
}
function nearEnd (list) {
  const s = scroller(list)
  return s.scrollHeight - s.scrollTop - s.clientHeight < 160
}
const mineSaid = new Set() // lines of one's own: not news
const newLines = new Set()
function uncount (id) {
  if (!newLines.delete(id)) return
  unseen--
  if (pill && unseen <= 0) { unseen = 0; pill.hidden = true }
}
function countNew (id) {
  if (!pill) return
  if (mineSaid.has(id)) { $(id)?.scrollIntoView({ block: 'center' }); return }
  newLines.add(id)
  unseen++
  const target = pill.matches('a') ? pill : pill.querySelector('a')
  target.textContent = body.dataset.new.replace('{count}', unseen)
  if (id) target.setAttribute('href', '#' + id)
  pill.hidden = false
}
pill?.addEventListener('click', () => { unseen = 0; pill.hidden = true })
addEventListener('scroll', () => {
  const list = session && $('stream-' + session)
  if (pill && !pill.hidden && list && nearEnd(list)) { unseen = 0; pill.hidden = true }
}, { passive: true })

// Who has entered the session is a fragment; this is how many are connected now.
function present (m) {
  const connected = document.querySelector('[data-connected]')
  if (connected) connected.textContent = Object.values(m.presence).reduce((a, b) => a + b, 0)
}

// ---- time ----

function figures (ms) {
  const s = Math.max(0, Math.floor(Math.abs(ms) / 1000))
  const two = (n) => String(n).padStart(2, '0')
  const h = Math.floor(s / 3600)
  return (ms < 0 ? '+' : '') + (h ? h + ':' + two(Math.floor(s / 60) % 60) : Math.floor(s / 60)) + ':' + two(s % 60)
}
function tick () {
  const now = Date.now() + offset
  for (const timer of document.querySelectorAll('.timer[data-ends]')) {
    const ends = Number(timer.dataset.ends)
    if (!ends) continue
    const left = ends - now
    const share = Math.max(0, Math.min(100, left * 100 / Number(timer.dataset.planned || 1)))
    const shown = timer.querySelector('.timer-figures')
    if (shown) shown.textContent = figures(left < 0 ? left : left + 999)
    const says = timer.querySelector('.timer-says')
    if (says) says.textContent = left < 0 ? timer.dataset.over : timer.dataset.left
    timer.querySelector('rect.timer-left')?.setAttribute('width', share)
    timer.querySelector('circle.timer-left')?.setAttribute('stroke-dasharray', share + ' 100')
    timer.classList.toggle('is-over', left < 0)
    timer.classList.toggle('is-short', left >= 0 && share < 20)
  }
  for (const e of document.querySelectorAll('.timer-count[data-since]')) e.textContent = figures(Math.max(1, now - Number(e.dataset.since)))
  for (const e of document.querySelectorAll('[data-starts]')) {
    const left = Number(e.dataset.starts) - now
    e.textContent = left > 0 ? e.dataset.in.replace('{time}', figures(left + 999)) : e.dataset.soon
  }
  for (const e of document.querySelectorAll('[data-until]')) if (now > Number(e.dataset.until)) e.remove()
  for (const e of document.querySelectorAll('[data-clock]')) { // 24 hours in every language, as all times of the forum are written
    e.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: e.dataset.clock }).format(now)
  }
}
setInterval(tick, 500)
tick()

// ---- forms ----

const say = document.querySelector('form[data-live="say"]')
const words = say?.querySelector('textarea')
const kept = $('kept')
let pending = null // a form that waits for the line: its address and its fields, key included

function note (text) { if (kept) { kept.textContent = text; kept.hidden = !text } }

// The link to the page of its own becomes the panel on this page.
const opener = document.querySelector('[data-say]')
opener?.addEventListener('click', (e) => { e.preventDefault(); location.hash = 'say'; words?.focus() })
document.querySelector('[data-close]')?.addEventListener('click', (e) => { e.preventDefault(); closePanel() })
$('say')?.addEventListener('keydown', (e) => { if (e.key === 'Escape') closePanel() })

// closePanel leaves the reader where they were, at the button that opened it.
function closePanel () {
  const top = document.scrollingElement.scrollTop
  location.replace('#said') // the panel is open while it is the target
  scrollTo({ top, behavior: 'instant' })
  opener?.focus({ preventScroll: true })
}

async function post (address, fields) {
  const answer = await fetch(address, { method: 'POST', headers: { Accept: 'application/json' }, body: fields })
  if (answer.status >= 500) throw new Error('status ' + answer.status)
  return answer
}

document.addEventListener('submit', async (e) => {
  const form = e.target
  const kind = form.dataset.live || (form.id === 'act' && 'act')
  if (!kind) return
  e.preventDefault()
  const fields = new URLSearchParams(new FormData(form, e.submitter))
  const address = e.submitter?.getAttribute('formaction') || form.action
  if (kind === 'say') { pending = { address, fields }; note(body.dataset.sending); await flush(); return }
  if (e.submitter?.getAttribute('aria-busy') === 'true') return
  e.submitter?.setAttribute('aria-busy', 'true')
  try {
    const answer = await post(address, fields)
    e.submitter?.removeAttribute('aria-busy')
    if (!answer.ok) { await complain(answer, form); return }
    if (address.endsWith('/open') || address.endsWith('/close')) { location.assign(address.endsWith('/close') ? address.replace(/close$/, 'minutes') : location.href.split('#')[0]); return }
    if (kind === 'hand') showHand(form, fields.get('down') === '0')
    if (address.endsWith('/support')) press(e.submitter)
  } catch {
    e.submitter?.removeAttribute('aria-busy')
    showLost()
  }
})

// flush sends what waits. The same key goes with every attempt, so that the
// server says it once however often it arrives.
async function flush () {
  if (!pending) return
  const sent = pending
  try {
    const answer = await post(sent.address, sent.fields)
    if (pending === sent) pending = null
    mend(say, {})
    if (answer.status === 409) renewKey() // it was used for other words: these are a request of their own
    if (!answer.ok) { await complain(answer, say); return }
    renewKey()
    const typedOn = words.value !== sent.fields.get('body') // something was added while it was on its way
    if (!typedOn) { words.value = ''; for (const k of say.elements.kind) k.checked = false } // the next is not meant as this was
    words.dispatchEvent(new Event('input', { bubbles: true })) // the draft is what is still to be sent
    note('')
    if (typedOn) return
    if (location.hash === '#say') closePanel()
    await showOwn(answer)
  } catch {
    showLost()
    note(body.dataset.lost)
    setTimeout(flush, 3000 + 3000 * Math.random())
  }
}

function renewKey () {
  say.elements.key.value = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2) + Date.now()
  words.dispatchEvent(new Event('input', { bubbles: true })) // the draft goes under it
}

// showOwn says that the words are recorded and goes to where they stand now.
async function showOwn (answer) {
  confirmSent()
  let said
  try { said = await answer.json() } catch { return } // recorded all the same
  mineSaid.add('l-' + said.id)
  const own = $('l-' + said.id)
  if (own) { own.scrollIntoView({ block: 'center' }); uncount(own.id) }
}

function confirmSent () {
  const done = $('done')
  if (!done) return
  done.lastElementChild.textContent = body.dataset.sent
  done.hidden = false
  setTimeout(() => { done.hidden = true }, 5000)
}

async function complain (answer, form) {
  let m = {}
  try { m = await answer.json() } catch { /* not JSON: the status must do */ }
  if (form === say && m.fields) { note(''); mend(say, m.fields); return }
  const text = Object.values(m.fields || {})[0] || m.error || String(answer.status)
  if (form === say) { note(text); return }
  warn(text)
  setTimeout(() => { lost.hidden = true }, 6000)
}

// mend says beside each field what is wrong with it, as on a page that comes
// back, and goes to the first; what was said before goes.
function mend (form, faults) {
  for (const old of form.querySelectorAll('[data-fault]')) old.remove()
  for (const box of form.querySelectorAll('.has-error')) box.classList.remove('has-error')
  for (const e of form.querySelectorAll('[aria-invalid]')) { e.removeAttribute('aria-invalid'); e.setAttribute('aria-describedby', e.dataset.hint) }
  const named = [...form.elements].filter((e) => e.name in faults && e.type !== 'hidden')
  for (const e of named.filter((e, i) => named.findIndex((o) => o.name === e.name) === i)) {
    const box = e.closest('.field, fieldset')
    const p = document.createElement('p')
    Object.assign(p, { className: 'error', id: 'fault-' + e.name, textContent: faults[e.name] })
    p.dataset.fault = ''
    box.classList.add('has-error')
    box.querySelector('label, legend').after(p)
    e.setAttribute('aria-invalid', 'true')
    e.dataset.hint ??= e.getAttribute('aria-describedby') || ''
    e.setAttribute('aria-describedby', p.id + ' ' + e.dataset.hint)
    e.closest('details')?.setAttribute('open', '')
  }
  named[0]?.focus()
  named[0]?.closest('.field, fieldset').scrollIntoView()
}

function showHand (form, up) {
  const button = form.querySelector('button')
  form.elements.down.value = up ? '1' : '0'
  button.setAttribute('aria-pressed', up)
  button.classList.toggle('is-raised', up)
  button.querySelector('span').textContent = up ? button.dataset.down : button.dataset.up
}

function press (button) {
  const on = button.value !== '0'
  button.setAttribute('aria-pressed', on)
  button.value = on ? '0' : '1'
}

connect()
