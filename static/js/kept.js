// What a phone shows while there is no line: it asks for the passphrase, lists the
// pages that were kept, shows them, keeps forms that are sent, and delivers them
// once there is a line again. The key is in this page's memory alone; the page
// never gives an address or a title to the browser, which would remember it.

const keep = await import(document.querySelector('[data-keep]').dataset.keep)

const $ = (id) => document.getElementById(id)
const idle = 5 * 60_000 // milliseconds until it locks itself
const shell = $('main')
const words = shell.dataset
let key = null
let used = 0
let pages = []

const time = (at) => new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at))

function say (text) {
  $('says').textContent = text
  $('says').hidden = !text
}

// ---- locked and unlocked ----

// shut takes everything off the screen and out of memory.
async function shut () {
  key = null
  pages = []
  leavePage()
  for (const list of ['pages', 'queued']) $(list).replaceChildren()
  $('inside').hidden = true
  const here = Boolean(keep.flag())
  $('unlock').hidden = $('away').hidden = !here
  $('nothing').hidden = here
}

$('unlock').addEventListener('submit', async (e) => {
  e.preventDefault()
  const field = $('passphrase'), typed = field.value
  field.value = ''
  say(words.opening)
  try {
    key = await keep.unlock(typed)
    say('')
  } catch (wrong) {
    say(words.wrong.replace('{left}', wrong.left))
    field.focus()
    return
  }
  if (!key) { say(words.wiped); shut(); return }
  used = Date.now()
  $('unlock').hidden = true
  $('inside').hidden = false
  await list()
  const here = pages.find((page) => page.address === location.pathname)
  if (here) await turn(here)
  await deliverAll()
})

for (const event of ['pointerdown', 'keydown', 'scroll']) addEventListener(event, () => { used = Date.now() }, { passive: true })
const check = () => { if (key && Date.now() - used > idle) shut() }
setInterval(check, 5000)
document.addEventListener('visibilitychange', check)
addEventListener('pagehide', shut)
$('shut').addEventListener('click', shut)
$('wipe').addEventListener('click', async () => {
  await keep.wipe()
  await shut()
  say(words.wipedNow)
})

// ---- pages ----

async function list () {
  pages = await keep.pages(key)
  $('pages').replaceChildren(...pages.map((page) => {
    const item = $('page').content.cloneNode(true)
    item.querySelector('span').textContent = page.title
    item.querySelector('p').textContent = page.of
    item.querySelector('a').addEventListener('click', (e) => { e.preventDefault(); go(page) })
    return item
  }))
  await listWaiting()
}

// turn shows a page in the place of the list.
async function turn (page) {
  const html = await keep.body(key, page)
  leavePage()
  const main = new DOMParser().parseFromString(html, 'text/html').querySelector('main')
  const bar = $('bar').content.cloneNode(true)
  bar.querySelector('span').textContent = words.asKept.replace('{time}', time(page.at))
  bar.querySelector('button').addEventListener('click', () => go(null))
  main.prepend(bar)
  main.dataset.kept = page.me
  shell.hidden = true
  shell.after(main)
  scrollTo(0, 0)
  main.querySelector('h1').tabIndex = -1
  main.querySelector('h1').focus()
}

function leavePage () {
  document.querySelector('[data-kept]')?.remove()
  shell.hidden = false
}

// go turns to a page, null for the list, so that "back" leads back. The history is
// given a number and nothing that says which page it is.
function go (page) {
  history.pushState({ n: pages.indexOf(page) }, '')
  page ? turn(page) : leavePage()
}
addEventListener('popstate', (e) => {
  const page = pages[e.state?.n]
  page ? turn(page) : leavePage()
})

// Of a kept page's links those work that lead to kept pages.
document.addEventListener('click', (e) => {
  const link = e.target.closest('[data-kept] a[href]')
  if (!link || link.getAttribute('href').startsWith('#')) return
  e.preventDefault()
  const page = pages.find((p) => p.address === new URL(link.href).pathname)
  if (page) go(page)
  else remark(link, words.notKept)
})

// remark says something beside what it is about.
function remark (near, sentence) {
  document.querySelector('[data-remark]')?.remove()
  const says = Object.assign(document.createElement('p'), { className: 'flash is-warn', textContent: sentence })
  says.dataset.remark = ''
  says.setAttribute('role', 'status')
  near.after(says)
}

document.addEventListener('submit', async (e) => {
  const main = e.target.closest('[data-kept]')
  if (!main) return
  e.preventDefault()
  if (!('late' in e.target.dataset)) { remark(e.submitter || e.target, words.needsLine); return }
  await keep.delay(e.target, e.submitter, main.dataset.kept, crypto.randomUUID())
  await listWaiting()
  await deliverAll()
}, true)

// ---- what waits ----

async function listWaiting () {
  const all = await keep.waiting(key)
  $('queue').hidden = all.length === 0
  $('queued').replaceChildren(...all.map((entry) => {
    const item = $('entry').content.cloneNode(true).firstElementChild
    item.querySelector('b').textContent = entry.said
    item.querySelector('.as-of').textContent = words.waitsSince.replace('{time}', time(entry.fields.find(([name]) => name === 'asserted')[1]))
    const proof = item.querySelector('input')
    item.querySelector('.field').hidden = !entry.proof
    proof.id = 'proof-' + entry.id
    item.querySelector('label').htmlFor = proof.id
    item.querySelector('[data-deliver]').addEventListener('click', () => deliver(entry, item, proof.value))
    item.querySelector('[data-drop]').addEventListener('click', async () => { await keep.delivered(entry.id); await listWaiting() })
    item.entry = entry
    return item
  }))
}

async function deliverAll () {
  for (const item of [...$('queued').children]) if (key && !item.entry.proof) await deliver(item.entry, item, '')
}

// token asks the server for a form's token, and who is signed in: what one person
// has said is not delivered as another's word.
async function token (entry) {
  const answer = await fetch('/account', { headers: { Accept: 'text/html' } })
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  if (answer.redirected || !page.body.dataset.me) return { why: words.signIn }
  if (page.body.dataset.me !== entry.me) return { why: words.otherPerson }
  return { csrf: page.querySelector('[name=csrf]').value }
}

// deliver sends what waits. It leaves the phone once the server says that it is
// recorded; what the server refuses stays, with its sentence.
async function deliver (entry, item, proof) {
  try {
    const { csrf, why } = await token(entry)
    if (why) { explain(item, why); return }
    const fields = [...entry.fields, ['key', entry.key], ['csrf', csrf]]
    if (entry.proof) fields.push(['proof', proof])
    const answer = await fetch(entry.address, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(fields) })
    if (!answer.ok) {
      const said = await answer.json()
      explain(item, answer.status === 401 ? words.signIn : Object.values(said.fields || {})[0] || said.error)
      return
    }
    await keep.delivered(entry.id)
    say(words.delivered.replace('{what}', entry.said))
    if (shell.hidden) remark(document.querySelector('[data-kept] .notice-bar'), $('says').textContent)
    await listWaiting()
  } catch { explain(item, words.noLine) }
}

function explain (item, why) {
  const says = item.querySelector('[role=alert]')
  says.textContent = why
  says.hidden = false
  says.className = why === words.noLine ? 'hint' : 'error' // to wait for a line is no fault
  item.querySelector('a').hidden = why !== words.signIn
}

addEventListener('online', deliverAll)
setInterval(() => { if (key) deliverAll() }, 30_000)
await shut()
