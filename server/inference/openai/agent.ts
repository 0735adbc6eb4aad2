/** What providers that run agents put into their chunks, beside the protocol. */
import { readInterrupt, type Interrupt } from '../../core/turn/interrupts.ts'
import type { ProvidedFile } from '../../core/ports/index.ts'
import { isRecord, itemsOf, type JsonRecord } from '../json.ts'

/** Characters of what a provider calls something; what is longer is no name. */
const LONGEST_NAME = 512

export interface AgentChunk {
  /** As the provider wrote it. */
  readonly status: string | undefined
  /** What the agent asks, when it stops here to ask something. */
  readonly interrupt: Interrupt | undefined
  readonly files: readonly ProvidedFile[]
}

/** `undefined` for a chunk that no agent has said anything in. */
export function readAgentChunk(chunk: JsonRecord): AgentChunk | undefined {
  const { agent_status: status, message_metadata: metadata } = chunk
  if (typeof status !== 'string' && !isRecord(metadata)) return undefined
  const details = isRecord(metadata) ? metadata : {}
  return {
    status: typeof status === 'string' ? status : undefined,
    interrupt:
      status === 'interrupted'
        ? readInterrupt(details.interrupt_id ?? chunk.interrupt_id, details.interrupt_payload)
        : undefined,
    files: itemsOf(details.attachments).flatMap((entry) => fileOf(entry) ?? []),
  }
}

/** What the provider calls the conversation, wherever it says so. */
export function conversationIdOf({ conversation_id: id, message_metadata: metadata }: JsonRecord) {
  return nameOf(id) ?? (isRecord(metadata) ? nameOf(metadata.conversation_id) : undefined)
}

/** A name that a provider gives; numbers are names too. */
export function nameOf(value: unknown): string | undefined {
  const name = typeof value === 'number' ? String(value) : value
  if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME) return undefined
  return name
}

/** An entry that holds a file; one that only links to it stays as it is. */
function fileOf(entry: unknown): ProvidedFile | undefined {
  if (!isRecord(entry) || typeof entry.data !== 'string') return undefined
  const [, typeInside, inside] = /^data:([^,;]*)[^,]*;base64,(.*)$/s.exec(entry.data) ?? []
  return {
    filename: textOf(entry.filename, entry.name) ?? 'file',
    contentType: textOf(entry.content_type, entry.media_type, entry.mime_type, typeInside) ?? '',
    base64: inside ?? entry.data,
  }
}

const textOf = (...values: readonly unknown[]) =>
  values.find((value): value is string => typeof value === 'string' && value !== '')

/** The chunk with what the agent asks as its text. */
export function withContent(chunk: JsonRecord, content: string): JsonRecord {
  const [first, ...others] = itemsOf(chunk.choices)
  const choice = isRecord(first) ? first : { index: 0, finish_reason: null }
  const delta = isRecord(choice.delta) ? choice.delta : {}
  return { ...chunk, choices: [{ ...choice, delta: { ...delta, content } }, ...others] }
}

/** The chunk with links in place of its files, in their order; those without a link are left out. */
export function withLinks(chunk: JsonRecord, links: readonly (string | undefined)[]): JsonRecord {
  const metadata = isRecord(chunk.message_metadata) ? chunk.message_metadata : {}
  let next = 0
  const attachments = itemsOf(metadata.attachments).flatMap((entry) => {
    if (!isRecord(entry) || !fileOf(entry)) return [entry]
    const { data: _, ...rest } = entry
    const link = links[next]
    next += 1
    return link === undefined ? [] : [{ ...rest, download_url: link }]
  })
  return { ...chunk, message_metadata: { ...metadata, attachments } }
}
