import 'axe-core/axe.min.js'
import type { Source } from '../../server/protocol/events.ts'
import { answerStrings } from '../words/en/answer.ts'
import { assertAccessible } from '../testing/scripted/visitor.ts'
import './answer.ts'
import type { SamosaAnswer } from './answer.ts'
import { textToCopy } from './message-actions.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

const call = (tool: string, args: object) =>
  `<|python_start|>${JSON.stringify({ tool, arguments: args })}<|python_end|>`
const result = (tool: string, output: unknown, error: string | null = null) =>
  `<|output_start|>${JSON.stringify({ tool, success: error === null, output, error })}<|output_end|>`

const SOURCES: readonly Source[] = [
  {
    number: 1,
    title: 'Installing',
    url: 'https://example.org/install',
    creator: null,
    section: 'Needs',
    snippet: 'Node 22 or newer.',
    score: 0.9,
  },
  {
    number: 2,
    title: 'A book',
    url: ['java', 'script:1'].join(''),
    creator: null,
    section: null,
    snippet: 'Nothing is sent anywhere.',
    score: 0.5,
  },
]

type Settings = Partial<Pick<SamosaAnswer, 'streaming' | 'sources' | 'strings'>>

const shown: SamosaAnswer[] = []

const show = async (chunks: readonly string[], settings: Settings = {}) => {
  const answer = document.createElement('samosa-answer')
  Object.assign(answer, { chunks, ...settings })
  document.body.append(answer)
  shown.push(answer)
  await answer.updateComplete
  return answer
}

const find = (answer: SamosaAnswer, selector: string): HTMLElement => {
  const element = answer.shadowRoot?.querySelector(selector)
  if (!(element instanceof HTMLElement)) throw new Error(`there is no ${selector}`)
  return element
}

const count = (answer: SamosaAnswer, selector: string) =>
  answer.shadowRoot?.querySelectorAll(selector).length ?? 0

const textOf = (answer: SamosaAnswer, selector: string) =>
  (find(answer, selector).textContent ?? '').replaceAll(/\s+/g, ' ').trim()

const grow = async (answer: SamosaAnswer, chunks: string[], ...more: readonly string[]) => {
  chunks.push(...more)
  answer.version += 1
  await answer.updateComplete
}

describe('samosa-answer', () => {
  afterEach(() => {
    for (const answer of shown.splice(0)) answer.remove()
  })

  it('shows the first text in the next frame', async () => {
    const chunks: string[] = []
    const answer = await show(chunks, { streaming: true })
    const drawn = new Promise((resolve) => {
      new MutationObserver(() => resolve(document.timeline.currentTime)).observe(
        find(answer, '.segments'),
        { subtree: true, childList: true },
      )
    })
    chunks.push('First')
    answer.version += 1
    await nextFrame()
    const next = document.timeline.currentTime
    assert((await drawn) === next, 'in that very frame')
    assert(textOf(answer, '.segments') === 'First', 'shown')
  })

  it('draws at most once per frame, however many pieces come', async () => {
    const chunks = ['start']
    const answer = await show(chunks, { streaming: true })
    let draws = 0
    const observer = new MutationObserver(() => {
      draws += 1
    })
    observer.observe(find(answer, '.segments'), {
      subtree: true,
      childList: true,
      characterData: true,
    })
    for (let index = 0; index < 200; index += 1) {
      chunks.push(` ${index}`)
      answer.version += 1
      await Promise.resolve()
    }
    await answer.updateComplete
    observer.disconnect()
    assert(draws <= 1, `${draws} draws`)
    assert(textOf(answer, '.segments').endsWith('198 199'), 'all of it is there')
  })

  it('settles without a frame when the answer ends', async () => {
    const chunks = ['**half']
    const answer = await show(chunks, { streaming: true })
    chunks.push(' done**')
    answer.streaming = false
    await Promise.resolve()
    await Promise.resolve()
    assert(textOf(answer, 'strong') === 'half done', find(answer, '.segments').innerHTML)
  })

  it('starts over for another array, and goes on when an ended answer grows again', async () => {
    const chunks = ['one']
    const answer = await show(chunks)
    answer.chunks = ['two']
    await answer.updateComplete
    assert(textOf(answer, '.segments') === 'two', 'the other answer')
    answer.chunks = chunks
    await answer.updateComplete
    answer.streaming = true
    await grow(answer, chunks, ' more')
    assert(textOf(answer, '.segments') === 'one more', textOf(answer, '.segments'))
  })

  it('keeps showing what it had after it was moved in the page', async () => {
    const chunks = ['one']
    const answer = await show(chunks, { streaming: true })
    const box = document.createElement('div')
    document.body.append(box)
    box.append(answer)
    await grow(answer, chunks, ' two')
    assert(textOf(answer, '.segments') === 'one two', 'still drawn')
    box.remove()
  })

  it('turns text into thinking when its end tag comes alone', async () => {
    const chunks = ['I wonder.']
    const answer = await show(chunks, { streaming: true })
    assert(textOf(answer, '.text') === 'I wonder.', 'text so far')
    await grow(answer, chunks, '</think>', 'Yes.')
    assert(textOf(answer, '.think-text') === 'I wonder.', 'thinking now')
    assert(textOf(answer, '.text') === 'Yes.', 'and the answer')
  })

  it('copies a code block and says so', async () => {
    const answer = await show(['```js\nconst a = 1\n```'])
    const button = find(answer, '.code-copy')
    button.click()
    for (let turn = 0; turn < 50 && button.textContent !== 'Copied'; turn += 1) await nextFrame()
    assert(button.textContent === 'Copied', 'says so')
    assert((await navigator.clipboard.readText()) === 'const a = 1', 'the code is copied')
  })

  it('speaks the language it is given', async () => {
    const answer = await show(['<think>x</think>'], {
      strings: { ...answerStrings, thought: 'Überlegt' },
    })
    assert(textOf(answer, '.think-head') === 'Überlegt', 'German')
  })
})

