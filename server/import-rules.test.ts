import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

/** `a → b`: a file of the first path imports the second. */
interface Import {
  readonly from: string
  readonly to: string
}

const FORBIDDEN: readonly Import[] = [
  { from: 'server/protocol/a.ts', to: '../core/errors.ts' },
  { from: 'server/protocol/a.ts', to: 'zod' },
  { from: 'server/protocol/a.ts', to: 'node:fs' },
  { from: 'server/core/a.ts', to: '../stores/json-files.ts' },
  { from: 'server/core/a.ts', to: '../http/app.ts' },
  { from: 'server/core/a.ts', to: '../config.ts' },
  { from: 'server/core/a.ts', to: 'hono' },
  { from: 'server/core/a.ts', to: 'undici' },
  { from: 'server/core/a.ts', to: 'node:fs/promises' },
  { from: 'server/inference/a.ts', to: '../knowledge/index.ts' },
  { from: 'server/inference/a.ts', to: '../tools/calculator.ts' },
  { from: 'server/tools/a.ts', to: '../knowledge/index.ts' },
  { from: 'server/knowledge/a.ts', to: '../stores/json-files.ts' },
  { from: 'server/stores/a.ts', to: '../auth/visitor.ts' },
  { from: 'server/stores/deep/a.ts', to: '../../inference/openai.ts' },
  { from: 'server/turn-logs/a.ts', to: '../stores/json-files.ts' },
  { from: 'server/core/a.ts', to: '../metrics/index.ts' },
  { from: 'server/core/a.ts', to: 'prom-client' },
  { from: 'server/http/a.ts', to: '../metrics/index.ts' },
  { from: 'server/metrics/a.ts', to: '../stores/json-files.ts' },
  { from: 'server/limits/a.ts', to: '../stores/json-files.ts' },
  { from: 'server/limits/a.ts', to: '../http/app.ts' },
  { from: 'server/http/a.ts', to: '../limits/in-process.ts' },
  { from: 'server/core/a.ts', to: '../limits/in-process.ts' },
  { from: 'server/export/a.ts', to: '../knowledge/markdown-blocks.ts' },
  { from: 'server/dialects/threads/a.ts', to: '../../export/index.ts' },
  { from: 'server/auth/a.ts', to: '../http/app.ts' },
  { from: 'server/auth/a.ts', to: '../config/config.ts' },
  { from: 'server/dialects/conversations/a.ts', to: '../../http/sse.ts' },
  { from: 'server/dialects/conversations/a.ts', to: '../../stores/json-files.ts' },
  { from: 'server/http/a.ts', to: '../main.ts' },
  { from: 'server/http/a.ts', to: '../inference/openai.ts' },
  { from: 'server/http/a.ts', to: '../testing/fake-model-server.ts' },
  { from: 'server/config/a.ts', to: '../stores/json-files.ts' },
  { from: 'server/core/a.ts', to: '../../widget/index.ts' },
  { from: 'widget/a.ts', to: '../server/core/errors.ts' },
  { from: 'widget/state/a.ts', to: '../../server/main.ts' },
  { from: 'widget/a.ts', to: '../demo/shop.js' },
  { from: 'widget/a.ts', to: 'node:path' },
  { from: 'demo/a.js', to: '../server/core/errors.ts' },
]

const ALLOWED: readonly Import[] = [
  { from: 'server/protocol/a.ts', to: './events.ts' },
  { from: 'server/core/a.ts', to: '../protocol/events.ts' },
  { from: 'server/core/a.ts', to: 'node:crypto' },
  { from: 'server/inference/a.ts', to: '../core/ports.ts' },
  { from: 'server/stores/a.ts', to: 'lowdb' },
  { from: 'server/metrics/a.ts', to: 'prom-client' },
  { from: 'server/dialects/conversations/a.ts', to: '../../core/turn.ts' },
  { from: 'server/http/a.ts', to: '../dialects/conversations/routes.ts' },
  { from: 'server/main.ts', to: './stores/json-conversations.ts' },
  { from: 'server/stores/a.test.ts', to: '../testing/fake-model-server.ts' },
  { from: 'widget/state/a.ts', to: '../../server/protocol/events.ts' },
  { from: 'widget/a.ts', to: 'lit' },
]

const root = dirname(import.meta.dirname)
const temporary = mkdtempSync(join(tmpdir(), 'import-rules-'))
afterAll(() => rmSync(temporary, { recursive: true }))

const Report = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.number() }) })),
      filename: z.string(),
    }),
  ),
})

/** Lints one file per import with the project's own configuration; `from to` of those it refuses. */
function refused(imports: readonly Import[]): ReadonlySet<string> {
  const folder = mkdtempSync(join(temporary, 'lint-'))
  const { options: _typeAware, ...configuration } = z
    .looseObject({ options: z.unknown() })
    .parse(JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')))
  writeFileSync(join(folder, '.oxlintrc.json'), JSON.stringify(configuration))
  const lines = new Map<string, string[]>()
  for (const { from, to } of imports) lines.set(from, [...(lines.get(from) ?? []), to])
  for (const [from, targets] of lines) {
    mkdirSync(join(folder, dirname(from)), { recursive: true })
    const text = targets.map((to, index) => `import { t${String(index)} } from '${to}'\n`)
    writeFileSync(join(folder, from), text.join(''))
  }
  const program = join(root, 'node_modules/oxlint/bin/oxlint')
  const { stdout } = spawnSync(process.execPath, [program, '-f', 'json', '.'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const { diagnostics } = Report.parse(JSON.parse(stdout))
  return new Set(
    diagnostics
      .filter(({ code }) => code.includes('no-restricted-imports'))
      .map(({ filename, labels }) => {
        const line = labels[0]?.span.line ?? 0
        return `${filename} → ${lines.get(filename)?.[line - 1] ?? '?'}`
      }),
  )
}

describe('imports point one way', () => {
  const found = refused([...FORBIDDEN, ...ALLOWED])

  it.each(FORBIDDEN)('refuses $from → $to', ({ from, to }) => {
    expect(found).toContain(`${from} → ${to}`)
  })

  it.each(ALLOWED)('allows $from → $to', ({ from, to }) => {
    expect(found).not.toContain(`${from} → ${to}`)
  })

  it('has a rule for every folder of the server', () => {
    const free = new Set(['scripts', 'testing', 'bench', 'conformance', 'e2e'])
    const folders = readdirSync(join(root, 'server'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !free.has(entry.name))
      .map((entry) => ({ from: `server/${entry.name}/a.ts`, to: '../main.ts' }))
    const outside = refused(folders)
    for (const { from, to } of folders) expect(outside).toContain(`${from} → ${to}`)
  })
})
