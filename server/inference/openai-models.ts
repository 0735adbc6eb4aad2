import { ChatError } from '../core/errors.ts'
import type { Cancellable } from '../core/ports.ts'
import { isRecord, itemsOf } from './json.ts'

export interface ModelCard {
  readonly id: string
  readonly name: string
  /** Who made it or serves it (`owned_by`), in the server's words. */
  readonly owner: string | undefined
}

/**
 * The models of an OpenAI-compatible model list (`{object:'list',data:[{id}]}`; some servers send the
 * list alone). `undefined` when it is no such list.
 */
export function readModelList(body: unknown): readonly ModelCard[] | undefined {
  const listed = isRecord(body) ? body.data : body
  if (!Array.isArray(listed)) return undefined
  const cards = itemsOf(listed).flatMap((entry) => {
    if (!isRecord(entry) || typeof entry.id !== 'string') return []
    const { id, name, owned_by } = entry
    return [
      {
        id,
        name: typeof name === 'string' ? name : id,
        owner: typeof owned_by === 'string' ? owned_by : undefined,
      },
    ]
  })
  return cards.length > 0 || listed.length === 0 ? cards : undefined
}

/** Times that a list which nobody waits for is asked for before it is given up. */
const MOST_TRIES = 3

/** A server's models, and what is kept of them. */
export interface ModelList {
  /** Asks for them. @throws ChatError as the server's answer, or `inference_error` for no list. */
  read(options: Cancellable): Promise<readonly ModelCard[]>
  /** The first one's id; asked for once. @throws ChatError as read does, or when there are none. */
  first(options: Cancellable): Promise<string>
  forgetFirst(): void
  /** Has the list read, beside everything else, unless it has been read already. */
  learn(): void
  ownerOf(model: string): string | undefined
  /** Stops learning. */
  close(): void
}

export function createModelList(ask: (options: Cancellable) => Promise<unknown>): ModelList {
  const learning = new AbortController()
  let owners: ReadonlyMap<string, string> = new Map()
  let triesLeft = MOST_TRIES
  let isLearning = false
  let first: string | undefined

  const read = async (cancellable: Cancellable): Promise<readonly ModelCard[]> => {
    const cards = readModelList(await ask(cancellable))
    if (!cards) {
      throw new ChatError('inference_error', 'The model server sent no list of models.')
    }
    triesLeft = 0
    owners = new Map(cards.flatMap(({ id, owner }) => (owner === undefined ? [] : [[id, owner]])))
    return cards
  }

  return {
    read,
    async first(cancellable) {
      if (first !== undefined) return first
      const [card] = await read(cancellable)
      if (!card) throw new ChatError('inference_error', 'The model server has no models.')
      first = card.id
      return first
    },
    forgetFirst() {
      first = undefined
    },
    learn() {
      if (isLearning || triesLeft === 0) return
      isLearning = true
      triesLeft -= 1
      read({ signal: learning.signal })
        .catch(() => {
          // Then nothing is known of its models, which is no reason to refuse a request.
        })
        .finally(() => {
          isLearning = false
        })
    },
    ownerOf: (model) => owners.get(model),
    close: () => learning.abort(),
  }
}
