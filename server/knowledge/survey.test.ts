import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatSurvey, surveyDirectories } from './survey.ts'

const NOW = Date.parse('2026-06-01T00:00:00Z')
const daysAgo = (days: number) => new Date(NOW - days * 86_400_000)

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-survey-'))
  await write('fees.md', '---\ncreator: Ada\ndomain: money\n---\n\n# Fees\n\nIt costs 12 euros.')
  await write('tours/city.md', '# City\n\n## Walk\n\nTwo hours.\n\n## Boat\n\nOne hour.')
  await write('tours/old.txt', 'Steam trams run daily.')
  await utimes(join(directory, 'tours/old.txt'), daysAgo(800), daysAgo(800))
  await write('broken.md', Buffer.from([0x23, 0x20, 0xff, 0xfe]))
  const page = (name: string) => `# ${name}\n\nText of ${name}.`
  for (const name of ['new.md', 'long-ago.md', 'edited.md', 'removed.md']) {
    await write(`site/${name}`, page(name))
  }
  const source = (file: string, days: number, more: object = {}) => ({
    file,
    url: `https://x.test/${file}`,
    sha256: createHash('sha256').update(page(file)).digest('hex'),
    fetched_at: daysAgo(days).toISOString(),
    ...more,
  })
  const sources = [
    source('new.md', 100),
    source('new.md', 2),
    source('long-ago.md', 45),
    source('edited.md', 2, { sha256: 'other' }),
    source('gone.md', 2),
    source('removed.md', 100, { removed: true }),
  ]
  const list = sources.map((line) => `${JSON.stringify(line)}\n`).join('')
  await write('site/_sources.jsonl', `${list}{"file":"cut.md","sha2`)
})
afterAll(async () => {
  await rm(directory, { recursive: true })
})

async function write(name: string, content: string | Uint8Array): Promise<void> {
  const path = join(directory, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  await utimes(path, daysAgo(3), daysAgo(3))
}

describe('a survey of the documents', () => {
  it('counts documents and passages, by kind, folder, creator and domain, without removed pages', async () => {
    const { documents, passages, groups } = await surveyDirectories([directory], { now: NOW })
    expect(documents).toBe(6)
    expect(passages).toBe(7)
    expect(groups.kind).toEqual([
      { name: '.md', documents: 5, passages: 6 },
      { name: '.txt', documents: 1, passages: 1 },
    ])
    expect(groups.folder.map(({ name, documents: count }) => [name, count])).toEqual([
      ['site', 3],
      ['tours', 2],
      ['', 1],
    ])
    expect(groups.creator).toContainEqual({ name: 'Ada', documents: 1, passages: 1 })
    expect(groups.domain).toContainEqual({ name: 'money', documents: 1, passages: 1 })
  })

  it('names what is old, what was changed and what is gone, and not what was read again', async () => {
    const { stale } = await surveyDirectories([directory], { now: NOW })
    expect(stale.toSorted((left, right) => left.document.localeCompare(right.document))).toEqual([
      { document: 'site/edited.md', reason: 'was changed here since it was fetched' },
      { document: 'site/gone.md', reason: 'is gone since it was fetched' },
      { document: 'site/long-ago.md', reason: 'was fetched 45 days ago' },
      { document: 'tours/old.txt', reason: 'was last changed 800 days ago' },
    ])
  })

  it('names what cannot be read, and why', async () => {
    const { unreadable } = await surveyDirectories([directory, join(directory, 'none')], {
      now: NOW,
    })
    expect(unreadable).toEqual([
      { document: 'broken.md', reason: 'not UTF-8 text' },
      { document: join(directory, 'none'), reason: 'there is no such file or folder' },
    ])
  })

  it('is printed in lines', async () => {
    const text = formatSurvey(await surveyDirectories([directory], { now: NOW }))
    expect(text).toMatch(/^6 documents, 7 passages$/m)
    expect(text).toMatch(/^By creator:\n- nobody named: 5 documents, 6 passages\n- Ada: 1 doc/m)
    expect(text).toMatch(/^Stale:\n- site\/long-ago\.md: was fetched 45 days ago$/m)
    expect(text).toMatch(/^Not read:\n- broken\.md: not UTF-8 text$/m)
  })

  it('of nothing says so', async () => {
    const empty = await mkdtemp(join(directory, 'empty-'))
    expect(formatSurvey(await surveyDirectories([empty], { now: NOW }))).toBe(
      '0 documents, 0 passages\n\nStale: none\n\nNot read: none',
    )
  })
})
