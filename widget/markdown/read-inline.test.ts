import { describe, expect, it } from 'vitest'
import { outlineOfText } from './outline.ts'
import { readInline } from './read-inline.ts'
import { cpuTimeOf } from '../../server/testing/cpu-time.ts'

const LINKS = { ref: { href: '/r', title: 'R' }, 'two words': { href: '/t' } }
const read = (text: string) => outlineOfText(readInline(text, LINKS)).replaceAll('\n', '⏎')

describe('readInline', () => {
  it.each([
    ['*a* _b_ **c** __d__', '<em>a</> <em>b</> <strong>c</> <strong>d</>'],
    ['***a** b*', '<em><strong>a</> b</>'],
    ['***a* b**', '<strong><em>a</> b</>'],
    ['**a *b** c*', '<em><em>a <em>b</></> c</>'],
    ['a_b_c 2*3*4 a * b *', 'a_b_c 2<em>3</>4 a * b *'],
    ['*a **b*', '*a *<em>b</>'],
    ['**a*', '*<em>a</>'],
    ['*a', '*a'],
    ['~~a~~ ~b~ ~~~c~~~ ~~d~', '<del>a</> <del>b</> ~~~c~~~ ~~d~'],
    ['*(**a**)*', '<em>(<strong>a</>)</>'],
    ['"*a*"', '"<em>a</>"'],
    ['*😀*b', '*😀*b'],
  ])('reads the emphasis of %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['`a` `` b ` c `` ` `', '<code>a</> <code>b ` c</> <code> </>'],
    ['`a ``b', '`a ``b'],
    ['`a\nb`', '<code>a b</>'],
    ['`*a*` *`b*`', '<code>*a*</> *<code>b*</>'],
    ['\\*a\\* \\a \\`', '«*»a«*» \\a «`»'],
    ['a  \nb\\\nc \n d', 'a<br>b<br>c⏎d'],
    ['<b>a</b> <1> <!-- x --> a < b', '<html><b></>a<html></b></> <1>  a < b'],
    ['$x$ and \\(y\\)', '<math>x</> and <math>y</>'],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['[a](/x)', '<link /x>a</>'],
    ['[a](</x y> "t")', '<link /x y t>a</>'],
    ["[a]( /x(y)\n'it' )", '<link /x(y) it>a</>'],
    ['[a](/x y)', '[a](/x y)'],
    ['[a]()', '<link >a</>'],
    ['[*a](/x)*', '<link /x>*a</>*'],
    ['[a [b](/x) c](/y)', '[a <link /x>b</> c](/y)'],
    ['![a ![b](/x)](/y)', '<image /y>a <image /x>b</></>'],
    ['[![a](/x)](/y)', '<link /y><image /x>a</></>'],
    [
      '[Ref] [ref][] [a][REF] [a][none]',
      '<link /r R>Ref</> <link /r R>ref</> <link /r R>a</> [a][none]',
    ],
    ['[two\n words]', '<link /t>two⏎words</>'],
    ['[ref](none', '<link /r R>ref</>(none'],
    ['[constructor]', '[constructor]'],
    ['[x] \\[ref]', '[x] «[»ref]'],
  ])('reads the link %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['<https://a.b/?x&y>', '<link https://a.b/?x&y>«https://a.b/?x&y»</>'],
    ['<me@a.b>', '<link mailto:me@a.b>«me@a.b»</>'],
    ['see https://a.b/c_d_e, ok', 'see <link https://a.b/c_d_e>«https://a.b/c_d_e»</>, ok'],
    ['(www.a.b/x(y))', '(<link http://www.a.b/x(y)>«www.a.b/x(y)»</>)'],
    ['**http://a.b**', '<strong><link http://a.b>«http://a.b»</></>'],
    ['http://a.b?x=1&amp;', '<link http://a.b?x=1>«http://a.b?x=1»</>&amp;'],
    ['a.b+c@d.e. f@g', '<link mailto:a.b+c@d.e>«a.b+c@d.e»</>. f@g'],
    ['[http://a.b](/x)', '<link /x><link http://a.b>«http://a.b»</></>'],
    ['xhttp://a.b javascript:x', 'xhttp://a.b javascript:x'],
  ])('reads the address in %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['brackets', '['.repeat(50_000)],
    ['brackets that close', `${'['.repeat(20_000)}a${']'.repeat(20_000)}`],
    ['links that never close', '[a](b'.repeat(20_000)],
    ['pointed links that never close', '[a](<b'.repeat(20_000)],
    ['emphasis that never closes', '*a **b _c '.repeat(10_000)],
    ['emphasis that was never opened', 'a* b** c_ '.repeat(10_000)],
    ['marks in one another', `${'*a **b '.repeat(5_000)}${'c* d** '.repeat(5_000)}`],
    [
      'backticks of every length',
      Array.from({ length: 400 }, (_, length) => `${'`'.repeat(length)}a`).join(''),
    ],
    ['spaces', `a${' '.repeat(50_000)}b`],
    ['tags that never close', '<a href="x" '.repeat(10_000)],
    ['at signs', 'a@'.repeat(25_000)],
    ['addresses', 'www.a.b)'.repeat(10_000)],
    ['an address with many dots behind it', `www.a${'.'.repeat(50_000)}`],
    ['an address with many brackets behind it', `www.a${')'.repeat(50_000)}`],
    ['an address with many characters by name behind it', `www.a${'&a;'.repeat(20_000)}`],
    ['letters', 'a'.repeat(100_000)],
  ])('is not slowed down by %s', (_, text) => {
    expect(cpuTimeOf(() => readInline(text, LINKS))).toBeLessThan(1_000)
  })
})
