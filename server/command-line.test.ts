/** The commands about documents, as they are called. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKnowledgeDirectory, packageDirectory } from './package.ts'
import { lockFolder } from './stores/disk/folder-lock.ts'
import { exampleConversation } from './testing/stores/store-examples.ts'
import { createJsonFileStore } from './stores/json-conversations.ts'
import { ownerRef } from './stores/disk/paths.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'

const QUESTIONS = join(packageDirectory(), 'server/bench/questions.jsonl')
const PATIENT = 120_000
/** Pages of the manual. */
const PAGES = (await readdir(demoKnowledgeDirectory())).filter((name) =>
  name.endsWith('.md'),
).length

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-commands-'))
  await cp(demoKnowledgeDirectory(), join(directory, 'documents'), { recursive: true })
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const run = async (...args: readonly string[]) => await runWith({}, ...args)

async function runWith(
  variables: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ended> {
  const env = {
    DATABASE_URL: `file:${join(directory, 'data')}`,
    KNOWLEDGE_DIR: join(directory, 'documents'),
    EMBEDDINGS: 'off',
    LOG_LEVEL: 'SILENT',
    ...variables,
  }
  return await new Promise((resolve) => {
    const program = [join(packageDirectory(), 'server/main.ts'), ...args]
    execFile(process.execPath, program, { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

describe('samosa-chat start', { timeout: PATIENT }, () => {
  it.each([
    ['a-file', 'a file is in the place of a folder'],
    ['a-file/below', 'a file is in the place of a folder'],
    ['x'.repeat(300), 'a name is too long'],
    ['file-for-folder', 'a file is in the place of a folder'],
    ['folder-for-file', 'a folder is in the place of a file'],
  ])(
    'says in one sentence why the data folder %s cannot be used, and ends',
    async (name, reason) => {
      await writeFile(join(directory, 'a-file'), '')
      await mkdir(join(directory, 'folder-for-file/jwt-secret'), { recursive: true })
      await mkdir(join(directory, 'file-for-folder'), { recursive: true })
      await writeFile(join(directory, 'file-for-folder/journal'), '')
      const folder = join(directory, name)
      const ended = await runWith({ DATABASE_URL: `file:${folder}`, PORT: '0' }, 'start')
      const sentence = `The data folder ${folder} of DATABASE_URL cannot be used: ${reason}.\n`
      expect(ended).toEqual({ code: 1, stdout: '', stderr: sentence })
    },
  )
})

describe('samosa-chat erase', { timeout: PATIENT }, () => {
  const inFolder = (...args: readonly string[]) =>
    runWith({ DATABASE_URL: `file:${join(directory, 'erased')}` }, 'erase', ...args)

  it('says what it does, and in one sentence what is wrong, with exit code 1', async () => {
    const help = await inFolder('--help')
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('samosa-chat erase --user <name or id> [--account] [--yes]')
    const { code, stdout, stderr } = await inFolder('--user', 'bo', '--yes')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^There is nothing in .*erased: name the data folder in DATABASE_URL/)
  })

  it('erases with --yes, and without a terminal not otherwise', async () => {
    const at = { directory: join(directory, 'erased'), logger: createRecordingLogger() }
    const store = await createJsonFileStore(at)
    await store.create(exampleConversation({ ownerId: 'bo' }))
    await store.close()
    const refused = await inFolder('--user', 'bo')
    expect(refused.code).toBe(1)
    expect(refused.stdout).toBe('Of bo there is:\n- 1 conversation, with messages and files\n')
    expect(refused.stderr).toBe('Nothing was erased: nobody is there to be asked. Add --yes.\n')
    const done = await inFolder('--user', 'bo', '--yes')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(await inFolder('--user', 'bo', '--yes')).toMatchObject({ code: 1 })
  })
})

describe('samosa-chat eval', { timeout: PATIENT }, () => {
  it('asks the engine that ships, and says the same of two runs', async () => {
    const json = join(directory, 'run.json')
    const first = await run('eval', QUESTIONS, '--half', 'first', '--json', json)
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toMatch(new RegExp(`^${PAGES} documents, \\d+ passages; `))
    expect(first.stdout).toMatch(/^right answers +[01]\.\d{3} \[[01]\.\d{3}, [01]\.\d{3}\] /m)
    // Quoting word by word is the engine's promise.
    expect(first.stdout).toMatch(/^quoted text in its source +1\.000 /m)

    const again = join(directory, 'again.json')
    const compare = ['--compare', json, '--json', again]
    const second = await run('eval', QUESTIONS, '--half', 'first', ...compare)
    expect(second.code).toBe(0)
    expect(await readRun(again)).toEqual(await readRun(json))
    const [table, comparison] = withoutLatency(second.stdout).split('Compared question by question')
    expect(table?.trim()).toBe(withoutLatency(first.stdout).trim())
    expect(comparison).toMatch(/are the same in both runs\.$/m)
  })

  it('ends with 1 and names the questions when much is lost', async () => {
    const lines = (await readFile(QUESTIONS, 'utf8')).split('\n')
    const questions = join(directory, 'lexical.jsonl')
    await writeFile(questions, lines.filter((line) => line.includes('"lexical"')).join('\n'))
    const json = join(directory, 'better.json')
    await run('eval', questions, '--json', json)
    for (const name of await readdir(join(directory, 'documents'))) {
      await writeFile(join(directory, 'documents', name), '# Nothing\n\nNothing is here.')
    }
    const { code, stdout } = await run('eval', questions, '--compare', json)
    await cp(demoKnowledgeDirectory(), join(directory, 'documents'), { recursive: true })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^right answers: .*: a loss beyond noise$/m)
    expect(stdout).toMatch(/^ {4}lost {2}lexical-01: What is the default port of the server\?$/m)
  })

  it.each([
    [[], 'Name one file with questions: samosa-chat eval <questions>'],
    [['none.jsonl'], 'There is no file or folder none.jsonl.'],
    [['a.jsonl', '--half', 'third'], '--half is first or second, not "third".'],
    [['a.jsonl', '--mises'], "Unknown option '--mises'. See samosa-chat --help."],
  ])('says in a sentence what is wrong with %j', async (args, sentence) => {
    const { code, stdout, stderr } = await run('eval', ...args)
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain(sentence)
  })

  it('waits until meaning can be compared', async () => {
    const small = join(directory, 'small')
    await mkdir(small)
    await writeFile(join(small, 'care.md'), '# Care\n\nWash linen at forty degrees.')
    const questions = join(directory, 'small.jsonl')
    const line = { id: '1', kind: 'x', question: 'How hot may I launder it?', document: 'care.md' }
    await writeFile(questions, JSON.stringify({ ...line, words: ['forty'] }))
    const variables = { KNOWLEDGE_DIR: small, EMBEDDINGS: 'builtin' }
    const { code, stdout } = await runWith(variables, 'eval', questions)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^1 document, 1 passage; words and meaning are compared$/m)
    expect(stdout).toMatch(/^hit@1 +1\.000 /m)
  })

  it('says what the documents lack that the questions are about', async () => {
    const questions = join(directory, 'other.jsonl')
    const line = { id: '1', kind: 'x', question: 'x', document: 'other.md', words: ['x'] }
    await writeFile(questions, JSON.stringify(line))
    const { code, stderr } = await run('eval', questions)
    expect(code).toBe(1)
    expect(stderr).toMatch(/The questions name documents that are not in .*: other\.md/)
  })

  it('explains itself', async () => {
    const { code, stdout } = await run('eval', '--help')
    expect(code).toBe(0)
    expect(stdout).toContain('--compare <file>')
  })
})

/** The longest latency makes its column wider. */
const withoutLatency = (text: string) =>
  text.replaceAll(/^latency.*$/gm, '').replaceAll(/ {2,}/g, '  ')

async function readRun(path: string): Promise<unknown> {
  const { latencies: _, ...same }: { latencies: unknown } = JSON.parse(await readFile(path, 'utf8'))
  return same
}

describe('samosa-chat knowledge', { timeout: PATIENT }, () => {
  it('tells what documents there are', async () => {
    const { code, stdout } = await run('knowledge')
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${PAGES} documents, \\d+ passages$`, 'm'))
    expect(stdout).toContain('Not read: none')
  })

  it('tells where the documents are, and that a manual only stands in for them', async () => {
    const { stdout } = await run('knowledge')
    expect(stdout).toContain(`Read from:\n- ${join(directory, 'documents')}`)
    expect(stdout).not.toContain('manual of Samosa Chat')
    const data = join(directory, 'other-data')
    const variables = { KNOWLEDGE_DIR: '', DATABASE_URL: `file:${data}` }
    const none = await runWith(variables, 'knowledge')
    expect(none.stdout).toContain(`Read from:\n- ${demoKnowledgeDirectory()}`)
    expect(none.stdout).toContain(
      'the manual of Samosa Chat, which answers until you have documents',
    )
    const site = join(data, 'knowledge/sites/shop.example')
    await mkdir(site, { recursive: true })
    await writeFile(join(site, 'care.md'), '# Care\n\nWash linen at forty degrees.')
    const own = await runWith(variables, 'knowledge')
    expect(own.stdout).toContain(`Read from:\n- ${join(data, 'knowledge/sites')}`)
    expect(own.stdout).toMatch(/^1 document, 1 passage$/m)
    expect(own.stdout).not.toContain('manual of Samosa Chat')
    const asked = await runWith(
      variables,
      'knowledge',
      '--ask',
      'How do I change the accent colour?',
    )
    expect(asked.stdout).not.toContain('--samosa-accent')
  })

  it.each(['knowledge', 'eval', 'ingest', 'backup', 'reindex', 'start'])(
    'explains %s instead of doing it',
    async (name) => {
      const { code, stdout, stderr } = await run(name, '--help')
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/^samosa-chat .*: .*\n\n {2}/)
      expect(existsSync(join(directory, '--help'))).toBe(false)
    },
  )

  it('counts what was ingested along', async () => {
    const site = join(directory, 'data/knowledge/sites/shop.example')
    await mkdir(site, { recursive: true })
    await writeFile(join(site, 'care.md'), '# Care\n\nWash linen at forty degrees.')
    const { stdout } = await run('knowledge')
    expect(stdout).toMatch(new RegExp(`^${PAGES + 1} documents, `, 'm'))
    expect(stdout).toMatch(/^- shop\.example: 1 document, 1 passage$/m)
  })

  it('shows what is found for a question, while a server has the data folder', async () => {
    const data = join(directory, 'data')
    await mkdir(data, { recursive: true })
    const lock = await lockFolder({
      directory: data,
      patience: 0,
      logger: createRecordingLogger(),
    })
    try {
      const { code, stdout } = await run('knowledge', '--ask', 'How do I change the accent colour?')
      expect(code).toBe(0)
      expect(stdout).toMatch(/^ 1\. [01]\.\d{3} {2}\S+ {2}Theming › Change the colours \(theming/m)
      expect(stdout).toMatch(/^Answered from /m)
      expect(stdout).toContain('--samosa-accent')
    } finally {
      await lock.release()
    }
  })

  it('shows that a question would be declined', async () => {
    const { stdout } = await run('knowledge', '--ask', 'Zebra quagga okapi?')
    expect(stdout).toMatch(/^Not answered from the documents:$/m)
  })

  it('wants the question in quotes', async () => {
    const { code, stderr } = await run('knowledge', 'what', 'is')
    expect(code).toBe(1)
    expect(stderr).toContain('Put the question in quotes')
  })
})

describe('samosa-chat', { timeout: PATIENT }, () => {
  it.each(['nonsense', 'constructor', '__proto__', ''])(
    'has a sentence for a command that there is not, as "%s"',
    async (name) => {
      const { code, stderr } = await run(name)
      expect(code).toBe(1)
      expect(stderr).toBe(`There is no command "${name}". See samosa-chat --help.\n`)
    },
  )

  it('prints no title that a terminal would obey', async () => {
    const documents = join(directory, 'hostile')
    await mkdir(documents)
    await writeFile(join(documents, 'a.html'), '<h1>Red &#27;[31m\u{7}alert</h1><p>Text.</p>')
    const { stdout } = await runWith({ KNOWLEDGE_DIR: documents }, 'ingest')
    expect(stdout).toContain('- Red \uFFFD[31m\uFFFDalert\n')
  })
})

describe('samosa-chat reindex', { timeout: PATIENT }, () => {
  const owner = ownerRef('visitor-1')

  /** A data folder with so many conversations, as a server leaves it. */
  async function dataWith(name: string, count: number): Promise<string> {
    const data = join(directory, name)
    const folder = join(data, 'conversations', owner.folder)
    await mkdir(folder, { recursive: true })
    for (let at = 0; at < count; at += 1) {
      const conversation = exampleConversation({ ownerId: owner.id, title: `Fern ${at}` })
      const record = { version: 1, revision: 0, conversation, messages: [], turnKeys: [] }
      await writeFile(join(folder, `${conversation.id}.json`), JSON.stringify(record))
    }
    return data
  }

  it('makes the index of conversations anew, and tells how far it has come', async () => {
    const data = await dataWith('indexed', 250)
    const variables = { DATABASE_URL: `file:${data}` }
    const { code, stdout, stderr } = await runWith(variables, 'reindex')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^The index of 250 conversations is new\.$/m)
    const told = ['100 of 250', '200 of 250', '250 of 250'].map((part) => `${part} conversations\n`)
    expect(stderr).toBe(told.join(''))
  })

  it('has nothing to do where nobody has talked yet', async () => {
    const none = await runWith({ DATABASE_URL: `file:${join(directory, 'nowhere')}` }, 'reindex')
    expect(none).toMatchObject({ code: 0, stderr: '' })
    expect(none.stdout).not.toContain('conversations')
  })

  it('says what to do while a server has the data folder, after the documents', async () => {
    const data = await dataWith('locked', 1)
    const lock = await lockFolder({ directory: data, patience: 0, logger: createRecordingLogger() })
    try {
      const { code, stdout, stderr } = await runWith({ DATABASE_URL: `file:${data}` }, 'reindex')
      expect(code).toBe(1)
      expect(stdout).toMatch(new RegExp(`^${PAGES} documents`, 'm'))
      expect(stderr).toMatch(/stop the server and run samosa-chat reindex again\.\n$/)
    } finally {
      await lock.release()
    }
  })

  it('can be interrupted, and run again', async () => {
    const data = await dataWith('interrupted', 3_000)
    const env = {
      DATABASE_URL: `file:${data}`,
      KNOWLEDGE_DIR: join(directory, 'documents'),
      EMBEDDINGS: 'off',
      LOG_LEVEL: 'SILENT',
    }
    const program = join(packageDirectory(), 'server/main.ts')
    const child = spawn(process.execPath, [program, 'reindex'], { cwd: directory, env })
    let told = ''
    child.stderr.on('data', (piece: Buffer) => {
      if (told === '') child.kill('SIGINT')
      told += piece.toString()
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(1)
    expect(told).toContain('The index of conversations is not finished.')
    const again = await runWith({ DATABASE_URL: `file:${data}` }, 'reindex')
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('3000 conversations') })
  })
})
