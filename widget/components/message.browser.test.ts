import { mount } from '../scripted/mount.ts'
import { until } from '../scripted/until.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('a message', () => {
  it('of the visitor stands close to its answer', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('Hello')
    const answer = await mounted.wait('samosa-answer')
    const bubble = await mounted.wait('.bubble')
    const gap = answer.getBoundingClientRect().top - bubble.getBoundingClientRect().bottom
    assert(gap > 8 && gap <= 20, `${gap} px`)
  })

  it('that was not sent says so below the end of its bubble', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.server.fail(/conversations$/, 'refuse')
    mounted.chat.send('Hi')
    const note = await mounted.wait('.failed .note')
    const bubble = (await mounted.wait('.bubble')).getBoundingClientRect()
    assert(Math.abs(note.getBoundingClientRect().right - bubble.right) <= 4)
    assert(note.getBoundingClientRect().top >= bubble.bottom)
  })

  it('without a word waits while it may get one, and then offers another try', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('\n', '  ')
    await mounted.wait('samosa-waiting')
    mounted.server.lastTurn.done()
    const again = await mounted.wait('.again')
    assert(again.textContent?.trim() === 'Answer again')
    assert(!mounted.find('samosa-answer'))
    again.click()
    await mounted.wait('samosa-waiting')
    await until(() => mounted.server.turns.length === 2)
    mounted.server.lastTurn.token(' ', 'Words')
    await until(() => mounted.texts().includes('Words'))
  })
})

describe('the card of a source', () => {
  for (const before of ['', 'Words. '.repeat(400)]) {
    it(`stays inside the conversation, beside what it is for (${before.length} characters above)`, async () => {
      const mounted = await mount({ mode: 'inline' })
      mounted.chat.style.setProperty('width', '380px')
      mounted.chat.send('Hi')
      await until(() => mounted.server.turns.length)
      const source = {
        number: 1,
        title: 'Frying',
        url: null,
        creator: null,
        section: null,
        snippet: 'Hot oil, and patience. '.repeat(40),
        score: 1,
      }
      mounted.server.lastTurn.emit({ sources: [source] })
      mounted.server.lastTurn.token(before, 'Fry it [1].')
      mounted.server.lastTurn.done()
      const citation = await mounted.wait('.citation')
      citation.scrollIntoView({ block: 'nearest' })
      citation.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, composed: true }))
      const tip = (await mounted.wait('.source-tip:popover-open')).getBoundingClientRect()
      const room = (await mounted.wait('.scroller')).getBoundingClientRect()
      assert(tip.left >= room.left && tip.right <= room.right, `${tip.left} to ${tip.right}`)
      assert(tip.top >= room.top && tip.bottom <= room.bottom, `${tip.top} to ${tip.bottom}`)
      const at = citation.getBoundingClientRect()
      assert(tip.bottom <= at.top || tip.top >= at.bottom, 'covers the number')
    })
  }
})
