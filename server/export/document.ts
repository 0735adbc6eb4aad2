/** What a file of a conversation says, whatever its format: the head, and one entry for each message. */
import { textIn } from '../core/conversation-text.ts'
import type {
  Attachment,
  Conversation,
  ExportedConversation,
  Message,
} from '../core/ports/index.ts'
import type { FinishReason, Source } from '../protocol/events.ts'
import { linkTo } from './blocks.ts'

export interface Link {
  readonly text: string
  /** `undefined`: there is nowhere to go. */
  readonly url: string | undefined
}

/** A line of the head. */
export interface Fact {
  readonly name: string
  readonly value: string
}

export interface Head {
  readonly title: string
  readonly facts: readonly Fact[]
  /** As indented JSON; `undefined` without any. */
  readonly metadata: string | undefined
}

export interface Entry {
  readonly sender: string
  readonly time: string
  /** Markdown of an answer or of the system; of the user, text as it was typed. */
  readonly text: string
  readonly isMarkdown: boolean
  /** Why there is no more of it. */
  readonly note: string | undefined
  readonly files: readonly Link[]
  /** Each begins with its number in brackets, as the text cites it. */
  readonly sources: readonly Link[]
}

const UNTITLED = 'Conversation'
const SENDERS = { user: 'User', assistant: 'Assistant', system: 'System' } as const
const NOTES: Partial<Record<FinishReason, string>> = {
  stopped: 'This answer was stopped.',
  interrupted: 'This answer was interrupted.',
  error: 'This answer broke off.',
  length: 'This answer reached its length limit.',
}

/** `2026-11-30 14:05:09 UTC` */
const timeOf = (iso: string) => `${iso.slice(0, 19).replace('T', ' ')} UTC`

/** The title in one line. */
export const titleOf = ({ title }: Conversation): string =>
  title?.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim() || UNTITLED

export function headOf(conversation: Conversation): Head {
  const { id, summary, metadata = {}, createdAt, updatedAt } = conversation
  return {
    title: titleOf(conversation),
    facts: [
      { name: 'Thread', value: id },
      { name: 'Created', value: timeOf(createdAt) },
      { name: 'Updated', value: timeOf(updatedAt) },
      ...(summary ? [{ name: 'Summary', value: summary }] : []),
    ],
    metadata: Object.keys(metadata).length > 0 ? JSON.stringify(metadata, null, 2) : undefined,
  }
}

export function entryOf(message: Message, { base }: Pick<ExportedConversation, 'base'>): Entry {
  const { role, content, attachments = [], sources } = message
  return {
    sender: senderOf(message),
    time: timeOf(message.createdAt),
    // Tags are a model's; a person may write about them.
    text: (role === 'assistant' ? textIn(content) : content).toWellFormed(),
    isMarkdown: role !== 'user',
    note: noteOf(message),
    files: attachments.map((file) => fileLink(file, base)),
    sources: sources.map((source) => sourceLink(source, base)),
  }
}

function senderOf({ role, modelTag }: Message): string {
  const isNamed = role === 'assistant' && modelTag !== null && modelTag !== 'default'
  return isNamed ? `${SENDERS[role]} (${modelTag})` : SENDERS[role]
}

function noteOf({ role, status, errorCode, finishReason }: Message): string | undefined {
  if (status === 'error') {
    const what = role === 'assistant' ? 'This answer failed' : 'This message got no answer'
    return errorCode ? `${what}: ${errorCode}` : `${what}.`
  }
  return finishReason === null ? undefined : NOTES[finishReason]
}

function sourceLink(source: Source, base: string): Link {
  const { number, title, section, url, open_url: openUrl } = source
  const address = openUrl ?? url
  return {
    text: `[${number}] ${section ? `${title} › ${section}` : title}`,
    // The pages of this server's own documents have addresses without it.
    url: address ? linkTo(address, base) : undefined,
  }
}

function fileLink({ id, filename, sizeBytes }: Attachment, base: string): Link {
  return {
    text: `${filename} (${sizeOf(sizeBytes)})`,
    url: `${base}/api/attachments/${encodeURIComponent(id)}`,
  }
}

function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
