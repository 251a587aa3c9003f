// The page on which somebody chooses to keep a community's pages on their phone.

const { create, isMine, keepPages, line, lock, wipe } = await import(document.querySelector('[data-keep]').dataset.keep)

const $ = (id) => document.getElementById(id)
const { me } = document.body.dataset
const { community } = document.querySelector('main').dataset
const form = $('choose'), says = $('says'), bar = $('bar')

function say (text) {
  says.textContent = text
  says.hidden = !text
}

// show offers what can be done here now.
async function show () {
  const kept = await lock()
  const mine = kept && await isMine(kept, me)
  form.hidden = Boolean(kept)
  $('here').hidden = !mine
  $('others').hidden = !kept || mine
  $('away').hidden = !kept
}

// What the phone shows without a line, with its looks: the same for everybody.
async function keepShell () {
  const answer = await fetch(line, { cache: 'no-store' })
  const needs = (await answer.clone().text()).match(/\/static\/[\w./-]+/g)
  await caches.delete('forum-keep')
  const kept = await caches.open('forum-keep')
  await kept.addAll([...new Set(needs)])
  await kept.put(line, answer)
}

// pageAt reads a page as it is kept: without tokens, and without what only a line brings.
async function pageAt (address) {
  const answer = await fetch(address, { headers: { Accept: 'text/html' } })
  if (!answer.ok || answer.redirected) return null
  const main = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main')
  for (const e of main.querySelectorAll('[name=proof]')) {
    e.form.dataset.proof = '' // it is asked for when the form is delivered
    e.closest('.field').remove()
  }
  for (const e of main.querySelectorAll('script, audio, video, img, [name=csrf], [name=key]')) e.remove()
  const title = main.querySelector('h1').textContent.trim()
  const of = [...main.querySelectorAll('.crumbs a')].at(-1).textContent.trim()
  return { address, title, of, me, at: Date.now(), html: main.outerHTML }
}

async function keepAll () {
  await navigator.serviceWorker.register('/communities/worker.js', { scope: '/communities' })
  await keepShell()
  const list = await (await fetch(location.pathname, { headers: { Accept: 'application/json' } })).json()
  const got = []
  Object.assign(bar, { hidden: false, max: list.pages.length, value: 0 })
  for (const address of list.pages) {
    got.push(await pageAt(address))
    bar.value++
  }
  await keepPages(community, got.filter(Boolean))
}

// keep does all of it and says how it went.
async function keep () {
  say(says.dataset.keeping)
  try {
    await keepAll()
    say(says.dataset.kept)
  } catch { say(says.dataset.failed) }
  bar.hidden = true
  await show()
  says.focus()
}

// fault says what is wrong with a passphrase, "" for nothing. It locks what a thief
// can try to open for years: it has to be longer than one that a server guards.
function fault (first, again) {
  if ([...first].length < 16 || new Set(first).size < 8) return form.dataset.short
  return first === again ? '' : form.dataset.differs
}

form.addEventListener('submit', async (e) => {
  e.preventDefault()
  const { first, again, stay } = { first: $('first'), again: $('again'), stay: $('stay') }
  const wrong = fault(first.value, again.value)
  $('fault').textContent = wrong
  $('fault').hidden = !wrong
  first.setAttribute('aria-invalid', Boolean(wrong))
  if (wrong) { first.focus(); return }
  say(says.dataset.keeping)
  await create(first.value, me, stay.checked)
  form.reset()
  await keep()
})
$('anew').addEventListener('click', keep)
$('wipe').addEventListener('click', async () => {
  await wipe()
  say(says.dataset.wiped)
  await show()
})

if (isSecureContext && 'serviceWorker' in navigator && 'indexedDB' in window) await show()
else $('cannot').hidden = false
