/**
 * The words of some conversations on the disk: a line of JSON that says what follows, the words, one a line,
 * then numbers. It is a cache: a file that is damaged, or of another version, counts for nothing.
 */
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { parseJson } from './disk/atomic-file.ts'
import {
  COUNT_BITS,
  type IndexedConversation,
  MOST_COUNTED,
  packed,
  type WordCounts,
  type WordIndex,
} from './word-index.ts'

/** Rises when the same text makes other words. */
const VERSION = 2
const CHECKSUM_BYTES = 4
const COUNT_BYTES = Uint32Array.BYTES_PER_ELEMENT
const PAIR_BYTES = Uint16Array.BYTES_PER_ELEMENT
const LINE_END = 10
/** Words, and counts, that are handled in one go; a few milliseconds. */
const WORDS_SLICE = 5_000
const COUNTS_SLICE = 200_000

/** The words of a conversation, and which state of it they are from. */
export interface KeptConversation extends Omit<IndexedConversation, 'title'> {
  readonly updatedAt: string
  /** Tells what stands around its messages from anything else. */
  readonly head: string
  /** How many messages are counted, and what tells them from others. */
  readonly messages: number
  readonly signature: number
}

const part = z.object({ counts: z.int(), pairs: z.int(), length: z.int() })

const header = z.object({
  samosa_words: z.literal(VERSION),
  /** Bytes of the words. */
  words: z.int(),
  conversations: z.array(
    z.object({
      id: z.string(),
      models: z.array(z.string()),
      updatedAt: z.string(),
      head: z.string(),
      messages: z.int(),
      signature: z.int(),
      parts: z.array(part),
    }),
  ),
})

/** The bytes of a file with these conversations. */
export async function encodeWords(
  conversations: readonly KeptConversation[],
  words: readonly string[],
): Promise<Uint8Array> {
  /** Numbers that words have in the file, by those that they have in memory; one more, for 0 is none. */
  const numbers = new Uint32Array(words.length)
  const used: string[] = []
  const parts = conversations.flatMap((conversation) => conversation.parts)
  const counts = new Uint32Array(parts.reduce((sum, each) => sum + each.counts.length, 0))
  const pairs = new Uint16Array(parts.reduce((sum, each) => sum + each.pairs.length, 0))
  let counted = 0
  let paired = 0
  let slice = 0
  for (const each of parts) {
    for (const entry of each.counts) {
      const known = entry >>> COUNT_BITS
      numbers[known] ||= used.push(words[known] ?? '')
      counts[counted] = packed((numbers[known] ?? 0) - 1, entry & MOST_COUNTED)
      counted += 1
    }
    pairs.set(each.pairs, paired)
    paired += each.pairs.length
    slice += each.counts.length
    if (slice < COUNTS_SLICE) continue
    slice = 0
    await setImmediate()
  }
  const wordBytes = Buffer.from(used.join('\n'), 'utf8')
  const head: z.infer<typeof header> = {
    samosa_words: VERSION,
    words: wordBytes.length,
    conversations: conversations.map(({ models, parts: own, ...state }) => ({
      ...state,
      models: [...models],
      parts: own.map((each) => ({
        counts: each.counts.length,
        pairs: each.pairs.length,
        length: each.length,
      })),
    })),
  }
  const bytes = Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    wordBytes,
    Buffer.from(counts.buffer),
    Buffer.from(pairs.buffer),
    Buffer.alloc(CHECKSUM_BYTES),
  ])
  bytes.writeUInt32LE(
    crc32(bytes.subarray(0, bytes.length - CHECKSUM_BYTES)),
    bytes.length - CHECKSUM_BYTES,
  )
  return bytes
}

/** What a file has, with its words added to an index; `undefined` when it is of no use. */
export async function decodeWords(
  file: Uint8Array,
  numberOf: WordIndex['numberOf'],
): Promise<readonly KeptConversation[] | undefined> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const end = bytes.length - CHECKSUM_BYTES
  if (end < 0 || bytes.readUInt32LE(end) !== crc32(bytes.subarray(0, end))) return undefined
  const line = bytes.indexOf('\n')
  const head = parseJson(bytes.subarray(0, Math.max(0, line)), header).value
  if (!head) return undefined
  const parts = head.conversations.flatMap((conversation) => conversation.parts)
  const all = { counts: 0, pairs: 0 }
  for (const each of parts) {
    all.counts += each.counts
    all.pairs += each.pairs
  }
  const firstCount = line + 1 + head.words
  const firstPair = firstCount + all.counts * COUNT_BYTES
  if (firstPair + all.pairs * PAIR_BYTES !== end) return undefined
  await setImmediate()
  const text = bytes.toString('utf8', line + 1, firstCount)
  const words = text === '' ? [] : text.split('\n')
  const numbers = new Uint32Array(words.length)
  for (const [at, word] of words.entries()) {
    numbers[at] = numberOf(word)
    if (at % WORDS_SLICE === WORDS_SLICE - 1) await setImmediate()
  }
  // A copy: numbers have to begin at a multiple of their length, and the file is not to stay in memory.
  const counts = new Uint32Array(
    bytes.buffer.slice(bytes.byteOffset + firstCount, bytes.byteOffset + firstPair),
  )
  const pairs = new Uint16Array(
    bytes.buffer.slice(bytes.byteOffset + firstPair, bytes.byteOffset + end),
  )
  for (let at = 0; at < counts.length; at += 1) {
    const entry = counts[at] ?? 0
    counts[at] = packed(numbers[entry >>> COUNT_BITS] ?? 0, entry & MOST_COUNTED)
    if (at % COUNTS_SLICE === COUNTS_SLICE - 1) await setImmediate()
  }
  let counted = 0
  let paired = 0
  const take = (size: z.infer<typeof part>): WordCounts => {
    counted += size.counts
    paired += size.pairs
    return {
      counts: counts.subarray(counted - size.counts, counted),
      pairs: pairs.subarray(paired - size.pairs, paired),
      length: size.length,
    }
  }
  return head.conversations.map((conversation) => ({
    ...conversation,
    parts: conversation.parts.map(take),
  }))
}

/** Whether a file says that it has a conversation. */
export function namesConversation(file: Uint8Array, id: string): boolean {
  return Buffer.from(file.buffer, file.byteOffset, file.indexOf(LINE_END)).includes(id)
}
