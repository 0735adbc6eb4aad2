import { beforeAll, describe, expect, it } from 'vitest'
import { slowTexts } from '../../../server/testing/growth.ts'
import { readHtml } from './markup.ts'
import { outlineOfBlocks, outlineOfText } from '../testing/outline.ts'
import { readBlocks } from './read-blocks.ts'
import { readInline } from './read-inline.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

beforeAll(loadGrammars)

const read = (text: string) => outlineOfText(readInline(text, new Map())).replaceAll('\n', '⏎')
const readOpen = (text: string) => outlineOfText(readInline(text, new Map(), true))
const readBlock = (text: string) => outlineOfText(readHtml(text, 'all')).replaceAll('\n', '⏎')
const blocks = (source: string) => outlineOfBlocks(readBlocks(source), read).replaceAll('\n', '⏎')

describe('what looks like a tag', () => {
  it.each([
    ['git clone <repo-url>', 'git clone «<repo-url>»'],
    ['Dear <First Name>, </dir>', 'Dear «<First Name>», «</dir>»'],
    ['Vec<u8> f<T>() #include <iostream>', 'Vec«<u8>» f«<T>»() #include «<iostream>»'],
    ['std::map<std::string, int>', 'std::map<std::string, int>'],
    ['<MyComponent prop={x} a="*b*" />', '«<MyComponent prop={x} a="*b*" />»'],
    ['<Menu.Item a="_b_"> <xs:element/>', '«<Menu.Item a="_b_">» «<xs:element/>»'],
    ['tool <input> <output>', 'tool «<input>» «<output>»'],
    ['<form><iframe src="/x"></iframe></form>', '«<form>»«<iframe src="/x">»«</iframe>»«</form>»'],
    ['<meta charset=x> <base href=/> <link>', '«<meta charset=x>» «<base href=/>» «<link>»'],
    ['<svg><path d="M0"/></svg> <x-y>', '«<svg>»«<path d="M0"/>»«</svg>» «<x-y>»'],
    [
      '<title>t</title> <textarea>*a*</textarea>',
      '«<title>»t«</title>» «<textarea>»<em>a</>«</textarea>»',
    ],
    [
      '<!DOCTYPE html> <?xml a="*b*"?> <![CDATA[*c*]]>',
      '«<!DOCTYPE html>» «<?xml a="*b*"?>» «<![CDATA[*c*]]>»',
    ],
    ['<think>x</think> <|x|>', '«<think>»x«</think>» <|x|>'],
    ['<std::string> <irc://a.b> <javascript:x>', '«<std::string>» «<irc://a.b>» «<javascript:x>»'],
    ['**<name>** [<T> x](/y)', '<strong>«<name>»</> <link /y>«<T>» x</>'],
  ])('and is no element that is shown is text: %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['a<b and c>d', 'a«<b and c>»d'],
    ['x<y>z and 1<a>2', 'x«<y>»z and 1«<a>»2'],
    ['if i<p>q', 'if i«<p>»q'],
    ['x < y > z; a <- b -> c; I <3 you <', 'x < y > z; a <- b -> c; I <3 you <'],
    ['the <div> tag, </span> and <img>', 'the «<div>» tag, «</span>» and «<img>»'],
    ['<ul> and <li> are', '«<ul>» and «<li>» are'],
    ['<a>x</a> <b>y', '«<a>»x«</a>» «<b>»y'],
    ['<li key={id}>x</li>', '«<li key={id}>»x«</li>»'],
    ['put it in a <script> tag or a <style>', 'put it in a «<script>» tag or a «<style>»'],
    ['between <script> and </script> tags', 'between «<script>» and «</script>» tags'],
    [
      'a <style>…</style> or <script>...</script>',
      'a «<style>»…«</style>» or «<script>»...«</script>»',
    ],
    [
      '<script src="/x.js"></script> <STYLE> </STYLE>',
      '«<script src="/x.js">»«</script>» «<STYLE>» «</STYLE>»',
    ],
    ['a <script> tag: <script>a()</script> b', 'a «<script>» tag:  b'],
    ['<b :key="x.id">x</b> <i v-if="a">y</i>', '«<b :key="x.id">»x«</b>» «<i v-if="a">»y«</i>»'],
    ['a <!-- b', 'a <!-- b'],
  ])('and is part of a sentence is text: %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['<b>x</b> H<SUB>2</SUB>O', '<html><b></>x<html></b></> H<html><SUB></>2<html></SUB></>O'],
    ['<a href="/x" onclick=y>z</a>', '<html><a href="/x" onclick=y></>z<html></a></>'],
    ['<a id="x"></a>a<br>b</br>', '<html><a id="x"></><html></a></>a<br>b<br>'],
    ['<details open>x</details>', '<html><details open></>x<html></details></>'],
    ['<input type="checkbox" checked>', '<html><input type="checkbox" checked></>'],
    ['<ul><li>a<li>b</ul>', '<html><ul></><html><li></>a<html><li></>b<html></ul></>'],
    ['<b><i>x</b></i>', '<html><b></><html><i></>x<html></b></><html></i></>'],
  ])('and is of an element that is shown is HTML: %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['a<script>b < c; <b></script>d', 'ad'],
    ['a<STYLE media="x">b</style >c', 'ac'],
    ['a<script> b() </script>c<script>d</script>', 'ac'],
    ['a<!-- <b> -->b<!-->c<!--->d', 'abcd'],
  ])(
    'and is a script, a style or a comment is left out with what is in it: %j',
    (text, expected) => {
      expect(read(text)).toBe(expected)
    },
  )
})

