const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

describe('the browser that tests run in', () => {
  it('is a real Chromium that lays out and paints', async () => {
    assert(navigator.userAgent.includes('Chrom'), navigator.userAgent)
    const box = document.createElement('div')
    box.style.setProperty('inline-size', '37px')
    document.body.append(box)
    await nextFrame()
    assert(box.getBoundingClientRect().width === 37, 'a box of 37 px is 37 px wide')
    box.remove()
  })

  it('believes to be in front, so that focus styles and animation frames work', () => {
    assert(document.hasFocus(), 'the document has focus')
    assert(document.visibilityState === 'visible', 'the page is visible')
  })

  it('can copy to the clipboard', async () => {
    await navigator.clipboard.writeText('samosa')
    assert((await navigator.clipboard.readText()) === 'samosa', 'the text comes back')
  })

  it('loads nothing from outside', async () => {
    const urls = performance.getEntriesByType('resource').map((entry) => new URL(entry.name))
    const foreign = urls.filter((url) => url.origin !== location.origin)
    assert(foreign.length === 0, `loaded ${foreign.join(', ')}`)
    const answer = await fetch('http://example.com/', { mode: 'no-cors' }).then(
      () => 'answered',
      () => 'refused',
    )
    assert(answer === 'refused', 'no other host can be reached')
  })

  it('starts with empty storage', () => {
    assert(localStorage.length === 0, 'nothing is left of an earlier file')
  })
})
