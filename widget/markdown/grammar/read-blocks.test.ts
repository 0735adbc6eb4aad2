import { beforeAll, describe, expect, it } from 'vitest'
import { outlineOfBlocks } from '../testing/outline.ts'
import { readBlocks } from './read-blocks.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

const read = (source: string) => outlineOfBlocks(readBlocks(source)).replaceAll('\n', '⏎')

beforeAll(async () => {
  await loadGrammars()
})

describe('readBlocks', () => {
  it.each([
    ['One\ntwo\n\nthree', 'p:One⏎two p:three'],
    ['# A #\n## B\n###C\n####### D', 'h1:A h2:B p:###C⏎####### D'],
    ['A\n===\nB\nC\n---', 'h1:A h2:B⏎C'],
    ['- - -\n***\n_ _', 'rule rule p:_ _'],
    ['> a\nb\n>\n> c\n\nd', 'quote(p:a⏎b p:c) p:d'],
    ['>> a\n> b', 'quote(quote(p:a⏎b))'],
    ['> ```\nx', 'quote(code:) p:x'],
    ['```ts x\na\n\n  b\n````\nc', 'codets x:a⏎⏎  b p:c'],
    ['~~~\n```\n~~~', 'code:```'],
    ['``` a`b\nc', 'p:``` a`b⏎c'],
    ['  ```\n   a\n b\n  ```', 'code: a⏎b'],
    ['    a\n\n\tb\n\nc', 'code-:a⏎⏎b p:c'],
    ['a\n    b', 'p:a⏎b'],
    ['<div>\na\n\nb', 'html:<div>⏎a⏎ p:b'],
    ['<!-- a\n\nb -->\nc', 'html:<!-- a⏎⏎b -->⏎ p:c'],
    ['a\n<span>\nb', 'p:a⏎<span>⏎b'],
    ['<span class="x">\n\nb', 'html:<span class="x">⏎ p:b'],
  ])('reads %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })

  it.each([
    ['```\na\n```\u00a0\nb', 'code:a⏎```\u00a0⏎b'],
    ['```\na\n```\t \nb', 'code:a p:b'],
    ['  ~~~\n  a\n   b\n\tc\n  ~~~', 'code:a⏎ b⏎  c'],
    ['> - ~~~ x`y\n>   a\n>   ~~~~\n> b', 'quote(list(item(codex`y:a)) p:b)'],
    ['> ```\n> a\n```\nb', 'quote(code:a) code:b'],
  ])('reads the fence in %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })

  it.each([
    ['```md\n# a\n```js\nb\n```\nc\n```\nd', 'codemd:# a⏎```js⏎b⏎```⏎c p:d'],
    ['~~~MDX x\n~~~~sh\n~~~\n~~~~\n~~~\nd', 'codeMDX x:~~~~sh⏎~~~⏎~~~~ p:d'],
    ['````markdown\n```js\na\n```\n````\nd', 'codemarkdown:```js⏎a⏎``` p:d'],
    ['```md\n```md\n```md\n```js\n```\n```\n```\nd', 'codemd:```md⏎```md⏎```js⏎```⏎``` p:d'],
    // A fence without a language closes what is around it, as ever.
    ['```md\na\n```\nb', 'codemd:a p:b'],
    ['```js\n```ts\n```\nb', 'codejs:```ts p:b'],
    ['```mdfoo\n```ts\n```\nb', 'codemdfoo:```ts p:b'],
    // One is missing: the first one closes it.
    ['```md\n```js\na\n```\nb\n\n```py\nc\n```\nd', 'codemd:```js⏎a p:b codepy:c p:d'],
    ['```md\n```js\n```', 'codemd:```js'],
    ['```md\n```js\na', 'codemd:```js⏎a'],
    ['> ```md\n> ```js\n> a\n> ```\n\nb', 'quote(codemd:```js⏎a⏎```) p:b'],
  ])('reads code in the code of Markdown in %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })

  it('waits for what is missing while more may come', () => {
    const [code, ...more] = readBlocks('```md\n```js\na\n```\nb\n', false)
    expect(code).toMatchObject({ text: '```js\na\n```\nb' })
    expect(more).toEqual([])
  })

  it.each([
    ['- a\n- b', 'list(item(p:a) item(p:b))'],
    ['- a\n\n- b', 'loose(item(p:a) item(p:b))'],
    ['- a\n\n\n  b\n- c', 'loose(item(p:a p:b) item(p:c))'],
    ['- a\n  - b\n\n    c\n- d', 'list(item(p:a loose(item(p:b p:c))) item(p:d))'],
    ['- a\n+ b\n1. c\n2) d', 'list(item(p:a)) list(item(p:b)) list1(item(p:c)) list2(item(p:d))'],
    ['7. a\n9. b', 'list7(item(p:a) item(p:b))'],
    ['a\n2. b\n1. c', 'p:a⏎2. b list1(item(p:c))'],
    ['a\n-\nb', 'h2:a p:b'],
    ['-\n  a\n-\n\n  b', 'list(item(p:a) item()) p:b'],
    ['- a\nb\n\nc', 'list(item(p:a⏎b)) p:c'],
    ['-\ta\n\n\tb', 'loose(item(p:a p:b))'],
    ['-   a\n\n      b', 'loose(item(p:a p:b))'],
    ['-     a', 'list(item(code-:a))'],
    ['- ```\n  x\n\n  y\n  ```\n- z', 'list(item(code:x⏎⏎y) item(p:z))'],
    ['1234567890. a', 'p:1234567890. a'],
  ])('reads the list %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })

  it.each([
    ['1. a\n  - b\n2. c', 'list1(item(p:a list(item(p:b))) item(p:c))'],
    [
      '1. a\n  - b\n    - c\n      - d\n  - e\n2. f',
      'list1(item(p:a list(item(p:b list(item(p:c list(item(p:d))))) item(p:e))) item(p:f))',
    ],
    ['10. a\n\n  * b\n\n    c\n\n11. d', 'loose10(item(p:a loose(item(p:b p:c))) item(p:d))'],
    ['1. a\n  1. b\n  2. c\n2. d', 'list1(item(p:a list1(item(p:b) item(p:c))) item(p:d))'],
    ['*   a\n  * b\n    * c\n*   d', 'list(item(p:a list(item(p:b list(item(p:c))))) item(p:d))'],
    ['- a\n 1. b\n- c', 'list(item(p:a)) list1(item(p:b)) list(item(p:c))'],
    ['1. a\n\t- b\n2. c', 'list1(item(p:a list(item(p:b))) item(p:c))'],
    ['> 1. a\n>   - b\n> 2. c', 'quote(list1(item(p:a list(item(p:b))) item(p:c)))'],
    ['1. a\n  - ```js\n    x\n    ```\n2. b', 'list1(item(p:a list(item(codejs:x))) item(p:b))'],
    // No item, or one of the same list.
    ['1. a\n  - - -\n', 'list1(item(p:a)) rule'],
    ['1. a\n  b\n2. c', 'list1(item(p:a⏎b) item(p:c))'],
    ['1. a\n  2. b\n   3. c', 'list1(item(p:a) item(p:b) item(p:c))'],
    ['- a\n - b\n  - c\n', 'list(item(p:a) item(p:b) item(p:c))'],
  ])('reads the items in items of %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })

  it.each([
    ['|a|b|\n|-|:-:|\n|1|2|3|\n4\n\nc', 'table(a|b/1|2|3/4) p:c'],
    ['a|b\n-|-\n1\\|2|`x`', 'table(a|b/1|2|`x`)'],
    ['text\n| a |\n| - |\n> b', 'p:text table(a) quote(p:b)'],
    ['|a|b|\n|-|', 'p:|a|b|⏎|-|'],
    ['|a|b|c|\n|-|-|\n|1|2|3|', 'table(a|b|c/1|2|3)'],
    ['| a | b\n|-|-|-|\n|1|2|3|', 'table(a|b/1|2|3)'],
    ['a|b|c\n-|-\n1|2', 'p:a|b|c⏎-|-⏎1|2'],
    ['|a|b|c|\n-|-\n', 'p:|a|b|c|⏎-|-'],
  ])('reads the table %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })

  it('gives the columns their directions', () => {
    const [table] = readBlocks('a|b|c|d\n:-|-:|:-:|-\n')
    expect(table).toMatchObject({ aligns: ['left', 'right', 'center', undefined] })
    const [short, long] = readBlocks('|a|b|c|\n|:-|-:|\n\n|a|b|\n|-|-|:-|\n')
    expect(short).toMatchObject({ aligns: ['left', 'right', undefined] })
    expect(long).toMatchObject({ aligns: [undefined, undefined, 'left'] })
  })

  it.each([
    ['[A  b]: /x "t"\ntext', 'def:a b=/x p:text'],
    ['[a]: <x y>\n[b]:\n/z\n', 'def:a=x y def:b=/z'],
    ['[a]: /x "t" more', 'p:[a]: /x "t" more'],
    ['[a]: /x\n"t" more', 'def:a=/x p:"t" more'],
    ['text\n[a]: /x', 'p:text⏎[a]: /x'],
    ['[a]: /x\n===', 'def:a=/x p:==='],
    ['> [a]: /x', 'quote(def:a=/x)'],
    ['[]: /x', 'p:[]: /x'],
  ])('reads definitions in %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })

  it.each([
    ['$$\nx\n$$\na', 'math:⏎x⏎ p:a'],
    ['a\n$$ x $$', 'p:a math: x '],
    ['\\[\nx\n\\]', 'math:⏎x⏎'],
    ['$$\n+ a', 'p:$$ list(item(p:a))'],
    ['$$\n+ a\n\nb', 'p:$$ list(item(p:a)) p:b'],
    ['p\n$$ a\n- b $$ c', 'p:p⏎$$ a⏎- b $$ c'],
    ['- $$\n  x\n  $$\n- b', 'list(item(math:⏎x⏎) item(p:b))'],
  ])('reads formulas in %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })

  it.each(['$$\n+ a', '$$\n+ a\n  ', '\\[\na\n\nb ='])('waits for the end of %j', (source) => {
    expect(outlineOfBlocks(readBlocks(source, false))).toBe('math:?')
  })

  it('tells the lines that a block stands in', () => {
    const [list, paragraph] = readBlocks('- a\n- b\n  c\n\n\nd\n')
    expect(list).toMatchObject({ line: 0, end: 2 })
    expect(paragraph).toMatchObject({ line: 5, end: 5 })
  })

  it.each([
    ['a[^1]\n\n[^1]: Words.\n[^b]: See "It"\nmore', 'p:a[^1] list(1(p:Words.) b(p:See "It"⏎more))'],
    ['a\n[^1]: b', 'p:a list(1(p:b))'],
    ['[^1]:b\n\n[^x y]: c', 'list(1(p:b)) p:[^x y]: c'],
    ['[^a]:\n    > b\n\n        c\n\n    d\n\ne', 'loose(a(quote(p:b) code-:c p:d)) p:e'],
    ['[^a]:      b\n[^c]:\n        d', 'list(a(p:b) c(code-:d))'],
    ['> [^a]: b\n\n- [^c]: d', 'quote(list(a(p:b))) list(item(list(c(p:d))))'],
  ])('reads the notes of %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })

  it.each([
    ['[Ann]: Hello!\n[Ben]: Hi.', 'p:[Ann]: Hello!⏎[Ben]: Hi.'],
    ['[Ann]: Yes\n\n[Ben]: ...', 'p:[Ann]: Yes p:[Ben]: ...'],
    ['[time]: 10:30\n[size]: 5.5', 'p:[time]: 10:30⏎[size]: 5.5'],
    [
      '[a]: #b\n[c]: ../d\n[e]: f.html\n[g]: mailto:h@i.j',
      'def:a=#b def:c=../d def:e=f.html def:g=mailto:h@i.j',
    ],
    ['[a]: <b>', 'def:a=b'],
  ])('takes for a definition only what has an address: %j', (source, expected) => {
    expect(read(source)).toBe(expected)
  })
})
