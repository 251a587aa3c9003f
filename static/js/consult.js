// Pages of communities: leaving at once. The page is gone before the line
// answers, what was typed in this tab is forgotten, and the page that comes takes
// its place in the history, so that "back" does not lead here again.
for (const way of document.querySelectorAll('[data-exit]')) {
  way.addEventListener('click', (e) => {
    e.preventDefault()
    document.documentElement.hidden = true
    document.title = ''
    try { sessionStorage.clear() } catch { /* no storage: nothing is kept */ }
    location.replace(way.href)
  })
}
