/** Parts whose code comes with the first of them. */
import type { Late } from '../ui/late.ts'
import type { Part, PartContext, PartFactory } from './part.ts'

let pending: Promise<unknown> = Promise.resolve()
/** Draws each part that waits, if its code is there. */
const waiting = new Set<() => void>()
/** In the order of the answer, as results look for their calls. */
const arriveAll = () => waiting.forEach((arrive) => arrive())

/** Resolves when the parts that were asked for are drawn, or cannot be had. */
export const partsArrived = (): Promise<unknown> => pending

/** Makes parts of code that is loaded when it is first needed; several kinds may share it. */
export function lateParts<Module>(
  code: Late<Module>,
  factoryOf: (module: Module) => PartFactory,
): PartFactory {
  return (context) => {
    const create = () => {
      const module = code.loaded()
      return module && factoryOf(module)(context)
    }
    arriveAll()
    return create() ?? createLatePart(context, code, create)
  }
}

/** Keeps what it is told until its code is there; without it, an empty place stays. */
function createLatePart(
  context: PartContext,
  code: Late<unknown>,
  create: () => Part | undefined,
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
    part = create()
    if (!part) return
    waiting.delete(arrive)
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
    pending = Promise.all([pending, code.load().then(arriveAll)])
  }
  waiting.add(arrive)
  ask()
  // An answer that has ended is drawn no more, and nobody else would ask for what it lacks.
  void code.arrival().then(arriveAll)
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
