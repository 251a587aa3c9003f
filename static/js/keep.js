// Pages and forms that are kept on a phone. Whoever chose it on the page "keep"
// has a store in this browser in which everything is sealed: neither titles nor
// addresses stand in it in clear. What can be seen from outside is that there is a
// store, how many things are in it, and whether some of them wait to be delivered.
//
// Putting in takes no passphrase, taking out does: each thing is sealed for the
// store's public key, whose private half is locked by the passphrase. So a withdrawal
// is never held up by a passphrase that somebody cannot remember at that moment.
//
// Sealing: ECDH on P-256 with a key used once, HKDF-SHA-256, AES-256-GCM with a
// random nonce, the page's address as additional data. Locking: PBKDF2-SHA-256, the
// best that browsers have built in.

const store = 'forum-keep' // the names of the database, of the cache and of the flag
export const line = '/communities/without-line'
const rounds = 1_000_000
const mostTries = 10
const curve = { name: 'ECDH', namedCurve: 'P-256' }
const { subtle } = crypto

const bytes = (text) => new TextEncoder().encode(text)
const random = (n) => crypto.getRandomValues(new Uint8Array(n))
const about = (iv, what) => ({ name: 'AES-GCM', iv, additionalData: bytes(what) })

// ---- the database: what locks it, pages, and what waits ----

function open () {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(store, 1)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('lock')
      asked.result.createObjectStore('pages', { autoIncrement: true })
      asked.result.createObjectStore('waiting', { autoIncrement: true })
    }
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => failed(asked.error)
  })
}

// within does one thing in one transaction and answers once it is on disk.
async function within (name, work) {
  const db = await open()
  try {
    return await new Promise((done, failed) => {
      const all = db.transaction(name, 'readwrite', { durability: 'strict' })
      const asked = work(all.objectStore(name))
      all.oncomplete = () => done(asked.result)
      all.onerror = all.onabort = () => failed(all.error)
    })
  } finally { db.close() }
}

// rows are what is in a part of the store, with the numbers it lies under.
async function rows (name) {
  const keys = await within(name, (s) => s.getAllKeys())
  const values = await within(name, (s) => s.getAll())
  return values.map((value, i) => ({ id: keys[i], ...value }))
}

// The flag spares pages without a store the database, and tells forum.js what may
// stay when somebody signs out.
export const flag = () => localStorage.getItem(store)
const isHere = () => flag() !== null
export const lock = () => isHere() ? within('lock', (s) => s.get(0)) : undefined
const setLock = (value) => within('lock', (s) => s.put(value, 0))

async function countWaiting () {
  const n = await within('waiting', (s) => s.count())
  if (n) localStorage.setItem(store + '-waits', n)
  else localStorage.removeItem(store + '-waits')
  return n
}

// wipe leaves nothing: no page, no form, no key, no copy of the page for no line.
export async function wipe () {
  for (const name of [store, store + '-waits']) localStorage.removeItem(name)
  await new Promise((done) => { Object.assign(indexedDB.deleteDatabase(store), { onsuccess: done, onerror: done, onblocked: done }) })
  await caches.delete(store)
  for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister()
}

// ---- locking ----

async function lockKey (passphrase, { salt, rounds }) {
  const typed = await subtle.importKey('raw', bytes(passphrase.normalize('NFC')), 'PBKDF2', false, ['deriveKey'])
  return subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, typed, { name: 'AES-GCM', length: 256 }, false, ['wrapKey', 'unwrapKey'])
}

// belongs marks whose store it is, and of which community a page: for who knows the
// id already, and for nobody else.
const belongs = async (salt, id) => new Uint8Array(await subtle.digest('SHA-256', bytes([...salt, id].join())))
export async function isMine (lock, me) {
  const mark = await belongs(lock.salt, me)
  return mark.every((byte, i) => byte === lock.whose[i])
}

export async function create (passphrase, me, stay) {
  const pair = await subtle.generateKey(curve, true, ['deriveBits'])
  const made = { salt: random(16), rounds, iv: random(12), tries: 0 }
  made.whose = await belongs(made.salt, me)
  made.opens = await subtle.exportKey('raw', pair.publicKey)
  made.locked = await subtle.wrapKey('pkcs8', pair.privateKey, await lockKey(passphrase, made), about(made.iv, 'lock'))
  localStorage.setItem(store, stay ? 'stay' : 'here')
  await setLock(made)
}

// unlock returns the key that opens things; it is in memory and nowhere else, and
// cannot be taken out of it. A try counts before it is made. After the tenth wrong
// one there is nothing left to open: then it returns null.
export async function unlock (passphrase) {
  const kept = await lock()
  if (!kept || kept.tries >= mostTries) { await wipe(); return null }
  await setLock({ ...kept, tries: kept.tries + 1 })
  try {
    const key = await subtle.unwrapKey('pkcs8', kept.locked, await lockKey(passphrase, kept), about(kept.iv, 'lock'), curve, false, ['deriveBits'])
    await setLock({ ...kept, tries: 0 })
    return key
  } catch {
    if (kept.tries + 1 < mostTries) throw Object.assign(new Error('wrong'), { left: mostTries - kept.tries - 1 })
    await wipe()
    return null
  }
}