describe('a tag that starts a line', () => {
  it.each([
    ['<answer>\n**42**\n</answer>', 'p:«<answer>»<br>⏎<strong>42</><br>⏎«</answer>»'],
    ['<your answer here>\n\nnext', 'p:«<your answer here>» p:next'],
    ['<section>\n- a\n\n</section>', 'p:«<section>» list(item(p:a)) p:«</section>»'],
    ['<plan>\n- a\n</plan>\nb', 'p:«<plan>» list(item(p:a)) p:«</plan>»<br>⏎b'],
    ['<x>\n\n|a|\n|-|\n|b|\n</x>', 'p:«<x>» table(a/b) p:«</x>»'],
    ['<!DOCTYPE html>\n# a', 'p:«<!DOCTYPE html>» h1:a'],
    ['<?xml version="1.0"?>\n<x>', 'p:«<?xml version="1.0"?>»<br>⏎«<x>»'],
    ['<textarea>\n\n*a*', 'p:«<textarea>» p:<em>a</>'],
    ['<p and q>\n*a*', 'p:«<p and q>»<br>⏎<em>a</>'],
    ['<div {...rest}>\n<T>\n</div>', 'p:<div {...rest}><br>⏎«<T>» html:</div>⏎'],
    [
      '<div onClick={() => go(a > b)}>\n\nx\n\n</div>',
      'p:<div onClick={() => go(a > b)}> p:x html:</div>⏎',
    ],
    ['<li *ngFor="let x of xs">a</li>', 'p:<li *ngFor="let x of xs">a«</li>»'],
    ['<p @click="go" (x)="y">a</p>', 'p:<p @click="go" (x)="y">a«</p>»'],
    ['- <div> is a box\n- <b>', 'list(item(p:«<div>» is a box) item(html:<b>⏎))'],
  ])('opens no block of HTML when it is text: %j', (source, expected) => {
    expect(blocks(source)).toBe(expected)
  })

  it.each([
    ['<details>\n*a*\n\nb', 'html:<details>⏎*a*⏎ p:b'],
    ['<div> a </div>\n*b*', 'html:<div> a </div>⏎*b*⏎'],
    ['<b>\n*a*', 'html:<b>⏎*a*⏎'],
    ['<script>\na\n\nb\n</script>\nc', 'html:<script>⏎a⏎⏎b⏎</script>⏎ p:c'],
    [
      '<div>\n<script>\n\nb\n</script>\n</div>\n\nc',
      'html:<div>⏎<script>⏎⏎b⏎</script>⏎</div>⏎ p:c',
    ],
  ])('opens one when it is HTML: %j', (source, expected) => {
    expect(blocks(source)).toBe(expected)
  })

  it.each([
    [
      '<div>\n<Foo a="*b*">x</Foo>\n</div>',
      '<html><div></>⏎«<Foo a="*b*">»x«</Foo>»⏎<html></div></>',
    ],
    ['<div>a<script>b\n\nc</script>d', '<html><div></>ad'],
    ['<div id="x"\n*a*', '<div id="x"⏎*a*'],
    ['<p>a < b &lt; c <3', '<html><p></>a < b &lt; c <3'],
    ['<script> loads code', '«<script>» loads code'],
    ['<script src="x.js"></script>', '«<script src="x.js">»«</script>»'],
    ['<!-- never closed', '<!-- never closed'],
    ['</div>\n<a>x</a>', '<html></div></>⏎«<a>»x«</a>»'],
  ])('opens one in which text is text too: %j', (text, expected) => {
    expect(readBlock(text)).toBe(expected)
  })
})

