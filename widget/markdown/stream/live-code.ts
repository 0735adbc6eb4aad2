import { dressCode, labelCode, type DressOptions } from '../render/dress.ts'
import { openFence } from '../grammar/fence.ts'
import type { Settled } from './live-block.ts'
import { reconcile, takeOver } from '../render/reconcile.ts'
import { plainCode } from '../render/render-blocks.ts'

/** A code block whose text is only ever appended to. */
export interface LiveCode extends Settled {
  readonly element: HTMLElement
  /** Shows more of it; returns what follows the fence, once it has closed. */
  read(text: string): string | undefined
  /** No more will come. */
  end(): void
}

/**
 * Code whose fence has been opened at the start of `source`, if it has; `unfinished` is what has been
 * shown of it so far.
 */
export function createLiveCode(
  source: string,
  options: DressOptions,
  unfinished?: Node,
): LiveCode | undefined {
  const reader = openFence(source)
  // A formula is set when it is whole.
  if (!reader || reader.language === 'math') return undefined
  const { text, rest: behind } = reader.read(source.slice(reader.openingLength))
  const fresh = dressCode(plainCode(reader.language, text), options.strings)
  const element = takeOver(unfinished, fresh)
  if (element !== fresh) reconcile(element, [...element.childNodes], [...fresh.childNodes], null)
  const shown = element.querySelector('code')?.firstChild
  let rest = behind

  const append = (addition: string) => {
    if (addition !== '' && shown instanceof Text) shown.appendData(addition)
  }

  return {
    element,
    // Nothing outside of it changes its text.
    raw: '',
    read(more) {
      if (rest === undefined) {
        const progress = reader.read(more)
        append(progress.text)
        rest = progress.rest
      }
      return rest
    },
    end() {
      append(reader.end().text)
    },
    refresh() {
      const pre = element.querySelector('pre')
      if (pre) labelCode(element, pre, options.strings)
    },
  }
}
