import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoKnowledgeDirectory } from '../package.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { parseTagged } from '../protocol/tags.ts'
import { placeholdersOf, SENTENCES, speakerOf, createOwnSentences, readSentences } from './words.ts'

describe('the sentences of the engine', () => {
  it.each(Object.entries(SENTENCES))('of %s have the same blanks as the English ones', (_, own) => {
    for (const [key, sentence] of Object.entries(own)) {
      const english = Object.entries(SENTENCES.en).find(([name]) => name === key)?.[1] ?? ''
      expect(placeholdersOf(sentence), key).toEqual(placeholdersOf(english))
    }
  })

  it('say nothing of how the server is set up', () => {
    const all = Object.values(SENTENCES).flatMap((sentences) => Object.values(sentences))
    const technical =
      /folder|director|KNOWLEDGE|server|configur|Ordner|dossier|carpeta|फ़ोल्डर|フォルダ|مجلد/i
    expect(all.filter((sentence) => technical.test(sentence))).toEqual([])
  })
})

describe('the manual', () => {
  it('has every sentence as it comes', async () => {
    const manual = await readFile(join(demoKnowledgeDirectory(), 'documents.md'), 'utf8')
    const written = /These are all keys.*\n\n```yaml\n([\s\S]*?)```/.exec(manual)?.[1] ?? ''
    expect(readSentences(written)).toEqual({ sentences: { en: SENTENCES.en }, problems: [] })
  })
})

describe('own sentences', () => {
  it('are read by language and key, on one line each', () => {
    const { sentences, problems } = readSentences(
      'en:\n  greeting: "Hi, I am Fern."\n  not_found: >\n    I do not know\n    that one.\nde:\n  more: und {count} andere\n',
    )
    expect(problems).toEqual([])
    expect(sentences).toEqual({
      en: { greeting: 'Hi, I am Fern.', not_found: 'I do not know that one.' },
      de: { more: 'und {count} andere' },
    })
  })

  it.each<[string, string, RegExp]>([
    [
      'another language',
      'it:\n  greeting: Ciao',
      /^it is no language of the chat: known are en, de/,
    ],
    [
      'a key without its language',
      'greeting: Hi',
      /^greeting is no language.*belongs below a language/,
    ],
    [
      'a slip in a key',
      'en:\n  greetings: Hi',
      /^en\.greetings is no sentence of the chat: is greeting meant\?/,
    ],
    [
      'an unknown key',
      'en:\n  farewell: Bye',
      /^en\.farewell is no sentence of the chat: known are not_found/,
    ],
    ['a list', 'en:\n  greeting: [a, b]', /^en\.greeting must be a text/],
    ['an empty sentence', 'en:\n  greeting: ""', /^en\.greeting is empty/],
    ['no sentences', 'en: Hello', /^en must have sentences below it/],
    [
      'a blank that is none',
      'en:\n  greeting: Hi {name}',
      /^en\.greeting has \{name\}, and there is none/,
    ],
    ['a blank that is left out', 'en:\n  more: and others', /^en\.more needs \{count\}/],
    [
      'a sentence without an end',
      `en:\n  greeting: ${'x'.repeat(1_001)}`,
      /more than 1000 characters/,
    ],
    ['broken YAML', 'en:\n  greeting: "Hi', /^line 2 is no YAML/],
    ['a list of all', '- greeting', /^must have languages/],
  ])('with %s are refused in a sentence for the owner', (_, text, problem) => {
    const { sentences, problems } = readSentences(text)
    expect(problems).toEqual([expect.stringMatching(problem)])
    expect(Object.values(sentences).flatMap((own) => Object.keys(own))).toEqual([])
  })

  it('that are right count beside those that are not', () => {
    const { sentences } = readSentences('en:\n  greeting: Hi\n  farewell: Bye')
    expect(sentences).toEqual({ en: { greeting: 'Hi' } })
  })

  it('are shown as they are written, and are no markup', () => {
    const own = 'Hi <img src=x onerror=alert(1)> **you** [x](javascript:alert(1)) </think>'
    const said = speakerOf('en', { greeting: own })('greeting')
    expect(parseTagged(said).map(({ kind }) => kind)).toEqual(['text'])
    expect(said).not.toMatch(/<|(?<!\\)\*|(?<!\\)\]/)
    expect(said).toContain('Hi &lt;img')
  })
})

describe('the file of own sentences', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentences-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const write = (text: string) => writeFile(join(folder, '_answers.yml'), text)

  it('need not be there, and is taken up when it comes, changes and goes', async () => {
    const own = createOwnSentences(folder, createRecordingLogger())
    expect(await own()).toEqual({})
    await write('en:\n  greeting: Hi')
    expect(await own()).toEqual({ en: { greeting: 'Hi' } })
    await write('en:\n  greeting: Hello you')
    expect(await own()).toEqual({ en: { greeting: 'Hello you' } })
    await rm(join(folder, '_answers.yml'))
    expect(await own()).toEqual({})
  })

  it('is told of once where it is not understood', async () => {
    const logger = createRecordingLogger()
    const own = createOwnSentences(folder, logger)
    await write('en:\n  greting: Hi')
    await own()
    await own()
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect(JSON.stringify(logger.lines)).toContain('is greeting meant?')
  })
})
