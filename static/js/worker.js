// Answers for pages of communities while there is no line: with one page that
// holds nothing but a question for the passphrase. It keeps, reads and sends
// nothing itself; with a line it lets everything through as it comes.

const cache = 'forum-keep' // as in keep.js, which fills it
const page = '/communities/without-line'
const gone = [502, 504] // the line reaches a gateway and no further

const stored = (request) => caches.open(cache).then((kept) => kept.match(request, { ignoreVary: true }))

async function go (request) {
  try {
    const answer = await fetch(request)
    if (!gone.includes(answer.status)) return answer
  } catch { /* no line */ }
  return await stored(page) || Response.error()
}

addEventListener('install', () => skipWaiting())
addEventListener('activate', (e) => e.waitUntil(clients.claim()))
addEventListener('fetch', (e) => {
  const { mode, method, url } = e.request
  if (method !== 'GET') return
  if (mode === 'navigate') e.respondWith(go(e.request))
  else if (new URL(url).pathname.startsWith('/static/')) e.respondWith(stored(e.request).then((file) => file || fetch(e.request)))
})
