/** The bag: a number that grows. */
const count = document.querySelector('[data-count]')
for (const button of document.querySelectorAll('[data-add]')) {
  button.addEventListener('click', () => {
    if (count) count.textContent = String(Number(count.textContent) + 1)
  })
}
