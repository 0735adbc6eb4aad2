/** Parts whose code comes with the first of them. */
import type { Late } from '../markdown/late.ts'
import type { Part, PartContext, PartFactory } from './part.ts'

let pending: Promise<unknown> = Promise.resolve()

/** Resolves when the parts that were asked for are drawn, or cannot be had. */
export const partsArrived = (): Promise<unknown> => pending

/** Makes parts of code that is loaded when it is first needed. */
export function lateParts<Code>(
  code: Late<Code>,
  factoryOf: (code: Code) => PartFactory,
): PartFactory {
  return (context) => {
    const loaded = code.loaded()
    const create = (arrived: Code) => factoryOf(arrived)(context)
    return loaded ? create(loaded) : createLatePart(context, code, create)
  }
}

/** Keeps what it is told until its code is there; without it, an empty card stays. */
function createLatePart<Code>(
  context: PartContext,
  code: Late<Code>,
  create: (code: Code) => Part,
): Part {
  const element = document.createElement('div')
  element.className = 'late'
  let text = ''
  let isClosed = false
  let isOver = false
  let part: Part | undefined
  let isAsked = false

  const arrive = () => {
    isAsked = false
    const loaded = code.loaded()
    if (part || !loaded) return
    part = create(loaded)
    element.replaceWith(...(part.element ? [part.element] : []))
    part.append(text)
    if (isClosed) part.close()
    part.render()
    if (isOver) part.end()
    context.arrived()
  }
  const ask = () => {
    if (part || isAsked) return
    isAsked = true
    // Parts of the same code arrive in the order of the answer, as results look for their calls.
    const arrived = code.load().then(arrive)
    pending = Promise.all([pending, arrived])
  }
  ask()
  // An answer that has ended is drawn no more, and nobody else would ask for what it lacks.
  void code.arrival().then(arrive)
  return {
    element,
    append(more) {
      if (part) part.append(more)
      else text += more
    },
    close() {
      isClosed = true
      part?.close()
    },
    render() {
      ask()
      part?.render()
    },
    end() {
      isOver = true
      ask()
      part?.end()
    },
    refresh() {
      ask()
      part?.refresh()
    },
  }
}
