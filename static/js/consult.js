// Pages of communities: leaving at once. The page is gone before the line
// answers, what was typed in this tab is forgotten, and the page that comes takes
// its place in the history, so that "back" does not lead here again.
const kept = 'forum-keep' // as in keep.js
const read = (name) => { try { return localStorage.getItem(name) } catch { return null } }

function leave (to) {
  document.documentElement.hidden = true
  document.title = ''
  try { sessionStorage.clear() } catch { /* no storage: nothing is kept */ }
  location.replace(to)
}

// Who holds the way out for a second also leaves nothing on the phone that they
// have not chosen to keep through this.
async function leaveNothing (to) {
  document.documentElement.hidden = true
  if (read(kept) && read(kept) !== 'stay') {
    const { wipe } = await import(keep)
    await wipe()
  }
  leave(to)
}

for (const way of document.querySelectorAll('[data-exit]')) {
  let held = 0
  way.addEventListener('pointerdown', () => { held = setTimeout(leaveNothing, 1000, way.href) })
  for (const end of ['pointerup', 'pointerleave', 'pointercancel']) way.addEventListener(end, () => clearTimeout(held))
  way.addEventListener('contextmenu', (e) => e.preventDefault())
  way.addEventListener('click', (e) => {
    e.preventDefault()
    leave(way.href)
  })
}

// A community's own voice: one large button for each step; one voice at a time.
for (const button of document.querySelectorAll('[data-play]')) {
  const voice = button.parentElement.querySelector('audio')
  const shows = () => button.setAttribute('aria-pressed', String(!voice.paused))
  for (const change of ['play', 'pause', 'ended']) voice.addEventListener(change, shows)
  button.addEventListener('click', () => {
    for (const other of document.querySelectorAll('audio')) if (other !== voice) other.pause()
    if (voice.paused) voice.play(); else voice.pause()
  })
  button.hidden = false
  voice.hidden = true
}

// Only a phone that keeps pages needs what keeps forms for it.
const { keep } = document.querySelector('[data-keep]').dataset
if (read(kept)) import(keep)
