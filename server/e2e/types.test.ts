/** The package's types, as strict projects of those who use it see them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packageDirectory } from '../package.ts'

const require = createRequire(import.meta.url)
const TSC = join(packageDirectory(), 'node_modules/typescript/bin/tsc')
/** The one that makes `custom-elements.json`: it is old enough to know how packages were found before `exports`. */
const OLD_TSC = join(
  createRequire(require.resolve('@custom-elements-manifest/analyzer/cem.js')).resolve('typescript'),
  '../../bin/tsc',
)

/** What the package needs itself. */
const NEEDED = ['lit', 'lit-html', 'lit-element', '@lit/reactive-element', '@types/trusted-types']
const REACT = ['react', '@types/react', '@lit/react']

/** Outside of the repository, in which the package's own name would lead to its sources. */
let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'samosa-types-'))
  const published = join(root, 'published')
  await mkdir(published)
  await cp(join(packageDirectory(), 'package.json'), join(published, 'package.json'))
  const config = join(packageDirectory(), 'widget/tsconfig.types.json')
  const types = join(published, 'dist/types')
  const said = await run(TSC, packageDirectory(), ['-p', config, '--outDir', types])
  if (said !== '') throw new Error(said)
})
afterAll(async () => rm(root, { recursive: true }))

/** What a compiler has to say. */
async function run(compiler: string, cwd: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [compiler, ...args], { cwd })
  let said = ''
  const hear = (text: Buffer) => (said += text.toString())
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  await once(child, 'close')
  return said
}

interface Project {
  readonly files: Readonly<Record<string, string>>
  /** Beside ours and what that needs. */
  readonly packages?: readonly string[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly compiler?: string
}

/** What the compiler has to say of a strict project, libraries included; nothing is good. */
async function compile({ files, packages = [], options, compiler = TSC }: Project) {
  const project = await mkdtemp(join(root, 'project-'))
  await cp(join(root, 'published'), join(project, 'node_modules/samosa-chat'), { recursive: true })
  for (const name of [...NEEDED, ...packages]) {
    const place = join(project, 'node_modules', name)
    await mkdir(dirname(place), { recursive: true })
    await symlink(join(packageDirectory(), 'node_modules', name), place, 'junction')
  }
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
    types: [],
    ...options,
  }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text)
  return run(compiler, project, ['-p', '.'])
}

it('knows the element and its events in a page without a framework', async () => {
  const said = await compile({
    files: {
      'page.ts': `
        import 'samosa-chat'
        import type { MessageDetail } from 'samosa-chat'
        const chat = document.querySelector('samosa-chat')
        chat?.registerTool({ name: 'add', description: 'Adds', parameters: {}, execute: () => 1 })
        document.addEventListener('samosa-message', ({ detail }) => {
          const message: MessageDetail = detail.message
          void message.content
        })
        // @ts-expect-error -- there is no such mode.
        if (chat) chat.mode = 'large'
      `,
    },
  })
  expect(said).toBe('')
})

it('lets a page call and configure window.samosa from the first moment', async () => {
  const said = await compile({
    files: {
      'page.ts': `
        import type {} from 'samosa-chat/embed.js'
        window.samosa = { heading: 'Ask us', mode: 'inline' }
        window.samosa = [{ think: 'on' }, (samosa) => samosa.send('Hello')]
        window.samosa.show()
        window.samosa?.push({ theme: 'dark' })
        window.samosa.whenLoaded((chat) => chat.newConversation())
        // @ts-expect-error -- it is text that is sent.
        window.samosa.send(1)
      `,
    },
  })
  expect(said).toBe('')
})

