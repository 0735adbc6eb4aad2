import { describe, expect, it } from 'vitest'
import { limitHistory } from './history.ts'
import { readHistoryFiles, withFiles } from './request.ts'
import type {
  Attachment,
  AttachmentStore,
  HistoryFile,
  HistoryMessage,
  Message,
} from '../ports/index.ts'
import { exampleMessage } from '../../testing/stores/store-examples.ts'
import { createRecordingLogger } from '../../testing/stores/testing.ts'

const textFile = (name: string, text: string): HistoryFile => ({
  kind: 'text',
  name,
  text,
  sizeBytes: Buffer.byteLength(text),
  isCut: false,
})
const image: HistoryFile = {
  kind: 'image',
  name: 'a.png',
  contentType: 'image/png',
  read: async () => Buffer.from([0]),
}
const question = (content: string, ...files: readonly HistoryFile[]): HistoryMessage => ({
  role: 'user',
  content,
  ...(files.length > 0 && { files }),
})
const answer = (content: string): HistoryMessage => ({ role: 'assistant', content })

const textsOf = ({ files = [] }: HistoryMessage) =>
  files.map((file) => (file.kind === 'text' ? file.text : file.kind))

describe('files within the history’s budget', () => {
  const limits = { messages: 10, characters: 2_000 }

  it('stay whole where there is room, and images cost none', () => {
    const messages = [question('Look.', textFile('a.txt', 'a'.repeat(1_000)), image)]
    expect(limitHistory(messages, limits)).toEqual(messages)
  })

  it('of the newest message are cut before they take all room from what was said', () => {
    const said = [question('x'.repeat(200)), answer('y'.repeat(200))]
    const sent = limitHistory(
      [...said, question('Look.', textFile('a.txt', '😀'.repeat(9_000)))],
      limits,
    )
    expect(sent.map(({ content }) => content.length)).toEqual([200, 200, 5])
    const [file] = sent[2]!.files!
    expect(file).toMatchObject({ kind: 'text', isCut: true, sizeBytes: 36_000 })
    const { length } = Array.from(file!.kind === 'text' ? file!.text : '')
    expect(length).toBeGreaterThan(1_300)
    expect(length).toBeLessThan(1_500)
  })

  it('of the newest message get something, however long the message is', () => {
    const [sent] = limitHistory([question('x'.repeat(5_000), textFile('a.txt', 'abc'))], limits)
    expect(textsOf(sent!)).toEqual(['abc'])
  })

  it('share the room, and leave each other what they do not need', () => {
    const [sent] = limitHistory(
      [
        question(
          'Look.',
          textFile('a', 'aaa'),
          textFile('b', 'b'.repeat(5_000)),
          textFile('c', 'ccc'),
        ),
      ],
      limits,
    )
    const [first, second, third] = textsOf(sent!)
    expect([first, third]).toEqual(['aaa', 'ccc'])
    expect(second!.length).toBeGreaterThan(500)
  })

  it('of earlier messages go after everything that was said, and say that they are left out', () => {
    const early = question('One.', textFile('a.txt', 'a'.repeat(5_000)))
    const sent = limitHistory([early, answer('y'.repeat(1_900)), question('Two.')], limits)
    expect(sent).toHaveLength(3)
    expect(withFiles(sent[0]!)).toBe(
      'One.\n\nAttached file: a.txt (left out, as there is no room for it)',
    )
  })
})

describe('files as text', () => {
  it('stand in a fence that is longer than any in them', () => {
    const text = withFiles(question('Look.', textFile('a.py', 'x = """`````\n')))
    expect(text).toBe('Look.\n\nAttached file: a.py\n``````py\nx = """`````\n``````')
  })

  it('leave out odd endings of names, and end in a line of their own', () => {
    expect(withFiles(question('', textFile('a.b c', 'x')))).toBe(
      '\n\nAttached file: a.b c\n```\nx\n```',
    )
  })
})

describe('reading files', () => {
  const kept = new Map<string, Uint8Array | Error>()
  const attachments: AttachmentStore = {
    save: async () => {},
    async read(_place, id) {
      const found = kept.get(id)
      if (found instanceof Error) throw found
      return found
    },
    conversationOf: async () => undefined,
    remove: async () => {},
    removeOwner: async () => {},
    sweep: async () => {},
  }
  const attachment = (filename: string, bytes: Uint8Array | Error, contentType = 'text/plain') => {
    const id = String(kept.size)
    kept.set(id, bytes)
    return { id, filename, contentType, sizeBytes: bytes instanceof Error ? 9 : bytes.length }
  }
  const sent = (...files: readonly Attachment[]): Message =>
    exampleMessage({ content: 'Look.', attachments: files })
  const read = async (messages: readonly Message[], takesImages = true) => {
    const logger = createRecordingLogger()
    const steps: unknown[] = []
    const place = { ownerId: 'ann', conversationId: 'c' }
    const progress = (event: unknown) => void steps.push(event)
    const of = { attachments, place, takesImages, isThread: false }
    const options = { ...of, characters: 10, progress, logger }
    return { messages: await readHistoryFiles(messages, options), steps, logger }
  }

  it('reads no more than the budget, never half a character, and no mark of byte order', async () => {
    const long = attachment('long.txt', Buffer.from(`\ufeff${'समोसा'.repeat(20)}`))
    const { messages } = await read([sent(long)])
    const [file] = messages[0]!.files!
    expect(file).toMatchObject({ kind: 'text', isCut: true })
    expect(withFiles(messages[0]!)).not.toContain('\ufffd')
    expect(withFiles(messages[0]!)).toContain('```txt\nसमोसा')
  })

  it('shows the newest images, five at most, and names the others', async () => {
    const picture = () => attachment('a.png', Buffer.from([1]), 'image/png')
    const earlier = sent(picture(), picture())
    const { messages } = await read([earlier, sent(picture(), picture(), picture(), picture())])
    const kinds = messages.map(({ files = [] }) => files.map(({ kind }) => kind))
    expect(kinds).toEqual([
      ['image', 'left_out'],
      ['image', 'image', 'image', 'image'],
    ])
    const blind = await read([earlier], false)
    expect(withFiles(blind.messages[0]!)).toContain('a.png (an image, which you cannot see)')
  })

  it('leaves out what cannot be read, and goes on', async () => {
    const broken = attachment('broken.txt', new Error('EIO'))
    const missing = { ...attachment('missing.txt', Buffer.from('')), id: 'none' }
    const good = attachment('good.txt', Buffer.from('fine'))
    const { messages, steps, logger } = await read([sent(broken, missing, good)])
    expect(messages[0]!.files!.map(({ kind }) => kind)).toEqual(['left_out', 'left_out', 'text'])
    expect(steps).toHaveLength(3)
    expect(logger.lines.map(({ level }) => level)).toEqual(['error'])
  })
})
