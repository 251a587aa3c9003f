// The console: its keys, and on a phone which of its three parts one looks at.

// A key presses the button that shows it, unless somebody is writing, or presses
// with it what has the focus.
document.addEventListener('keydown', (e) => {
  if (e.repeat || e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, textarea, select, [contenteditable]')) return
  if ((e.key === ' ' || e.key === 'Enter') && e.target.closest('summary, button, a')) return
  const button = document.querySelector('[data-shortcut="' + CSS.escape(e.key.toLowerCase()) + '"]')
  if (!button) return
  e.preventDefault()
  button.click()
})

// A button that was pressed with the mouse gives the keys back.
document.addEventListener('click', (e) => { if (e.detail > 0) e.target.closest('button[form="act"]')?.blur() })

// The part that crosses the middle of the screen is the current one.
const tabs = [...document.querySelectorAll('.console-tabs a')]
const seen = new IntersectionObserver((parts) => {
  for (const { target, isIntersecting } of parts) {
    const tab = tabs.find((t) => t.hash === '#' + target.id)
    if (isIntersecting) tab.setAttribute('aria-current', 'true')
    else tab.removeAttribute('aria-current')
  }
}, { rootMargin: '-50% 0px -50% 0px' })
for (const tab of tabs) seen.observe(document.querySelector(tab.hash))