describe('half a tag at the end of a text that is still being written', () => {
  it.each([
    ...[
      '<',
      '</',
      '<b',
      '<repo-url',
      '<kbd',
      '<details op',
      '<span class="x',
      '<span class="x" ti',
    ],
    ...['<a href="https://exam', "<a title='a > b", '<img src=/x.png alt', '<br /', '<me@exa'],
    ...['<https://exam', '<!-', '<!-- a > b', '<script', '<script src="x', '<script>let a = 1'],
  ])('is held back: %j', (half) => {
    expect(readOpen(`a ${half}`)).toBe('a ')
  })

  it.each([
    ['n <k then', 'n <k then'],
    ['a <b, c', 'a <b, c'],
    ['a <b and c', 'a <b and c'],
    ['I <3', 'I <3'],
    ['a <- b', 'a <- b'],
    ['如果 n<k，那么', '如果 n<k，那么'],
    ['<MyComponent a="*b*', '<MyComponent a="*b*'],
    ['std::map<std::str', 'std::map<std::str'],
    ['<?xml vers', '<?xml vers'],
    [`<${'x'.repeat(100)}`, `<${'x'.repeat(100)}`],
  ])('is shown once it is clear that it is none: %j', (text, expected) => {
    // Whether what is text is read as Markdown is all one.
    expect(readOpen(text).replaceAll(/[«»]/g, '')).toBe(expected)
  })

  it('is no tag without a partner yet', () => {
    expect(readOpen('a <b>c')).toBe('a <html><b></>c')
  })
})

describe('what looks like tags in any number', () => {
  it.each([
    ['<', '<'],
    ['starts', '<a'],
    ['starts of attributes', '<a href="x" '],
    ['tags that never end', '<b>'],
    ['end tags of nothing', '</i>'],
    ['lists that never end', '<ul><li>'],
    ['texts', '<T>'],
    ['comments that never end', '<!--'],
    ['instructions that never end', '<?x '],
    ['declarations that never end', '<!x '],
    ['sections that never end', '<![CDATA['],
    ['scripts that never end', '<script>'],
    ['quotes', `<a b="<a b='`],
  ])('costs as much as it is long: %s', (name, piece) => {
    const make = (length: number) => piece.repeat(length / piece.length)
    const readAll = (text: string) => {
      readInline(text, new Map())
      readInline(text, new Map(), true)
      readHtml(text, 'none')
    }
    expect(slowTexts(readAll, { [name]: make }, 10_000)).toEqual([])
  })

  it.each([
    ['attributes', (length: number) => `<x ${'a '.repeat(length)}`],
    ['an attribute', (length: number) => `<x ${'a'.repeat(length)}`],
    ['spaces', (length: number) => `<b ${' '.repeat(length)}`],
    ['a value', (length: number) => `<a href="${'a'.repeat(length)}`],
    ['a name', (length: number) => `<${'a'.repeat(length)}`],
    [
      'scripts that are talked about',
      (length: number) => `${'<script> a '.repeat(length)}</script>`,
    ],
    ['end tags of one start', (length: number) => `<ul>${'<li>'.repeat(length)}</ul></ul>`],
  ])('costs as much as it is long: a tag with %s', (name, textOf) => {
    const readAll = (text: string) => {
      readInline(text, new Map())
      readInline(text, new Map(), true)
      readBlocks(text)
    }
    expect(slowTexts(readAll, { [name]: textOf }, 20_000)).toEqual([])
  })
})