it('knows the tag in TSX, and every event of the React component', async () => {
  const said = await compile({
    packages: REACT,
    options: { jsx: 'react-jsx' },
    files: {
      'tag.tsx': `
        import { useRef } from 'react'
        import 'samosa-chat'
        import type { SamosaChat } from 'samosa-chat'
        export function Help() {
          const chat = useRef<SamosaChat>(null)
          return (
            <samosa-chat
              ref={chat} key="help" className="help" style={{ height: 400 }}
              endpoint="https://chat.example.com" mode="inline" heading="Ask" open
              conversation-id="c1" personality-weight={0.5} token={undefined}
              onsamosa-message={(event) => console.log(event.detail.message.content)}
            >
              <p slot="footer">Private</p>
            </samosa-chat>
          )
        }
        // @ts-expect-error -- there is no such mode.
        export const wrong = <samosa-chat mode="large" />
      `,
      'component.tsx': `
        import { SamosaChat } from 'samosa-chat/react'
        export const help = (
          <SamosaChat
            endpoint="https://chat.example.com" mode="page" think="on"
            onSamosaOpen={() => {}} onSamosaClose={() => {}}
            onSamosaSend={(event) => { if (event.detail.text === '') event.preventDefault() }}
            onSamosaToken={({ detail }) => detail.respondWith('new')}
            onSamosaContact={(event) => { if (event.detail.email) event.preventDefault() }}
            onSamosaFeedback={({ detail }) => console.log(detail.rating === 'down', detail.message_id)}
            onSamosaLink={({ detail }) => console.log(detail.href, detail.kind)}
            onSamosaSignIn={({ detail }) => console.log(detail.user.username)}
            onSamosaConversation={({ detail }) => console.log(detail.id)}
            onSamosaError={({ detail }) => console.log(detail.code)}
          />
        )
        // @ts-expect-error -- it is no text.
        export const wrong = <SamosaChat onSamosaToken={({ detail }) => detail.respondWith(1)} />
      `,
    },
  })
  expect(said).toBe('')
})

it('is a global component of Vue', async () => {
  const said = await compile({
    packages: ['vue'],
    files: {
      'tag.ts': `
        import 'samosa-chat'
        import type { GlobalComponents } from 'vue'
        type Tag = InstanceType<GlobalComponents['samosa-chat']>
        export const props: Tag['$props'] = {
          endpoint: 'https://chat.example.com', mode: 'inline', 'conversation-id': 'c1', class: 'help',
        }
        export function hear(emit: Tag['$emit']) {
          emit('samosa-message', new CustomEvent('samosa-message', {
            detail: { message: { id: null, role: 'user', content: 'Hi' } },
          }))
          // @ts-expect-error -- there is no such event.
          emit('samosa-wink', new CustomEvent('samosa-wink'))
        }
        // @ts-expect-error -- there is no such mode.
        export const wrong: Tag['$props'] = { mode: 'large' }
      `,
    },
  })
  expect(said).toBe('')
})

it('is found by projects that resolve packages as before exports', async () => {
  const said = await compile({
    compiler: OLD_TSC,
    packages: REACT,
    options: { moduleResolution: 'node', jsx: 'react-jsx', skipLibCheck: true },
    files: {
      'old.tsx': `
        import 'samosa-chat'
        import type {} from 'samosa-chat/embed.js'
        import { SamosaChat } from 'samosa-chat/react'
        export const help = <SamosaChat heading="Ask" onSamosaOpen={() => window.samosa.hide()} />
        export const chat = document.querySelector('samosa-chat')?.conversationId
      `,
    },
  })
  expect(said).toBe('')
})

it('is found by projects that resolve packages as Node does', async () => {
  const said = await compile({
    packages: REACT,
    options: { module: 'nodenext', moduleResolution: 'nodenext', jsx: 'react-jsx' },
    files: {
      'package.json': '{"type":"module"}',
      'node.tsx': `
        import { createClient } from 'samosa-chat'
        import { SamosaChat } from 'samosa-chat/react'
        export const client = createClient
        export const help = <SamosaChat heading="Ask" />
      `,
    },
  })
  expect(said).toBe('')
})
