import { describe, expect, it } from 'vitest'
import { outlineOfText } from './outline.ts'
import { readInline } from './read-inline.ts'

const LINKS = new Map([
  ['ref', { href: '/r', title: 'R' }],
  ['two words', { href: '/t', title: undefined }],
])
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
})