describe('thinking', () => {
  afterEach(() => {
    for (const answer of shown.splice(0)) answer.remove()
  })

  it('shows its last lines while it runs and one line when it is done', async () => {
    const chunks = ['<think>', 'A line.\n\n'.repeat(20), 'The last line']
    const answer = await show(chunks, { streaming: true })
    const body = find(answer, '.think-body')
    assert(textOf(answer, '.think-head') === 'Thinking…', 'says that it runs')
    assert(body.clientHeight > 0 && body.clientHeight < 80, `${body.clientHeight} px`)
    const last = body.querySelector('p:last-child')?.getBoundingClientRect()
    assert((last?.bottom ?? 0) <= body.getBoundingClientRect().bottom + 1, 'the last line is seen')
    await assertAccessible(answer)
    await grow(answer, chunks, '.</think>', 'Answer')
    assert(/^Thought for \d+ s$/.test(textOf(answer, '.think-head')), 'says how long it took')
    assert(Boolean(body.hidden), 'closed')
    await assertAccessible(answer)
  })

  it('opens and closes by its button, and stays open when it is done', async () => {
    const chunks = ['<think>Why']
    const answer = await show(chunks, { streaming: true })
    const head = find(answer, '.think-head')
    const body = find(answer, '.think-body')
    head.click()
    assert(head.getAttribute('aria-expanded') === 'true' && !body.inert, 'open')
    await grow(answer, chunks, '?</think>Because.')
    assert(body.hidden === false && head.getAttribute('aria-expanded') === 'true', 'still open')
    head.click()
    assert(Boolean(body.hidden) && head.getAttribute('aria-expanded') === 'false', 'closed')
  })

  it('claims no time for thinking that it has not seen', async () => {
    const answer = await show(['<think>old</think>Answer'])
    assert(textOf(answer, '.think-head') === 'Thought', textOf(answer, '.think-head'))
    const resumed = await show(['<think>old</think>Ans'], { streaming: true })
    assert(textOf(resumed, '.think-head') === 'Thought', textOf(resumed, '.think-head'))
  })

  it('renders Markdown', async () => {
    const answer = await show(['<think>- **a**\n- b</think>'])
    assert(count(answer, '.think-text li') === 2, 'a list')
  })
})

