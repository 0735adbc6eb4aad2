/** Imports point one way: the layers of server and widget as one table, and every file held against it. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const WORDS = ['server/protocol', 'server/text']
const CORE = [...WORDS, 'server/core']
const SHARED = ['server/protocol', 'widget/words', 'widget/ui']
const FEATURES = [
  ...['answer', 'composer', 'conversations', 'panel'],
  ...['accounts', 'contact', 'embed', 'owner', 'transcript', 'visit'],
].map((feature) => `widget/${feature}`)
/** What features of the chat are made of, and features whose pieces others show. */
const CHAT = [...SHARED, 'widget/api', 'widget/markdown', 'widget/conversation', ...FEATURES]

/** What the files of a room may import besides each other. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'server/protocol': [],
  'server/text': ['server/protocol'],
  'server/core': WORDS,
  // Adapters never import each other.
  'server/auth': CORE,
  'server/builtin': CORE,
  'server/config': CORE,
  'server/dialects': CORE,
  'server/export': CORE,
  'server/inference': CORE,
  'server/knowledge': CORE,
  'server/limits': CORE,
  'server/metrics': CORE,
  'server/patterns': CORE,
  'server/stores': CORE,
  'server/tools': CORE,
  'server/turn-logs': CORE,
  'server/webhooks': CORE,
  // Whose proxies are trusted is written as it is in the configuration.
  'server/http': [...CORE, 'server/dialects', 'server/config'],
  'widget/words': SHARED,
  'widget/ui': SHARED,
  'widget/markdown': SHARED,
  'widget/api': SHARED,
  'widget/conversation': [...SHARED, 'widget/api'],
  ...Object.fromEntries(FEATURES.map((feature) => [feature, CHAT])),
}

/** Files that put the rooms together: they import what they like. The element itself is one for React and the loader. */
const COMPOSITION = ['server', 'widget', 'widget/react']
/** What only tests, benchmarks and builds use. */
const SUPPORT = /\.test\.ts$|\/(?:testing|bench|cluster|conformance|e2e|scripts)\//

/** Packages that a room must not know, or the only ones that it may. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  'server/protocol': /^/,
  // Names of characters in HTML are a library's.
  'server/text': /^(?!entities\b)/,
  // It knows no vendor, no HTTP and no files: what it needs of them is a port.
  'server/core': /^(?!node:)|^node:(?:fs|https?|http2|net|tls|child_process|worker_threads)/,
  widget: /^node:/,
}

const root = dirname(import.meta.dirname)

interface Import {
  readonly from: string
  readonly to: string
  /** It is asked for while the program runs, or names the types of what is. */
  readonly isLate: boolean
}