// ---- sealing ----

async function between (own, other, from) {
  const shared = await subtle.importKey('raw', await subtle.deriveBits({ name: 'ECDH', public: other }, own, 256), 'HKDF', false, ['deriveKey'])
  return subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: from }, shared, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

// Sizes are filled up to whole steps of 4 kB, since the length of a page says which it is.
const filled = (text) => text.padEnd(Math.ceil(text.length / 4096) * 4096)

async function seal (lock, what, address) {
  const once = await subtle.generateKey(curve, false, ['deriveBits'])
  const from = await subtle.exportKey('raw', once.publicKey)
  const key = await between(once.privateKey, await subtle.importKey('raw', lock.opens, curve, false, []), from)
  const iv = random(12)
  return { from, iv, sealed: await subtle.encrypt(about(iv, address), key, bytes(filled(JSON.stringify(what)))) }
}

async function unseal (key, { from, iv, sealed }, address) {
  const shared = await between(key, await subtle.importKey('raw', from, curve, false, []), from)
  return JSON.parse(new TextDecoder().decode(await subtle.decrypt(about(iv, address), shared, sealed)))
}

// ---- pages ----

// keepPages puts pages of a community in the place of those that were kept before,
// all at once.
export async function keepPages (community, pages) {
  const kept = await lock()
  const of = (await belongs(kept.salt, community)).join()
  const sealed = await Promise.all(pages.map(async ({ address, html, ...head }) => ({
    of, head: await seal(kept, { address, ...head }, ''), body: await seal(kept, html, address)
  })))
  const before = (await rows('pages')).filter((page) => page.of === of)
  await within('pages', (all) => {
    for (const page of before) all.delete(page.id)
    for (const page of sealed) all.add(page)
    return {}
  })
}

// pages are the heads of all pages; body opens one.
export const pages = async (key) => Promise.all((await rows('pages')).map(async ({ head, body }) => ({ ...await unseal(key, head, ''), body })))
export const body = (key, page) => unseal(key, page.body, page.address)

// ---- what waits ----

// delay keeps a form that could not be sent, with what its maker had seen and the
// time on this phone's clock. What proves who somebody is is never kept: it is asked
// for again. The key is made once, so that what arrives twice counts once.
export async function delay (form, button, me, key) {
  const fields = [...new FormData(form, button)].filter(([name]) => !['csrf', 'key', 'proof'].includes(name))
  const now = new Date().toISOString()
  const said = (form.querySelector('input:checked + .choice-body b') || button || form).textContent.trim()
  const proof = 'proof' in form.dataset || Boolean(form.querySelector('[name=proof]'))
  const entry = { address: form.getAttribute('action'), said, me, key, proof, fields: [...fields, ['late', '1'], ['base', form.dataset.base], ['asserted', now], ['device', now]] }
  const sealed = await seal(await lock(), entry, 'waiting')
  await within('waiting', (all) => all.add(sealed))
  await countWaiting()
  tell(form, form.dataset.late)
}

export const waiting = async (key) => Promise.all((await rows('waiting')).map(async ({ id, ...sealed }) => ({ id, ...await unseal(key, sealed, 'waiting') })))
export async function delivered (id) {
  await within('waiting', (all) => all.delete(id))
  return countWaiting()
}

// tell says something in the place of what it is about.
function tell (old, sentence) {
  const says = Object.assign(document.createElement('p'), { className: 'flash is-ok', tabIndex: -1, textContent: sentence })
  says.setAttribute('role', 'status')
  old.replaceWith(says)
  says.focus()
  return says
}

// ---- pages with a line: a form that finds it gone is kept ----

// The form is sent as ever, but by this script, which is told when it does not
// arrive. It keeps its own key then: should only the answer have been lost, the
// step is the same one.
async function send (form, button) {
  button?.setAttribute('aria-busy', 'true')
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, button)), redirect: 'manual' })
    if (answer.type === 'opaqueredirect') { location.assign(form.dataset.next); return }
    const back = new DOMParser().parseFromString(await answer.text(), 'text/html')
    document.querySelector('main').replaceWith(back.querySelector('main'))
    document.querySelector('.error-summary, [role=alert]')?.focus()
  } catch {
    await delay(form, button, document.body.dataset.me, form.elements.key.value)
  }
}

async function start () {
  const kept = await lock()
  const { me } = document.body.dataset
  if (!kept || !me || !await isMine(kept, me)) return
  document.addEventListener('submit', (e) => {
    if (!('late' in e.target.dataset)) return
    e.preventDefault()
    send(e.target, e.submitter)
  }, true)
  if (await countWaiting() === 0) return
  const says = Object.assign(document.createElement('aside'), { className: 'notice-bar' })
  says.append(Object.assign(document.createElement('a'), { href: line, textContent: document.querySelector('[data-waits]').dataset.waits }))
  document.querySelector('main').before(says)
}
if (isHere()) start()