describe('thinking that shows nothing, and thinking in other words', () => {
  afterEach(() => {
    for (const answer of shown.splice(0)) answer.remove()
  })

  const watch = async (pieces: readonly string[], look: (answer: SamosaAnswer) => void) => {
    const chunks: string[] = []
    const answer = await show(chunks, { streaming: true })
    for (const piece of pieces) {
      chunks.push(piece)
      answer.version += 1
      await answer.updateComplete
      look(answer)
    }
    answer.streaming = false
    await answer.updateComplete
    return answer
  }

  it('has no line over it where there is no word in it, also while it comes', async () => {
    for (const text of [
      '<think>\n \n</think>\n\nHello',
      '<Thinking></thinking>Hello',
      '\n</think>Hello',
    ]) {
      const answer = await watch([...text], (shownSoFar) =>
        assert(count(shownSoFar, '.think') === 0, JSON.stringify(text)),
      )
      assert(count(answer, '.think') === 0, text)
      assert(textOf(answer, '.segments').trim() === 'Hello', text)
      assert(textToCopy(text) === 'Hello', 'copied')
    }
  })

  it('stands apart from the answer in every spelling, and its marks never show', async () => {
    for (const [open, close] of [
      ['<thinking>', '</thinking>'],
      ['[THINK]', '[/THINK]'],
      ['\n<Thought>', '</Thought>'],
      ['<THINK>', '</think>'],
    ]) {
      const text = `${open}a plan${close}\n\nAn answer`
      const answer = await watch([...text], (shownSoFar) =>
        assert(!/[<[]\/?t/i.test(textOf(shownSoFar, '.segments')), JSON.stringify(text)),
      )
      assert(textOf(answer, '.think-text') === 'a plan', text)
      assert(textOf(answer, '.text') === 'An answer', text)
      assert(textToCopy(text) === 'An answer', 'copied')
    }
  })
})

describe('tool cards', () => {
  afterEach(() => {
    for (const answer of shown.splice(0)) answer.remove()
  })

  it('go from running to done, call and result on one card', async () => {
    const chunks = [call('calculator', { expression: '12*3' })]
    const answer = await show(chunks, { streaming: true })
    const card = find(answer, '.tool')
    assert(card.dataset['state'] === 'running', 'running')
    assert(
      textOf(answer, '.tool-head') === 'Calculating 12 × 3 Running',
      textOf(answer, '.tool-head'),
    )
    await assertAccessible(answer)
    const answerTo = result('calculator', { expression: '12*3', value: 36 })
    await grow(answer, chunks, answerTo.slice(0, 40))
    assert(card.dataset['state'] === 'running', 'half a result is none')
    assert(!textOf(answer, '.segments').includes('{'), 'and never shown')
    await grow(answer, chunks, answerTo.slice(40))
    assert(count(answer, '.tool') === 1 && card.dataset['state'] === 'done', 'done')
    assert(textOf(answer, '.tool-summary') === '= 36', textOf(answer, '.tool-summary'))
    await assertAccessible(answer)
  })

  it('never show half a call', async () => {
    const chunks: string[] = []
    const answer = await show(chunks, { streaming: true })
    for (const character of call('web_search', { query: 'capital of Nepal' })) {
      await grow(answer, chunks, character)
      assert(!/[{}":|]/.test(textOf(answer, '.segments')), textOf(answer, '.segments'))
    }
    assert(textOf(answer, '.tool-words') === 'Searching the web for “capital of Nepal”', 'words')
  })

  it('show what a search found, linking only where it is safe', async () => {
    const results = [
      { title: 'One', url: 'https://example.org' },
      { title: 'Two', url: ['java', 'script:1'].join('') },
      { title: '<img src=x>', url: 'https://example.org/3' },
    ]
    const answer = await show([
      call('web_search', { query: 'q' }),
      result('web_search', { results }),
    ])
    assert(textOf(answer, '.tool-summary').startsWith('3 results'), 'how many')
    assert(
      count(answer, '.tool-summary a') === 2 && count(answer, '.tool-summary img') === 0,
      'safe',
    )
    await assertAccessible(answer)
  })

  it('keep what a search found below their words where the page is read from the right', async () => {
    document.documentElement.dir = 'rtl'
    const results = [{ title: 'Ten places', url: 'https://example.org' }]
    const answer = await show([
      call('web_search', { query: 'q' }),
      result('web_search', { results }),
    ])
    const [words, link] = ['.tool-words', '.tool-summary a'].map((selector) =>
      find(answer, selector).getBoundingClientRect(),
    )
    document.documentElement.dir = ''
    const apart = Math.abs((words?.right ?? 0) - (link?.right ?? 99))
    assert(apart < 4, `${apart} px apart`)
  })

  it('are no landmarks when they are open, and neither are code and tables', async () => {
    const code = '```js\n1\n```\n\n| a |\n| - |\n| 1 |\n\n'
    const called = [call('weather', { at: 'here' }), result('weather', {})].join('')
    const answer = await show([called, called, code, code])
    for (const head of answer.shadowRoot?.querySelectorAll('.tool-head') ?? []) {
      head.dispatchEvent(new MouseEvent('click'))
    }
    assert(count(answer, '.tool-json pre') === 4, 'open')
    await assertAccessible(answer)
  })

  it('say what failed, by a sign and words', async () => {
    const answer = await show([call('weather', {}), result('weather', null, 'no network')])
    assert(find(answer, '.tool').dataset['state'] === 'failed', 'failed')
    assert(textOf(answer, '.state-word') === 'Failed', 'in words')
    assert(textOf(answer, '.tool-summary') === 'no network', 'why')
    await assertAccessible(answer)
  })

  it('say that no result came when the answer ends first', async () => {
    const answer = await show([call('weather', {}), 'Text'])
    assert(textOf(answer, '.state-word') === 'No result', textOf(answer, '.state-word'))
  })

  it('pair calls made together with their results in order', async () => {
    const answer = await show([
      call('calculator', { expression: '1+1' }),
      call('calculator', { expression: '2+2' }),
      result('calculator', { value: 2 }),
      result('calculator', { value: 4 }),
    ])
    const cards = [...(answer.shadowRoot?.querySelectorAll('.tool') ?? [])]
    const texts = cards.map((card) => (card.textContent ?? '').replaceAll(/\s+/g, ' '))
    assert(texts.length === 2, `${texts.length} cards`)
    assert(/1\+1.*= 2/.test(texts[0] ?? '') && /2\+2.*= 4/.test(texts[1] ?? ''), texts.join('; '))
  })

  it('give a result that nothing called a card of its own', async () => {
    const answer = await show([result('calculator', { value: 7 })])
    assert(textOf(answer, '.tool-summary') === '= 7', 'shown')
  })

  it('open to formatted JSON, as text', async () => {
    const answer = await show([
      call('x', { html: '<b>no</b>' }),
      '<|output_start|>not json<|output_end|>',
    ])
    const head = find(answer, '.tool-head')
    head.click()
    assert(head.getAttribute('aria-expanded') === 'true', 'open')
    const [args, output] = answer.shadowRoot?.querySelectorAll('.tool-json pre') ?? []
    assert(args?.textContent?.includes('"html": "<b>no</b>"') === true, args?.textContent ?? '')
    assert(output?.textContent === 'not json', output?.textContent ?? '')
    await assertAccessible(answer)
  })

  it('stand close together', async () => {
    const answer = await show([call('a', {}), '\n\n', call('b', {})])
    const [first, second] = answer.shadowRoot?.querySelectorAll('.tool') ?? []
    const gap =
      (second?.getBoundingClientRect().top ?? 0) - (first?.getBoundingClientRect().bottom ?? 0)
    assert(gap === 4, `${gap} px`)
  })
})

describe('notes', () => {
  afterEach(() => {
    for (const answer of shown.splice(0)) answer.remove()
  })

  const TEXT = 'So it is[^1], and so[^b].\n\n[^1]: First *words*.\n[^b]: See "There".\n'
  const numbersIn = (answer: SamosaAnswer, selector: string) => [
    ...(answer.shadowRoot?.querySelectorAll<HTMLElement>(`${selector} .note`) ?? []),
  ]

  it('stand below the text with a number that leads to each of them, and back', async () => {
    const address = location.href
    const answer = await show([TEXT])
    const references = numbersIn(answer, 'p')
    const notes = numbersIn(answer, '.notes')
    assert(references.length === 2 && notes.length === 2, find(answer, '.text').innerHTML)
    assert(!/[[\]^]/.test(find(answer, '.text').textContent ?? ''), 'no marks')
    assert(find(answer, '.notes').innerText.includes('See "There"'), 'its text')
    references[1]?.click()
    assert(answer.shadowRoot?.activeElement === notes[1], 'at the note')
    notes[1]?.click()
    assert(answer.shadowRoot?.activeElement === references[1], 'back in the text')
    assert(location.href === address, 'the address of the page stays')
    assert(count(answer, 'a') === 0, 'nothing leads into the page')
    await assertAccessible(answer)
  })

  it('stand on the first line of their note, also of one with several paragraphs', async () => {
    const answer = await show(['So[^1] and[^2].\n\n[^1]: A note.\n\n    More.\n[^2]: B\n\nEnd.\n'])
    const tops = [...(answer.shadowRoot?.querySelectorAll('.notes > li') ?? [])].map((note) => {
      const [number, words] = [note.querySelector('.note'), note.querySelector('p')]
      if (!number || !words) throw new Error(note.innerHTML)
      return number.getBoundingClientRect().top - words.getBoundingClientRect().top
    })
    assert(tops.length === 2 && tops.every((top) => top >= -4), tops.join())
  })

  it('lead to the notes of their own text, and to those of no other', async () => {
    const answer = await show([`<think>Hm[^1]\n\n[^1]: a</think>So[^1]\n\n[^1]: b`])
    const [reference] = numbersIn(answer, '.text p')
    reference?.click()
    const note = answer.shadowRoot?.activeElement?.closest('li')
    assert(note?.textContent === '1 b', String(note?.textContent))
  })

  it('make numbers of what was shown as text until they came, and stay without one', async () => {
    const chunks = ['So it is[^1][^2].\n\nMore.\n\n']
    const answer = await show(chunks, { streaming: true })
    assert(count(answer, '.note') === 0, 'no note yet')
    chunks.push('[^1]: A note.\n')
    answer.version += 1
    answer.streaming = false
    await answer.updateComplete
    assert(numbersIn(answer, 'p').length === 1, 'the one that came')
    assert(find(answer, 'p').textContent === 'So it is1[^2].', 'the other one is text')
  })

  it('go before the source of the same number', async () => {
    const answer = await show(['So[^1] and[^2].\n\n[^1]: A note.\n'], { sources: SOURCES })
    await answer.updateComplete
    assert(numbersIn(answer, 'p').length === 1, 'the note')
    assert(find(answer, '.citation').textContent === '2', 'the source')
  })
})

describe('lines', () => {
  afterEach(() => {
    for (const answer of shown.splice(0)) answer.remove()
  })

  it('of an answer are lines on the screen, in every place', async () => {
    const lines = 'Tea shop\n4 Moss Row,<br>\nsecond floor  \nOslo'
    const quoted = lines.replaceAll('\n', '\n> ')
    for (const [text, place] of [
      [lines, 'p'],
      [`- ${lines}`, 'li'],
      [`> ${quoted}`, 'blockquote'],
      [`**${lines}**`, 'strong'],
      [`${lines}\n===`, 'h1'],
      [`<think>${lines}</think>`, '.think-text'],
    ] as const) {
      const answer = await show([text])
      if (place === '.think-text') find(answer, '.think-head').click()
      const shownLines = find(answer, place).innerText.trim().split('\n')
      assert(shownLines.length === 4, `${place}: ${JSON.stringify(shownLines)}`)
      assert(/shop\s+4/.test(find(answer, place).textContent ?? ''), 'words stay apart')
    }
  })

  it('are copied as lines', async () => {
    const answer = await show(['Tea shop\n4 Moss Row'])
    getSelection()?.selectAllChildren(find(answer, 'p'))
    assert(
      String(getSelection()) === 'Tea shop\n4 Moss Row',
      JSON.stringify(String(getSelection())),
    )
  })
})

describe('sources', () => {
  afterEach(() => {
    for (const answer of shown.splice(0)) answer.remove()
  })

  const TEXT = 'As it says [1][2], but not [3] nor `[1]` nor [1](https://example.org).'

  it('are listed under the finished answer, linked only where it is safe', async () => {
    const chunks = [TEXT]
    const answer = await show(chunks, { streaming: true, sources: SOURCES })
    assert(count(answer, '.source') === 0, 'not while it grows')
    answer.streaming = false
    await answer.updateComplete
    assert(count(answer, '.source') === 2 && count(answer, '.source a') === 1, 'listed')
    assert(textOf(answer, '.source') === '1 Installing › Needs', textOf(answer, '.source'))
    await assertAccessible(answer)
  })

  it('are cited by number in the text, outside code and links', async () => {
    const answer = await show([TEXT], { sources: SOURCES })
    assert(count(answer, '.citation') === 2, `${count(answer, '.citation')} citations`)
    assert(textOf(answer, '.text p').includes('not [3] nor [1] nor 1.'), textOf(answer, '.text p'))
  })

  it('become citations when they come after the text', async () => {
    const answer = await show([TEXT])
    assert(count(answer, '.citation') === 0, 'none yet')
    answer.sources = SOURCES
    await answer.updateComplete
    assert(count(answer, '.citation') === 2, 'two now')
  })

  it('open their passage by a button where nothing can be followed', async () => {
    const answer = await show([TEXT], { sources: SOURCES })
    const button = find(answer, '.source[data-source="2"] .source-passage')
    assert(button.checkVisibility(), 'there is a button')
    button.click()
    assert(button.getAttribute('aria-expanded') === 'true', 'expanded')
    assert(find(answer, '.source-card').matches(':popover-open'), 'open')
    button.click()
    assert(button.getAttribute('aria-expanded') === 'false', 'collapsed')
  })
})
