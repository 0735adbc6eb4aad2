import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { until } from '../testing/scripted/until.ts'

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

  it('that thinks without a word waits, and shows no thinking', async () => {
    const mounted = await mount({ mode: 'inline' })
    mounted.chat.send('Hi')
    await until(() => mounted.server.turns.length)
    mounted.server.lastTurn.token('<think>', '\n\n', '</think>')
    await mounted.wait('samosa-waiting')
    mounted.server.lastTurn.token('\n\nHello')
    await until(() => mounted.texts().includes('Hello'))
    assert(!mounted.find('.think'))
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

describe('the mark of an answer that did not just end', () => {
  const AGAIN = '.actions [data-leaves]:not(.go-on)'
  const NOTICE_BUTTON = 'button[data-leaves]:not([class])'
  const MARKS = [
    ['en', ['Interrupted', 'reached its length limit', 'content filter', 'Stopped']],
    ['de', ['Unterbrochen', 'Höchstlänge', 'Inhaltsfilter', 'Angehalten']],
    ['es', ['Interrumpida', 'longitud máxima', 'filtro de contenido', 'Detenida']],
    ['fr', ['Interrompue', 'longueur maximale', 'filtre de contenu', 'Arrêtée']],
    ['hi', ['बीच में रुक गया', 'लंबाई', 'फ़िल्टर', 'रोका गया']],
    ['ja', ['中断しました', '上限', 'フィルター', '停止しました']],
    ['ar', ['انقطعت', 'الطول', 'مرشّح', 'تم الإيقاف']],
  ] as const

  it('stands at the start of its line, also where nothing can be done with the answer', async () => {
    const { chat, server, find, wait } = await mount({ mode: 'inline' })
    await until(() => chat.send('Hi'))
    await until(() => server.turns.length)
    server.lastTurn.token('Half of it')
    server.lastTurn.done('stopped')
    const note = await wait('.note')
    const left = (element: HTMLElement | undefined) => element?.getBoundingClientRect().left ?? 0
    assert(left(note) < left(find('.assistant .actions')))
  })

  for (const [lang, [interrupted, length, filtered, stopped]] of MARKS) {
    const ends = [
      ['error', interrupted],
      ['interrupted', interrupted],
      ['length', length],
      ['content_filter', filtered],
      ['stopped', stopped],
    ] as const
    for (const [reason, mark] of ends) {
      it(`is the same after a reload, with the same way on: ${reason}, ${lang}`, async () => {
        const way = mark === interrupted ? NOTICE_BUTTON : AGAIN
        const shown = ({ find }: Mounted) =>
          `${find('.note')?.textContent} ${find(way)?.title || find(way)?.textContent?.trim()}`
        const first = await mount({ mode: 'inline', lang })
        const { chat, server } = first
        await until(() => chat.send('Hi'))
        await until(() => server.turns.length)
        server.lastTurn.token('Half of it')
        if (reason === 'error') server.lastTurn.fail('inference_interrupted')
        else server.lastTurn.done(reason)
        await first.wait(way)
        await until(() => first.find('.note')?.textContent?.includes(mark))
        const live = shown(first)
        chat.remove()

        const again = await mount({ mode: 'inline', lang, endpoint: chat.endpoint }, server)
        await until(() => shown(again) === live)
        // One way on is enough.
        assert(again.findAll(`${AGAIN}, ${NOTICE_BUTTON}`).length === 1)
        again.find(way)?.click()
        await until(() => server.turns.length === 2)
        server.lastTurn.token('All of it')
        server.lastTurn.done()
        await until(() => again.texts().includes('All of it'))
        assert(!again.find('.note'))
      })
    }
  }

  it('stays when the conversation goes on, without a way back', async () => {
    const { chat, server, wait, find } = await mount({ mode: 'inline' })
    chat.send('Hi')
    await until(() => server.turns.length)
    server.lastTurn.token('Half of it')
    server.lastTurn.fail('inference_error')
    await wait(NOTICE_BUTTON)
    await until(() => chat.send('Go on'))
    await until(() => server.turns.length === 2)
    server.lastTurn.token('The rest')
    server.lastTurn.done()
    await until(() => !find('.stop'))
    chat.remove()
    const again = await mount({ mode: 'inline', endpoint: chat.endpoint }, server)
    await until(() => again.texts().length === 4)
    const notes = again.findAll('.note').map(({ textContent }) => textContent)
    assert(notes.join() === 'Interrupted', notes.join())
    assert(!again.find(NOTICE_BUTTON))
  })
})

describe('an answer without a word', () => {
  const WORDS = [
    ['en', 'before an answer came', 'content filter'],
    ['de', 'bevor eine Antwort kam', 'Inhaltsfilter'],
    ['es', 'antes de que llegara', 'filtro de contenido'],
    ['fr', 'avant l’arrivée', 'filtre de contenu'],
    ['hi', 'जवाब आने से पहले', 'फ़िल्टर'],
    ['ja', '回答が始まる前に', 'フィルター'],
    ['ar', 'قبل أن تصل', 'مرشّح'],
  ] as const
  for (const [lang, length, filtered] of WORDS) {
    const ends = [
      ['inference_length', 'length', length],
      ['inference_filtered', 'content_filter', filtered],
    ] as const
    for (const [code, reason, words] of ends) {
      it(`says why, and offers no further try that cannot help: ${reason}, ${lang}`, async () => {
        const { chat, server, wait, find } = await mount({ mode: 'inline', lang })
        chat.send('Hi')
        await until(() => server.turns.length)
        server.lastTurn.token('\n')
        server.lastTurn.fail(code, false, reason)
        const notice = await wait('samosa-notice')
        await until(() => notice.shadowRoot?.textContent?.includes(words))
        assert(!notice.shadowRoot?.querySelector('button'))
        assert(!find('.again') && !find('.assistant .note'))
      })
    }
  }

  it('keeps its thinking, and is the same after a reload', async () => {
    const { chat, server, wait } = await mount({ mode: 'inline' })
    chat.send('Hi')
    await until(() => server.turns.length)
    server.lastTurn.token('<think>Oil boils late</think>')
    server.lastTurn.fail('inference_length', false, 'length')
    const note = await wait('.note')
    assert(note.textContent?.includes('reached its length limit'))
    chat.remove()
    const again = await mount({ mode: 'inline', endpoint: chat.endpoint }, server)
    const reopened = await again.wait('.note')
    assert(reopened.textContent === note.textContent)
  })
})

/** Two frames: what scrolls has told of it in the second one. */
async function frames(): Promise<void> {
  for (const _ of [1, 2]) await new Promise((resolve) => requestAnimationFrame(resolve))
}

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
      // What comes below the answer moves it.
      await mounted.wait('.thumbs')
      const citation = await mounted.wait('.citation')
      const scroller = await mounted.wait('.scroller')
      const pointAt = () => {
        citation.scrollIntoView({ block: 'nearest' })
        citation.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, composed: true }))
      }
      // As a browser does for a pointer that rests while something scrolls: the list may still find its place.
      scroller.addEventListener('scroll', pointAt)
      pointAt()
      let shown: HTMLElement
      // It follows what scrolls with the next frame.
      do {
        shown = await mounted.wait('.source-card:popover-open')
        await frames()
      } while (!shown.matches(':popover-open'))
      const card = shown.getBoundingClientRect()
      const room = scroller.getBoundingClientRect()
      assert(card.left >= room.left && card.right <= room.right, `${card.left} to ${card.right}`)
      assert(card.top >= room.top && card.bottom <= room.bottom, `${card.top} to ${card.bottom}`)
      const at = citation.getBoundingClientRect()
      assert(card.bottom <= at.top || card.top >= at.bottom, 'covers the number')
    })
  }
})
