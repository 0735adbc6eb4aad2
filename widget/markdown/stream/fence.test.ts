import { describe, expect, it } from 'vitest'
import { followFence } from './long-blocks.ts'
import { readBlocks } from '../grammar/index.ts'

const readInPieces = (source: string, size: number) => {
  const reader = followFence(source)
  if (!reader) return undefined
  let shown = ''
  let rest: string | undefined
  const body = source.slice(reader.openingLength)
  for (let at = 0; at < body.length && rest === undefined; at += size) {
    const progress = reader.read(body.slice(at, at + size))
    shown += progress.text
    if (progress.rest !== undefined) rest = progress.rest + body.slice(at + size)
  }
  if (rest === undefined) shown += reader.end().text
  return { shown, rest: rest ?? '', language: reader.language }
}

const SOURCES = [
  '```\na\n```\nrest',
  '```js title\nconst a = 1\n\n\nb\n```\n\nrest\n',
  '````\n```\ninner\n```\n````',
  '~~~\n```\n~~~ \nx',
  '~~~~ a`b\ncode\n~~~\n~~~~\n',
  '  ```\n  a\n    b\n c\n  ```\n',
  '```\n```\n',
  '```\n\n```\n',
  '```\na\n\n\n',
  '```\nnever closed',
  '```\n`\n``\n````x\n    ```\n   ```\nrest',
  '  ~~~sh\n  a\n    b\n c\n\td\n  ~~~\nrest',
  '   ~~~\n \t\n   x\n~~~~\t \nrest',
  '```\na\n```\t\nrest',
  '```\na\n\t```\n \t```\n```\nrest',
  '```\na\n```\u00a0\nb\n\u00a0```\n```\nrest',
  '```\ta b\t\n\tc\n   d\n```  \nrest',
  '~~~ ``` ~~~\na\n~~~ b\n~~~\nrest',
]

describe('openFence', () => {
  it('reads the code that is read of the whole text, whatever the pieces', () => {
    for (const source of SOURCES) {
      const [token] = readBlocks(source)
      const expected = token?.type === 'code' ? token.text : undefined
      for (let size = 1; size <= source.length; size += 1) {
        const read = readInPieces(source, size)
        expect(read?.shown, `${JSON.stringify(source)} in pieces of ${size}`).toBe(expected)
        expect(source.endsWith(read?.rest ?? '?')).toBe(true)
      }
    }
  })

  it('never shows what becomes the closing fence', () => {
    const reader = followFence('```\ncode\n```\n')
    const shown = [...'code\n```'].map((character) => reader?.read(character).text).join('')
    expect(shown).toBe('code')
  })

  it('takes the language from the first word', () => {
    expect(followFence('```ts twoslash\n')?.language).toBe('ts')
    expect(followFence('~~~\n')?.language).toBe('')
    expect(followFence('```c&#43;\\+ &amp; more\n')?.language).toBe('c++')
  })

  it('is no fence before its first line is complete', () => {
    expect(followFence('```js')).toBeUndefined()
    expect(followFence('``` a`b\n')).toBeUndefined()
    expect(followFence('    ```\n')).toBeUndefined()
  })

  it('reads no code that may hold fences', () => {
    for (const info of ['md', 'markdown', 'MDX', 'rmd title']) {
      expect(followFence(`\`\`\`${info}\n`)).toBeUndefined()
    }
    expect(followFence('```markdown-it\n')).toBeDefined()
  })
})
