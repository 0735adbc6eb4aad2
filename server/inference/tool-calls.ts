import type { JsonRecord } from './json.ts'
import { createJsonProgress, type JsonProgress } from './json-progress.ts'
import type { ToolCallPiece } from './openai-delta.ts'

export interface GatheredCall {
  /** The server's; it may have none, or give several calls the same. */
  readonly id: string | undefined
  readonly name: string
  /** As the server sent it: JSON text, or empty. */
  readonly arguments: string
  /** Fields beyond the protocol. */
  readonly extra: JsonRecord | undefined
}

/** Puts tool calls together from their pieces. */
export interface ToolCallGatherer {
  add(piece: ToolCallPiece): void
  /** Calls that have begun, those included that were taken. */
  readonly count: number
  /** True while a call's arguments are cut in the middle. */
  hasPartial(): boolean
  /** The calls so far, in the order they began; starts afresh. */
  take(): readonly GatheredCall[]
}

interface OpenCall {
  readonly index: number | undefined
  id: string | undefined
  name: string
  arguments: string
  extra: JsonRecord | undefined
  readonly progress: JsonProgress
}

export function createToolCallGatherer(): ToolCallGatherer {
  let calls: OpenCall[] = []
  let count = 0

  const findOpen = ({ index, id }: ToolCallPiece): OpenCall | undefined => {
    if (id !== undefined) {
      const same = calls.findLast((call) => call.id === id && mayBe(call.index, index))
      if (same) return same
    }
    if (index === undefined) return calls.at(-1)
    return calls.findLast((call) => call.index === index)
  }

  return {
    add(piece) {
      const open = findOpen(piece)
      if (!open || startsAnother(open, piece)) {
        count += 1
        const progress = createJsonProgress()
        progress.add(piece.arguments)
        calls.push({
          index: piece.index,
          id: piece.id,
          name: piece.name ?? '',
          arguments: piece.arguments,
          extra: piece.extra,
          progress,
        })
        return
      }
      open.id ??= piece.id
      if (open.name === '') open.name = piece.name ?? ''
      open.arguments += piece.arguments
      open.progress.add(piece.arguments)
      if (piece.extra) open.extra = { ...open.extra, ...piece.extra }
    },
    get count() {
      return count
    },
    hasPartial: () => calls.some((call) => !isWhole(call)),
    take() {
      const taken = calls.filter((call) => call.name !== '')
      calls = []
      return taken
    },
  }
}

/**
 * Whether a piece that points to an open call is a call of its own: some servers give every call the
 * same index, or none. Some repeat id and name in every piece, so a name alone says nothing.
 */
function startsAnother(open: OpenCall, piece: ToolCallPiece): boolean {
  if (piece.id !== undefined && open.id !== undefined) return piece.id !== open.id
  if (piece.name === undefined || open.name === '') return false
  return piece.name !== open.name || isWhole(open)
}

/** Later pieces of a call may have its id alone. */
function mayBe(known: number | undefined, given: number | undefined): boolean {
  return known === given || known === undefined || given === undefined
}

const isWhole = (call: OpenCall) => call.progress.isWhole(call.arguments)
