/** How dialect B writes the events of a turn to one reader: `sources`, `token` …, `done` or `error`. */
import type { TurnFollower } from '../../core/ports/index.ts'
import type { CascadeTier, Citation, TurnDoneEvent, TurnEvent } from '../../protocol/events.ts'
import { createTagParser, type SegmentChange, type SegmentKind } from '../../protocol/tags.ts'
import type { EventSink } from '../route.ts'

const CUT_OFF = 'The answer was cut off before it was complete. Please try again.'

export interface CitedStreamOptions {
  readonly conversationId: string
  /** Is told where the answer was found, at its end. */
  readonly onTier: (tier: CascadeTier) => void
}

/** Its readers show text as it comes: they get neither thinking nor tool calls. */
export class CitedStream implements TurnFollower {
  readonly #sink: EventSink
  readonly #options: CitedStreamOptions
  readonly #text = new VisibleText()
  #tier: CascadeTier = 'none'
  #citations: readonly Citation[] | undefined
  #hasSources = false
  #isOver = false

  constructor(sink: EventSink, options: CitedStreamOptions) {
    this.#sink = sink
    this.#options = options
  }

  events(batch: readonly TurnEvent[]): boolean {
    const text = batch.map((event) => this.#write(event)).join('')
    return text === '' || this.#sink.write(text)
  }

  end(): void {
    // The log lost the turn before it was over.
    if (!this.#isOver) this.#sink.write(this.#fail(CUT_OFF))
    this.#sink.end()
  }

  #write(event: TurnEvent): string {
    if (this.#isOver) return ''
    switch (event.type) {
      case 'sources': {
        if (this.#hasSources) return ''
        // What rests on nothing was found nowhere.
        if (event.sources.length > 0) this.#tier = event.tier ?? 'global'
        this.#hasSources = true
        return writeEvent('sources', event.sources)
      }
      case 'citations':
        // What is proven needs no word.
        if (event.citations.some(({ unproven }) => unproven)) this.#citations = event.citations
        return ''
      case 'token':
        return this.#withSources(writeToken(this.#text.push(event.text)))
      case 'error':
        return this.#withSources(writeToken(this.#text.end())) + this.#fail(event.message)
      case 'done':
        return this.#withSources(writeToken(this.#text.end())) + this.#finish(event)
      case 'start':
      case 'chunk':
      case 'title':
      case 'tool_request':
      case 'tool_progress':
      case 'progress':
      case 'suggestions':
        return ''
    }
  }

  #finish({ finish_reason: reason }: TurnDoneEvent): string {
    if (reason === 'interrupted' || reason === 'error') return this.#fail(CUT_OFF)
    this.#isOver = true
    this.#options.onTier(this.#tier)
    const { conversationId } = this.#options
    return this.#withSources(
      writeEvent('done', {
        cascade_tier: this.#tier,
        conversation_id: conversationId,
        ...(this.#citations && { citations: this.#citations }),
      }),
    )
  }

  #fail(message: string): string {
    this.#isOver = true
    this.#options.onTier(this.#tier)
    return this.#withSources(writeEvent('error', { message }))
  }

  /** The sources always come first, also where there are none. */
  #withSources(written: string): string {
    if (this.#hasSources || written === '') return written
    this.#hasSources = true
    return writeEvent('sources', []) + written
  }
}

const writeEvent = (name: 'sources' | 'token' | 'done' | 'error', data: unknown) =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

const writeToken = (text: string) => (text === '' ? '' : writeEvent('token', text))

/**
 * What a reader of tagged text sees, as it comes and wherever the tags are cut. A `</think>` that nothing
 * has opened makes thinking of what came before it; that has been read by then, and stays.
 */
class VisibleText {
  readonly #parser = createTagParser()
  readonly #kinds: SegmentKind[] = []
  #hasBegun = false

  push(text: string): string {
    return this.#take(this.#parser.push(text))
  }

  /** What was held back, lest it be half a tag. */
  end(): string {
    return this.#take(this.#parser.end())
  }

  #take(changes: readonly SegmentChange[]): string {
    const pieces: { readonly index: number; readonly text: string }[] = []
    for (const change of changes) {
      if (change.type === 'append') pieces.push(change)
      else if (change.type !== 'close') this.#kinds[change.index] = change.kind
    }
    let text = pieces
      .filter(({ index }) => this.#kinds[index] === 'text')
      .map((piece) => piece.text)
      .join('')
    // Behind its thinking a model leaves a line free, which is no part of the answer.
    if (!this.#hasBegun) text = text.trimStart()
    this.#hasBegun ||= text !== ''
    return text
  }
}
