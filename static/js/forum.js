// Seasoning for every page: nothing here is needed to use the forum.

// Menus close on Escape and when one looks elsewhere.
document.addEventListener('keydown', (e) => {
  if (e.key !== 'Escape') return
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    menu.open = false
    menu.querySelector('summary').focus()
  }
})
document.addEventListener('click', (e) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(e.target)) menu.open = false
})

// ---- drafts ----
// What is typed outlives a reload, a lost line and a change of language. It is
// kept in this tab alone, under the person and the form, until it is recorded or
// the person signs out. Forms that do not ask for it are carried over a change of
// language only.

const mark = 'forum-draft ', sent = 'forum-sent'
const touched = new Set()
const draftOf = (form) => mark + (document.body.dataset.me || '') + ' ' + form.getAttribute('action')
const typed = (form) => [...form.elements].filter((e) => e.name && !/^(hidden|password|submit|button)$/.test(e.type))
const versionOf = (form) => form.elements.version?.value || ''

// store reads (one argument), writes, or removes (null) a draft. Without storage, as in some private windows, the text is still on the page.
function store (key, value) {
  try {
    if (value === undefined) return JSON.parse(sessionStorage.getItem(key))
    value === null ? sessionStorage.removeItem(key) : sessionStorage.setItem(key, JSON.stringify(value))
  } catch { /* as above */ }
}
function keep (form) {
  const fields = typed(form).filter((e) => !/^(radio|checkbox)$/.test(e.type) || e.checked).map((e) => [e.name, e.value])
  const empty = typed(form).every((e) => !/^(text|textarea|email)$/.test(e.type) || !e.value)
  store(draftOf(form), empty ? null : { version: versionOf(form), key: form.elements.key?.value, fields })
}
function restore (form) {
  const draft = store(draftOf(form))
  if (!('draft' in form.dataset)) store(draftOf(form), null)
  // What the server sent back is newer; what another device has changed meanwhile is not written over.
  if (!draft || document.querySelector('.error-summary') || draft.version !== versionOf(form)) return
  for (const e of typed(form)) {
    const values = draft.fields.filter(([name]) => name === e.name).map(([, value]) => value)
    if (/^(radio|checkbox)$/.test(e.type)) e.checked = values.includes(e.value)
    else if (values.length) e.value = values[0]
  }
  touched.add(form)
  // A live form was perhaps recorded and only the answer lost: it stays the same request.
  if (form.dataset.live && draft.key) form.elements.key.value = draft.key
  if (!form.dataset.draft) return
  const note = document.createElement('p')
  note.className = 'kept'
  note.textContent = form.dataset.draft
  form.prepend(note)
}
if (store(sent) && document.querySelector('[data-done]')) store(store(sent), null)
store(sent, null)
for (const form of document.querySelectorAll('main form.form, .say form')) restore(form)
document.addEventListener('input', (e) => {
  if (!e.target.form?.matches('main form.form, .say form')) return
  touched.add(e.target.form)
  if ('draft' in e.target.form.dataset) keep(e.target.form)
})
document.addEventListener('submit', (e) => {
  if (touched.has(e.target) && !e.target.dataset.live && !e.defaultPrevented) store(sent, draftOf(e.target))
  if (e.target.getAttribute('action') === '/language') touched.forEach(keep)
  if (e.target.getAttribute('action') === '/signout') staysKept(e.target)
  if ('forget' in e.target.dataset) for (const key of Object.keys(sessionStorage)) if (key.startsWith(mark)) store(key, null)
})

// Signing out takes everything of the forum off this phone, but for pages that
// somebody chose to keep here and forms that wait for a line (keep.js).
function staysKept (form) {
  try {
    if (localStorage.getItem('forum-keep') !== 'stay' && !localStorage.getItem('forum-keep-waits')) return
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'keep', value: '1' }))
  } catch { /* no storage: nothing is kept */ }
}

// A form that came back with problems: begin at their summary.
document.querySelector('.error-summary')?.focus()

// A long text shows how long it is, before the server says that it is too long.
// Nothing is cut off: what somebody pasted is theirs to shorten.
document.addEventListener('input', (e) => {
  const max = Number(e.target.dataset.max)
  if (!max) return
  const n = [...e.target.value].length
  let count = e.target.nextElementSibling
  if (!count && n > max * 0.9) {
    count = document.createElement('p')
    e.target.after(count)
  }
  if (!count) return
  count.className = n > max ? 'count is-over' : 'count'
  count.textContent = n > max * 0.9 ? n + ' / ' + max : ''
})

// Where no zone is known, a session is most likely held where its facilitator is.
const zone = document.querySelector('form:not([data-zone-known]) select[name="time_zone"]')
if (zone && zone.value === 'UTC') {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  if ([...zone.options].some((o) => o.value === here)) zone.value = here
}

// A button that was pressed says so, and cannot be pressed twice by accident.
document.addEventListener('submit', (e) => {
  if (e.defaultPrevented || e.target.dataset.live || e.target.method === 'get') return
  const button = e.submitter
  if (!button || e.target.id === 'act') return
  if (button.getAttribute('aria-busy') === 'true') { e.preventDefault(); return }
  button.setAttribute('aria-busy', 'true')
})
window.addEventListener('pageshow', () => {
  for (const b of document.querySelectorAll('[aria-busy="true"]')) b.removeAttribute('aria-busy')
})

// A session's hours are those of its place. Where the reader's clock shows others, theirs follow.
const clock = (t, timeZone) => new Intl.DateTimeFormat(document.documentElement.lang, { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).formatToParts(t)
const shows = (t, timeZone) => clock(t, timeZone).filter((p) => /hour|minute/.test(p.type)).map((p) => p.value).join(':')
const dayOf = (t, timeZone) => clock(t, timeZone).find((p) => p.type === 'weekday').value
for (const e of document.querySelectorAll('time[data-yours]')) {
  const from = new Date(e.dateTime), to = new Date(e.dataset.to)
  if (shows(from) === shows(from, e.dataset.zone)) continue
  const day = dayOf(from) === dayOf(from, e.dataset.zone) ? '' : dayOf(from) + ' '
  const yours = document.createElement('span')
  yours.className = 'your-times'
  yours.textContent = e.dataset.yours.replace('{from}', day + shows(from)).replace('{to}', shows(to))
  e.after(' ', yours)
}

// Printing is a matter of the browser: without a script it has its own menu for it.
for (const b of document.querySelectorAll('[data-print]')) {
  b.hidden = false
  b.addEventListener('click', () => print())
}
