import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { until } from '../testing/scripted/until.ts'
import { focused, press } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

/** Frames stand for windows of other sizes than the test's own. */
const browserMatchMedia = window.matchMedia

afterEach(() => {
  window.matchMedia = browserMatchMedia
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

/** As though the window were wide enough for the list, or so small that the chat covers it. */
function pretend(fits: (query: string) => boolean | undefined): void {
  window.matchMedia = (query) => {
    const fit = fits(query)
    return browserMatchMedia.call(window, fit === undefined ? query : fit ? 'all' : 'not all')
  }
}

const width = async ({ wait }: Mounted) => (await wait('.panel')).offsetWidth

describe('the bubble', () => {
  it('is enlarged and reduced by a button that says what it does, and stays so for this visitor', async () => {
    const mounted = await mount({ open: '' })
    const endpoint = mounted.chat.endpoint
    const before = await width(mounted)
    const button = await mounted.wait('.size')
    assert(button.ariaLabel === 'Enlarge chat', String(button.ariaLabel))
    button.focus()
    button.click()
    await until(() => button.ariaLabel === 'Reduce chat')
    const after = await width(mounted)
    assert(after > before && after <= 720, `${before} became ${after}`)
    assert(focused() === button, 'the focus stays')
    mounted.chat.remove()

    const again = await mount({ open: '', endpoint }, mounted.server)
    assert((await width(again)) === after, 'it is remembered')
    const reduce = await again.wait('.size')
    reduce.click()
    await until(() => reduce.ariaLabel === 'Enlarge chat')
    assert((await width(again)) === before, 'it is as it was')
  })

  it('stays enlarged when Escape closes it', async () => {
    const mounted = await mount({ open: '' })
    const button = await mounted.wait('.size')
    button.click()
    await until(() => button.ariaLabel === 'Reduce chat')
    const large = await width(mounted)
    button.focus()
    press(button, 'Escape')
    assert(!mounted.chat.open)
    mounted.chat.show()
    await mounted.chat.updateComplete
    assert((await width(mounted)) === large)
  })

  it('has no such button where it covers the window, inline or as a page', async () => {
    for (const mode of ['inline', 'page']) {
      const mounted = await mount({ mode })
      await mounted.input()
      assert(!mounted.find('.size'), mode)
    }
    pretend((query) => (query.includes('max-height: 520px') ? true : undefined))
    const mounted = await mount({ open: '' })
    await mounted.input()
    await mounted.chat.updateComplete
    assert(!mounted.find('.size'), 'a small window')
  })

  it('says it in the language of the page', async () => {
    const mounted = await mount({ open: '', lang: 'ar' })
    await until(() => mounted.find('.size')?.ariaLabel === 'تكبير النافذة')
  })
})

describe('the list beside a page', () => {
  for (const dir of ['ltr', 'rtl']) {
    it(`is folded and unfolded by its button, and stays so for this visitor (${dir})`, async () => {
      pretend((query) => (query.includes('min-width: 900px') ? true : undefined))
      const mounted = await mount({ mode: 'page', dir })
      const { endpoint } = mounted.chat
      mounted.server.addTitled(['Ferns'])
      await mounted.wait('.drawer')
      const button = await mounted.wait('.list')
      const isExpanded = () => button.getAttribute('aria-expanded')
      assert(isExpanded() === 'true')
      button.focus()
      button.click()
      await until(() => !mounted.find('.drawer') && isExpanded() === 'false')
      assert(focused() === button, 'the focus stays')
      mounted.chat.remove()

      const again = await mount({ mode: 'page', dir, endpoint }, mounted.server)
      const folded = await again.wait('.list')
      assert(folded.getAttribute('aria-expanded') === 'false' && !again.find('.drawer'))
      folded.click()
      await again.wait('.drawer')
      assert(folded.getAttribute('aria-expanded') === 'true')
      assert(!again.find('.scrim'), 'it stands beside the chat, not over it')
    })
  }
})
