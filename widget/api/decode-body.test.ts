import { describe, expect, it } from 'vitest'
import { decodeConfig } from './decode-body.ts'
import { decodeConversation } from './decode-conversation.ts'

const conversation = (attachments: unknown) =>
  decodeConversation({ id: 'c', messages: [{ id: 'm', role: 'user', content: 'Hi', attachments }] })

describe('the files of a stored message', () => {
  it('are read, with what is missing left blank', () => {
    const full = { id: 'f', filename: 'a.csv', content_type: 'text/csv', size_bytes: 3 }
    expect(conversation([full, { id: 'g' }]).messages[0]?.attachments).toEqual([
      { id: 'f', name: 'a.csv', type: 'text/csv', size: 3 },
      { id: 'g', name: 'g', type: '', size: 0 },
    ])
  })

  it('are none where a server says nothing of use', () => {
    for (const broken of [undefined, null, 'a.csv', {}, [null, 1, 'a', [], { id: 1 }]])
      expect(conversation(broken).messages[0]?.attachments).toEqual([])
  })
})

describe('what may follow a stored answer', () => {
  const suggested = (suggestions: unknown) =>
    decodeConversation({
      id: 'c',
      messages: [{ id: 'm', role: 'assistant', content: 'Hi', suggestions }],
    }).messages[0]?.suggestions

  it('is read as when it was told, and is nothing where a server says nothing of use', () => {
    expect(suggested([' And then? ', '', 1, null, 'x'.repeat(1000)])).toEqual(['And then?'])
    for (const broken of [undefined, null, 'And?', {}, [null]])
      expect(suggested(broken)).toEqual([])
  })
})

describe('where more is to be read of a configuration', () => {
  it('is all of it, whichever of its texts says something', () => {
    const page = 'https://shop.example/privacy'
    const byLanguage = { de: { greeting: 'Hallo' } }
    for (const more of [
      { notice: 'ai' },
      { notice: '', privacy_url: page },
      { notice: null, privacy_url: page },
      { notice: '', privacy_url: '', by_language: byLanguage },
      { notice: '', privacy_url: null, by_language: byLanguage },
    ])
      expect(decodeConfig(more).more).toEqual(more)
  })

  it('is nothing where none says anything', () => {
    for (const silent of [
      {},
      { notice: '', privacy_url: '', by_language: {} },
      { notice: null, privacy_url: null, by_language: null },
    ])
      expect(decodeConfig(silent).more).toBeUndefined()
  })
})

describe('how long a message may be', () => {
  it('is what the server says, unless nothing could be sent then', () => {
    expect(decodeConfig({ max_message_length: 5 }).max_message_length).toBe(5)
    for (const length of [undefined, null, '5', 0, -5, NaN])
      expect(decodeConfig({ max_message_length: length }).max_message_length).toBe(8000)
  })
})

describe('which files are taken', () => {
  it('is what the server says, and nothing where it says nothing', () => {
    const limits = { images: true, text: false, pdf: true, max_files: 2, max_bytes: 1000 }
    expect(decodeConfig({ attachments: limits }).attachments).toEqual(limits)
    for (const attachments of [undefined, null, true, []])
      expect(decodeConfig({ attachments }).attachments).toBeNull()
    expect(decodeConfig({ attachments: { text: 1 } }).attachments).toMatchObject({ text: false })
  })
})
