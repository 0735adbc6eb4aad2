/** What reads tags, and what shows what stands in them: it is loaded with the first tag of an answer. */
import type { SegmentKind } from '../../server/protocol/tags.ts'
import { lazy, type Lazy } from '../ui/lazy.ts'
import type { Part, PartContext, PartFactory } from './part.ts'
import { createTextPart } from './segment-list.ts'
import { createThinkPart } from './think.ts'
import type * as RequestView from './tool-request-view.ts'

export { createTagParser, parseTagged } from '../../server/protocol/tags.ts'

const requestView = lazy(() => import('./tool-request-view.ts'))

/** What shows requests on their cards: at once, or as soon as it is loaded with the first one. */
export function withRequestView(show: (loaded: typeof RequestView) => void): void {
  const view = requestView.loaded()
  if (view) return show(view)
  // No network: the next change of the answer tries again.
  requestView.need().then(show, () => undefined)
}

const tools = lazy(() => import('./tool-parts.ts'))

/** What renders each kind of segment. A new kind is one file and one line here. */
export const parts = {
  text: createTextPart,
  think: createThinkPart,
  tool_call: lateParts(tools, (code) => code.createToolCallPart),
  tool_result: lateParts(tools, (code) => code.createToolResultPart),
} satisfies Record<SegmentKind, PartFactory>

// Parts whose code comes with the first of them.

let pending: Promise<unknown> = Promise.resolve()
/** Draws each part that waits, if its code is there. */
const waiting = new Set<() => void>()
/** In the order of the answer, as results look for their calls. */
const arriveAll = () => waiting.forEach((arrive) => arrive())

/** Resolves when the parts that were asked for are drawn, or cannot be had. */
export const partsArrived = (): Promise<unknown> => pending

/** Makes parts of code that is loaded when it is first needed; several kinds may share it. */
export function lateParts<Module>(
  code: Lazy<Module>,
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
  code: Lazy<unknown>,
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
