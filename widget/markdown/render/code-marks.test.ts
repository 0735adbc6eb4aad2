import { expect, it } from 'vitest'
import { languageNamed, findMarks } from './code-marks.ts'

const found = async (code: string, label: string) =>
  (await findMarks(code, label)).map(({ kind, start, end }) => [kind, code.slice(start, end)])

it('finds what has a colour of its own', async () => {
  expect(await found("const a = 'x' // note", 'ts')).toEqual([
    ['keyword', 'const'],
    ['string', "'x'"],
    ['comment', '// note'],
  ])
})

it('takes the innermost thing, and plain code inside a string as code', async () => {
  const marks = await found('`a ${b + 1} c`', 'javascript')
  expect(marks).toContainEqual(['string', '`a '])
  expect(marks).toContainEqual(['number', '1'])
})

it('keeps places right behind a language inside another', async () => {
  await findMarks('let x', 'js')
  const code = '<p title="t">x</p><script>let y = 2</script><b>z</b>'
  const marks = await found(code, 'html')
  expect(marks).toContainEqual(['keyword', 'let'])
  expect(marks.at(-1)).toEqual(['keyword', 'b'])
})

it.each(['bash', 'c', 'cpp', 'csharp', 'css', 'diff', 'go', 'java', 'javascript', 'json', 'php'])(
  'knows %s',
  async (language) => {
    expect(languageNamed(language)).toBe(language)
    await expect(findMarks('1 "two" { three: 4 }', language)).resolves.toBeInstanceOf(Array)
  },
)

it.each(['python', 'ruby', 'rust', 'sql', 'typescript', 'xml', 'yaml'])(
  'knows %s, too',
  async (language) => {
    expect(languageNamed(language)).toBe(language)
    await expect(findMarks('1 "two" { three: 4 }', language)).resolves.toBeInstanceOf(Array)
  },
)

it('leaves an unknown language, or a name of every object, alone', async () => {
  expect(await findMarks('x = 1', 'brainfuck')).toEqual([])
  expect(await findMarks('x = 1', 'constructor')).toEqual([])
})
