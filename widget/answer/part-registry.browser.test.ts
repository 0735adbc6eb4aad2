import { lazy } from '../ui/lazy.ts'
import { lateParts, partsArrived } from './part-registry.ts'
import type { Part, PartContext, PartFactory } from './part.ts'
import { answerStrings } from '../words/en/answer.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

let arrived = 0
const context: PartContext = {
  strings: () => answerStrings,
  now: () => 0,
  nextThink: () => ({}),
  allowsImage: () => false,
  cite() {},
  titleOf: () => undefined,
  waitingCalls: [],
  callCards: [],
  style() {},
  arrived() {
    arrived += 1
  },
}

/** A part that shows what it is told. */
const createPart: PartFactory = (): Part => {
  const element = document.createElement('div')
  element.className = 'real'
  let text = ''
  return {
    element,
    append(more) {
      text += more
    },
    close() {
      text += '|closed'
    },
    render() {
      element.textContent = text
    },
    end() {
      element.textContent += '|ended'
    },
    refresh() {},
  }
}

/** Parts of one kind that have their code for themselves. */
const partsOf = (load: () => Promise<PartFactory>) => lateParts(lazy(load), (factory) => factory)

describe('a part whose code is loaded with the first of them', () => {
  const box = document.createElement('div')
  const put = (part: Part) => {
    if (part.element) box.append(part.element)
    return part
  }

  beforeEach(() => {
    arrived = 0
    box.replaceChildren()
    document.body.append(box)
  })
  afterEach(() => box.remove())

  it('keeps its place and what it is told until the code is there', async () => {
    const part = put(partsOf(async () => createPart)(context))
    part.append('one ')
    part.render()
    assert(box.querySelector('.late') !== null, 'it has a place')
    part.append('two')
    part.close()
    part.end()
    await partsArrived()
    assert(box.innerHTML === '<div class="real">one two|closed|ended</div>', box.innerHTML)
    assert(arrived === 1, 'the answer is told')
  })

  it('comes with the network when its code could not be had, though nobody draws it again', async () => {
    let isOnline = false
    const create = partsOf(async () => {
      if (!isOnline) throw new Error('no network')
      return createPart
    })
    const part = put(create(context))
    part.append('one')
    part.end()
    await partsArrived()
    assert(box.querySelector('.late') !== null, 'it waits')
    isOnline = true
    const drawn = new Promise((resolve) => {
      const observer = new MutationObserver(resolve)
      observer.observe(box, { childList: true })
    })
    dispatchEvent(new Event('online'))
    await drawn
    assert(box.textContent === 'one|ended', box.innerHTML)
  })

  it('is there at once when the code is', async () => {
    const create = partsOf(async () => createPart)
    create(context)
    await partsArrived()
    assert(put(create(context)).element?.className === 'real', 'nothing is in its place')
  })

  it('asks again some time after the code could not be had', async () => {
    let tries = 0
    const create = partsOf(async () => {
      tries += 1
      if (tries === 1) throw new Error('no network')
      return createPart
    })
    const part = put(create(context))
    part.append('text')
    await partsArrived()
    part.render()
    await partsArrived()
    assert(tries === 1 && box.querySelector('.late') !== null, 'not at once')

    const real = performance.now.bind(performance)
    performance.now = () => real() + 60_000
    try {
      part.render()
      await partsArrived()
    } finally {
      performance.now = real
    }
    assert(tries === 2 && box.textContent === 'text', 'then it is drawn')
  })

  // Else a result would not find the card of its call.
  it('is made after those before it, whenever between the code and them it is asked for', async () => {
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const made: string[] = []
      const makes = (name: string): PartFactory => {
        return (given) => {
          made.push(name)
          return createPart(given)
        }
      }
      let arrive = () => {}
      const gate = new Promise<void>((resolve) => {
        arrive = resolve
      })
      const code = lazy(async () => {
        await gate
        return { call: makes('call'), result: makes('result') }
      })
      put(lateParts(code, ({ call }) => call)(context))
      arrive()
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve()
      put(lateParts(code, ({ result }) => result)(context))
      await partsArrived()
      assert(made.join(' ') === 'call result', `after ${ticks}: ${made.join(' ')}`)
    }
  })
})