const SPECIFIER =
  /(?<type>import type [^'"]*?from\s*)'(?<typed>[^']+)'|(?:from|import)\s*'(?<stated>[^']+)'|(?:import|new URL)\(\s*'(?<late>[^']+)'/g

/** What the source of a file, by its path from the root, imports: paths from the root, or names of packages. */
function importsOf(file: string, source: string): readonly Import[] {
  const found = [...source.matchAll(SPECIFIER)].map(({ groups = {} }) => {
    const { typed, stated, late } = groups
    const name = typed ?? stated ?? late ?? ''
    const to = name.startsWith('.') ? join(dirname(file), name) : name
    return { to, isTyped: typed !== undefined, isLate: late !== undefined }
  })
  const late = new Set(found.flatMap(({ to, isLate }) => (isLate ? [to] : [])))
  return found.map(({ to, isTyped, isLate }) => ({
    from: file,
    to,
    isLate: isLate || (isTyped && late.has(to)),
  }))
}

const roomOf = (file: string) => file.split('/').slice(0, -1).slice(0, 2).join('/')

const filesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !SUPPORT.test(file))

const isPackage = (to: string) => !/^(?:server|widget|demo)\//.test(to)

/** Why an import is against the layers; `undefined` for what is allowed. */
function objection({ from, to, isLate }: Import): string | undefined {
  const room = roomOf(from)
  if (isPackage(to)) {
    const side = from.split('/')[0] ?? ''
    const refused = PACKAGES[room] ?? PACKAGES[side]
    return refused?.test(to) ? `${from} knows ${to}` : undefined
  }
  if (SUPPORT.test(to)) return `${from} needs ${to}, which only tests use`
  const isAbroad = from.startsWith('server/')
    ? !to.startsWith('server/')
    : !/^(?:widget|server\/protocol)\//.test(to)
  if (isAbroad) return `${from} → ${to}`
  if (COMPOSITION.includes(room) || roomOf(to) === room || isLate) return undefined
  // The types of the element, for who hears its events.
  if (room === 'widget/embed' && roomOf(to) === 'widget') return undefined
  return LAYERS[room]?.includes(roomOf(to)) ? undefined : `${from} → ${to}`
}

describe('imports point one way', () => {
  const files = [...filesIn('server'), ...filesIn('widget')]

  it('has a row for every room', () => {
    const rooms = new Set(files.map(roomOf))
    const known = new Set([...Object.keys(LAYERS), ...COMPOSITION])
    expect([...rooms].filter((room) => !known.has(room))).toEqual([])
    expect([...known].filter((room) => !rooms.has(room))).toEqual([])
  })

  it.each([...new Set(files.map(roomOf))])('from %s', (room) => {
    const all = files
      .filter((file) => roomOf(file) === room)
      .flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')))
    expect(all.flatMap((one) => objection(one) ?? [])).toEqual([])
  })

  it.each([
    ['server/core/a.ts', "import { b } from '../stores/json-users.ts'"],
    ['server/core/turn/a.ts', "export { b } from '../../http/app.ts'"],
    ['server/core/a.ts', "import type { b } from '../config/index.ts'"],
    ['server/core/a.ts', "import { Hono } from 'hono'"],
    ['server/core/a.ts', "import { readFile } from 'node:fs/promises'"],
    ['server/protocol/a.ts', "import { z } from 'zod'"],
    ['server/stores/disk/a.ts', "import { b } from '../../auth/index.ts'"],
    ['server/http/a.ts', "import { b } from '../compose.ts'"],
    ['server/http/a.ts', "import { b } from '../testing/serve.ts'"],
    ['server/compose.ts', "import { b } from '../widget/index.ts'"],
    ['widget/api/a.ts', "import {\n  b,\n  c,\n} from '../conversation/chat-message.ts'"],
    ['widget/words/a.ts', "import '../answer/message.ts'"],
    ['widget/conversation/a.ts', "import type { b } from '../accounts/account.ts'"],
    ['widget/a.ts', "import { b } from '../server/core/errors.ts'"],
    ['widget/answer/a.ts', "import { b } from '../samosa-chat.ts'"],
    ['widget/ui/a.ts', "import { join } from 'node:path'"],
  ])('refuses %s with %s', (file, source) => {
    expect(importsOf(file, source).flatMap((one) => objection(one) ?? [])).toHaveLength(1)
  })

  it.each([
    ['server/core/turn/a.ts', "import { b } from '../../text/words.ts'"],
    ['server/core/a.ts', "import { randomUUID } from 'node:crypto'"],
    ['server/stores/a.ts', "import { Low } from 'lowdb'"],
    ['server/compose.ts', "import { b } from './stores/json-users.ts'"],
    ['widget/conversation/a.ts', "import { b } from '../../server/protocol/events.ts'"],
    [
      'widget/conversation/a.ts',
      "import type { b } from '../owner/owner.ts'\nconst late = import('../owner/owner.ts')",
    ],
  ])('allows %s with %s', (file, source) => {
    expect(importsOf(file, source).flatMap((one) => objection(one) ?? [])).toEqual([])
  })
})
