import type { JsonRecord } from '../json.ts'
import { createJsonProgress, type JsonProgress } from './json-progress.ts'
import type { ToolCallPiece } from './delta.ts'
import { joinArguments } from './tool-arguments.ts'

export interface GatheredCall {
  /** The server's; it may have none, or give several calls the same. */
  readonly id: string | undefined
  readonly name: string
  /** JSON text, or empty; what the server sent where that is no JSON. */
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
  readonly pieces: string[]
  extra: JsonRecord | undefined
  readonly progress: JsonProgress
}

/** `tools` are the names of those that were offered, by which a name in pieces is known to be whole. */
export function createToolCallGatherer(tools: ReadonlySet<string>): ToolCallGatherer {
  let calls: OpenCall[] = []
  let count = 0

  const findOpen = (piece: ToolCallPiece): OpenCall | undefined => {
    const { index, id } = piece
    if (id !== undefined) {
      const same = calls.findLast((call) => call.id === id && mayBe(call.index, index))
      if (same) return same
    }
    if (index === undefined) return calls.at(-1)
    const found = calls.findLast((call) => call.index === index)
    // What has neither name nor id goes on with a call, whatever its index.
    return found ?? (piece.name === undefined && id === undefined ? calls.at(-1) : undefined)
  }

  const isTool = (name: string) => tools.has(plainName(name))

  const beginsTool = (name: string) => {
    const plain = plainName(name)
    return Array.from(tools).some((tool) => tool.startsWith(plain))
  }

  /** Whether a name goes on with the call's own, where no id says which call it is of. */
  const isNamePiece = (call: OpenCall, { name, index }: ToolCallPiece): boolean => {
    if (name === undefined || call.arguments !== '') return false
    if (name.startsWith(call.name)) return true
    if (tools.size === 0) return index !== undefined && index === call.index
    return beginsTool(call.name + name) || !(isTool(call.name) || isTool(name))
  }

  /**
   * Whether a piece that points to an open call is a call of its own: some servers give every call the same
   * index, or none. Some repeat id and name in every piece, or give each a new id, so neither says much alone.
   */
  const startsAnother = (open: OpenCall, piece: ToolCallPiece): boolean => {
    const { id, name } = piece
    if (id !== undefined && id === open.id) return false
    if (name === undefined || open.name === '') return false
    if (id !== undefined && open.id !== undefined) {
      if (open.arguments !== '') return name !== open.name || isWhole(open)
      return tools.size === 0 || isTool(open.name) || isTool(name) || !beginsTool(open.name + name)
    }
    if (name !== open.name) return !isNamePiece(open, piece)
    return isWhole(open) && !goesOn(open, piece)
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
          pieces: [piece.arguments],
          extra: piece.extra,
          progress,
        })
        return
      }
      open.id ??= piece.id
      const { name } = piece
      if (name !== undefined && name !== open.name && isNamePiece(open, piece)) {
        open.name = name.startsWith(open.name) ? name : open.name + name
      }
      open.arguments += piece.arguments
      open.pieces.push(piece.arguments)
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
      return taken.map(({ id, name, pieces, extra }) => ({
        id,
        name: toolName(name, tools),
        arguments: joinArguments(pieces),
        extra,
      }))
    },
  }
}

/** Whether arguments that seem whole are said again, or were only a beginning. */
function goesOn(open: OpenCall, piece: ToolCallPiece): boolean {
  const before = open.arguments.trim()
  return before === '{}' || piece.arguments.trim() === before
}

/** Later pieces of a call may have its id alone. */
function mayBe(known: number | undefined, given: number | undefined): boolean {
  return known === given || known === undefined || given === undefined
}

const isWhole = (call: OpenCall) => call.progress.isWhole(call.arguments)

/** The name of a tool that was offered, where what the model wrote around it is all that is too much. */
function toolName(written: string, tools: ReadonlySet<string>): string {
  if (tools.has(written)) return written
  const plain = plainName(written)
  return tools.has(plain) ? plain : written
}

/**
 * Without the marks of a channel behind it (`calculator<|channel|>commentary`), a number, and the space it was
 * declared in (`functions.calculator`, `default_api:calculator`).
 */
const plainName = (written: string) =>
  written
    .replace(/<\|.*$/s, '')
    .replace(/(?:\(\)|:\d+)?\s*$/, '')
    .replace(/^.*[.:/=\s]/s, '')
