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

// A form that came back with problems: begin at their summary.
document.querySelector('.error-summary')?.focus()

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
