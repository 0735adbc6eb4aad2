/** Parts whose code comes with the first of them. */
import { late, type Late } from '../markdown/late.ts'
import type { Part, PartContext, PartFactory } from './part.ts'

let pending: Promise<unknown> = Promise.resolve()

/** Resolves when the parts that were asked for are drawn, or cannot be had. */
export const partsArrived = (): Promise<unknown> => pending

/** Makes parts of code that is loaded when it is first needed. */
export function lateParts(load: () => Promise<PartFactory>): PartFactory {
  const factory = late(load)
  return (context) => factory.loaded()?.(context) ?? createLatePart(context, factory)
}

/** Keeps what it is told until its code is there; without it, an empty card stays. */
function createLatePart(context: PartContext, factory: Late<PartFactory>): Part {
  const element = document.createElement('div')
  element.className = 'late'
  let text = ''
  let isClosed = false
  let isOver = false
  let part: Part | undefined
  let isAsked = false

  const arrive = () => {
    isAsked = false
    if (part) return
    part = factory.loaded()?.(context)
    if (!part) return
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
    // Parts arrive in the order of the answer, as results look for their calls.
    const arrived = factory.load().then(arrive)
    pending = Promise.all([pending, arrived])
  }
  ask()
  // An answer that has ended is drawn no more, and nobody else would ask for what it lacks.
  void factory.arrival().then(arrive)
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
