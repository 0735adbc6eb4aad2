import { beforeAll, describe, expect, it } from 'vitest'
import { outlineOfText } from '../testing/outline.ts'
import { readInline } from './read-inline.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

const LINKS = new Map([
  ['ref', { href: '/r', title: 'R' }],
  ['two words', { href: '/t', title: undefined }],
  ['^1', { href: '', note: '1' }],
  ['^so', { href: '', note: 'So' }],
])
const read = (text: string) => outlineOfText(readInline(text, LINKS)).replaceAll('\n', '⏎')

beforeAll(async () => {
  await loadGrammars()
})

describe('readInline', () => {
  it.each([
    ['*a* _b_ **c** __d__', '<em>a</> <em>b</> <strong>c</> <strong>d</>'],
    ['***a** b*', '<em><strong>a</> b</>'],
    ['***a* b**', '<strong><em>a</> b</>'],
    ['**a *b** c*', '<em><em>a <em>b</></> c</>'],
    ['a_b_c foo*bar*baz a * b *', 'a_b_c foo<em>bar</>baz a * b *'],
    ['*a **b*', '*a *<em>b</>'],
    ['**a*', '*<em>a</>'],
    ['*a', '*a'],
    ['~~a~~ ~b~ ~~~c~~~ ~~d~', '<del>a</> ~b~ ~~~c~~~ ~~d~'],
    ['*(**a**)*', '<em>(<strong>a</>)</>'],
    ['"*a*"', '"<em>a</>"'],
    ['*😀*b', '*😀*b'],
    ['_*foo*_ *_a_*', '<em><em>foo</></> <em><em>a</></>'],
  ])('reads the emphasis of %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['今日は**「特売」**です。', '今日は<strong>「特売」</>です。'],
    [
      '请先按**“开始”**键，**别忘了！**再走。',
      '请先按<strong>“开始”</>键，<strong>别忘了！</>再走。',
    ],
    [
      '**"저장"**을 누르고 **부산(Busan)**에',
      '<strong>"저장"</>을 누르고 <strong>부산(Busan)</>에',
    ],
    ['กด**"ส่ง"**แล้ว ກົດ**(ok)**ນີ້', 'กด<strong>"ส่ง"</>แล้ว ກົດ<strong>(ok)</>ນີ້'],
    [
      '**一つ目：**皿 *注：*水 ***要点：***火',
      '<strong>一つ目：</>皿 <em>注：</>水 <em><strong>要点：</></>火',
    ],
    [
      '店は**[駅前](/s)**、命令は**`ls`**です',
      '店は<strong><link /s>駅前</></>、命令は<strong><code>ls</></>です',
    ],
    ['**「甲」と『乙』**は（**丙**）', '<strong>「甲」と『乙』</>は（<strong>丙</>）'],
    [
      '**価格（税込）**：〜**50%**引き、**￥300**の',
      '<strong>価格（税込）</>：〜<strong>50%</>引き、<strong>￥300</>の',
    ],
    ['~~「旧」~~新、**𠮷（よし）**野家', '<del>「旧」</>新、<strong>𠮷（よし）</>野家'],
    ['**「a *b：*c」**d', '<strong>「a <em>b：</>c」</>d'],
    ['語_中_語 「_端_」', '語_中_語 「<em>端</>」'],
  ])('emphasises beside scripts without spaces: %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['**Tip:**take two. The **(new)**one', '<strong>Tip:</>take two. The <strong>(new)</>one'],
    ['**"Said"**s, **Stop!**go', '<strong>"Said"</>s, <strong>Stop!</>go'],
    ['the**(old)** one, a**"b"**c', 'the<strong>(old)</> one, a<strong>"b"</>c'],
    ['its**[x](/y)**z', 'its<strong><link /y>x</></>z'],
    [
      '**C++**code, **`f()`**now, **✅**Done',
      '<strong>C++</>code, <strong><code>f()</></>now, <strong>✅</>Done',
    ],
    ['(**Note:**read), __(a **B:**c)__', '(<strong>Note:</>read), <strong>(a <strong>B:</>c)</>'],
    ['**Note (a * b):**read, ~~(gone)~~new', '<strong>Note (a * b):</>read, <del>(gone)</>new'],
    ['***Note:***read **this**', '<em><strong>Note:</></>read <strong>this</>'],
    [
      '**Note:**read **this** and **that:**too',
      '<strong>Note:</>read <strong>this</> and <strong>that:</>too',
    ],
    ['**a "**b**" c**', '<strong>a "<strong>b</>" c</>'],
  ])('emphasises what a reader takes for it: %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ...['2*3*4 = 24', 'a*b*c', '2*pi*r', '3 * 4 * 5', 'm*c**2', 'x**2 + y**2', '2**n + 3**m'],
    ...[
      '(a+b)**2 + (c+d)**2',
      '2**(n-1) + 3**(m-1)',
      'x**(n-1) + y**(m-1)',
      '10**-3',
      '2 ** (3) ** 4',
      'x**2, (y)**2',
    ],
    ...['f(*args, **kwargs) and g(*args, **kwargs)', 'f(**kwargs), g(**kwargs)', 'f(**a,**b)'],
    ...['snake_case_name', '*.ts, *.js', '*.ts,*.js', '*.ts, x*.js, *.md'],
    ...[
      'src/**/*.ts and test/**/*.ts',
      '**/*.js and src/**/*.ts',
      '/* words */',
      '/** words */',
      '5~7, ~3~5',
    ],
    ...['H~2~O', '~x~', '約5~7個、100~200倍', '~/a and ~/b', 'a ~ b ~ c', '* a * b', '** a **'],
  ])('leaves marks that are text: %j', (text) => {
    expect(read(text)).toBe(text)
  })

  it.each([
    ['**2**nd and *1*st', '<strong>2</>nd and <em>1</>st'],
    [
      'walk*ed*, un*frigging*real, walk**s**',
      'walk<em>ed</>, un<em>frigging</>real, walk<strong>s</>',
    ],
    ['**.env**, **/etc/hosts**, **C**', '<strong>.env</>, <strong>/etc/hosts</>, <strong>C</>'],
    ['**/api/a/** and **/api**', '<strong>/api/a/</> and <strong>/api</>'],
    ['第**1**章の*2*節', '第<strong>1</>章の<em>2</>節'],
  ])('emphasises what only resembles such text: %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['`a` `` b ` c `` ` `', '<code>a</> <code>b ` c</> <code> </>'],
    ['`a ``b', '`a ``b'],
    ['`a\nb`', '<code>a b</>'],
    ['`*a*` *`b*`', '<code>*a*</> *<code>b*</>'],
    ['\\*a\\* \\a \\`', '«*»a«*» \\a «`»'],
    ['a  \nb\\\nc \n d', 'a<br>⏎b<br>⏎c<br>⏎d'],
    ['a<br>\nb<br />\n c', 'a<br>⏎b<br>⏎c'],
    ['it costs 5$\nb', 'it costs 5$<br>⏎b'],
    ['<b>a</b> <1> <!-- x --> a < b', '<html><b></>a<html></b></> <1>  a < b'],
    ['$x$ and \\(y\\)', '<math>x</> and <math>y</>'],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['[a](/x)', '<link /x>a</>'],
    ['[a](</x y> "t")', '<link /x y t>a</>'],
    ["[a]( /x(y)\n'it' )", '<link /x(y) it>a</>'],
    ['[a](x y)', '[a](x y)'],
    ['[a](/x y)', '<link /x y>a</>'],
    [
      '[Our plan](https://a.b/the plan (2).pdf "Q 1") b (c)',
      '<link https://a.b/the plan (2).pdf Q 1>Our plan</> b (c)',
    ],
    ['![a](./my own.png) [b](../c d )', '<image ./my own.png>a</> <link ../c d>b</>'],
    ['[a](https://a.b/c d\ne) f', '[a](<link https://a.b/c>«https://a.b/c»</> d<br>⏎e) f'],
    ['[so](and so on), x[i](y z)', '[so](and so on), x[i](y z)'],
    ['[a]()', '<link >a</>'],
    ['[*a](/x)*', '<link /x>*a</>*'],
    ['[a [b](/x) c](/y)', '[a <link /x>b</> c](/y)'],
    ['![a ![b](/x)](/y)', '<image /y>a <image /x>b</></>'],
    ['[![a](/x)](/y)', '<link /y><image /x>a</></>'],
    [
      '[Ref] [ref][] [a][REF] [a][none]',
      '<link /r R>Ref</> <link /r R>ref</> <link /r R>a</> [a][none]',
    ],
    ['[two\n words]', '<link /t>two<br>⏎words</>'],
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
    ['詳しくは https://a.b/c。次に', 'https://a.b/c'],
    ['看 https://a.b/c（说明）', 'https://a.b/c'],
    ['（https://a.b/c）と【https://a.b/d】', 'https://a.b/c https://a.b/d'],
    [
      '「https://a.b/c」、『https://a.b/d』、《https://a.b/e》',
      'https://a.b/c https://a.b/d https://a.b/e',
    ],
    [
      '“https://a.b/c”, ‘https://a.b/d’, «https://a.b/e», „https://a.b/f“',
      'https://a.b/c https://a.b/d https://a.b/e https://a.b/f',
    ],
    ['"https://a.b/c","https://a.b/d"', 'https://a.b/c https://a.b/d'],
    [
      'https://a.b/c… https://a.b/d—then https://a.b/e–',
      'https://a.b/c https://a.b/d https://a.b/e',
    ],
    ['在https://a.b/c英文，在https://a.b。', 'https://a.b/c https://a.b'],
    ['여기https://a.b/c에서 https://a.b로', 'https://a.b/c https://a.b'],
    ['ดูที่https://a.b/cได้', 'https://a.b/c'],
    ['https://a.b/にアクセス、https://a.b/c/をご覧', 'https://a.b/ https://a.b/c/'],
    [
      'https://a.b/c？d https://a.b/e！ https://a.b/f；',
      'https://a.b/c https://a.b/e https://a.b/f',
    ],
    [
      'https://a.b/c، ثم https://a.b/d۔ https://a.b/e।',
      'https://a.b/c https://a.b/d https://a.b/e',
    ],
    ['**https://a.b/c**。 *https://a.b/d*和', 'https://a.b/c https://a.b/d'],
    ['（见https://a.b/c_(d)）(https://a.b/e)', 'https://a.b/c_(d) https://a.b/e'],
    ['访问www.a.b。 www.a.b/c（d）', 'http://www.a.b http://www.a.b/c'],
    ['宛先：me@a.b。 写信到me@a.cn吧', 'mailto:me@a.b mailto:me@a.cn'],
    ['https://a.b/c、https://a.b/d・https://a.b/e', 'https://a.b/c https://a.b/d https://a.b/e'],
  ])('ends the addresses in %j where the sentence goes on', (text, expected) => {
    const found = readInline(text, LINKS).flatMap((token) => {
      const inside =
        typeof token === 'object' && 'tokens' in token ? [token, ...token.tokens] : [token]
      return inside.flatMap((one) => (typeof one === 'object' && 'href' in one ? [one.href] : []))
    })
    expect(found.join(' ')).toBe(expected)
  })

  it.each([
    'https://ja.a.b/wiki/東京都',
    'https://ja.a.b/wiki/ジョン・スミス',
    'https://ja.a.b/wiki/春_(小説)',
    'https://zh.a.b/w/a/北京#历史',
    'https://a.b/?q=大阪&r=天気',
    'https://ko.a.b/w/서울',
    'https://ru.a.b/wiki/Москва',
    'https://ar.a.b/wiki/القاهرة',
    'https://a.b/%E6%9D%B1?x=%E4%BA%AC',
    'https://a.b/Gauß–Seidel',
    'http://例え.テスト/a',
    'https://hi.a.b/wiki/दिल्ली',
    'https://a.b/c#d,e;f=1',
  ])('keeps the address %j whole', (text) => {
    expect(readInline(text, LINKS)).toMatchObject([{ type: 'link', href: text }])
  })

  it.each([
    ['So it is.\ue200cite\ue202turn2view0\ue202turn2view3\ue201 More', 'So it is. More'],
    ['So \ue200filecite\ue202turn0file1\ue201, so\ue200cite\ue202turn1', 'So, so'],
    ['**so\ue200cite\ue202turn0search1\ue201** 【4:0†source】【12:3†plan.pdf】.', '<strong>so</>.'],
    ['so【4†source】 【5†L1-L9】', 'so[4] [5]'],
    ['【1】【2024年】【重要】 【4:30】', '【1】【2024年】【重要】 【4:30】'],
  ])('takes out citations that only another page can follow: %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['a[^1], b[^1][^SO].', 'a<note>1</>, b<note>1</><note>So</>.'],
    [
      'a![^1] [ref][^1] [^1][ref] [^1](/x)',
      'a!<note>1</> <link /r R>ref</><note>1</> <note>1</><link /r R>ref</> <note>1</>(/x)',
    ],
    ['[^2] [^0-9] `[^1]` [a [^1]](/x)', '[^2] [^0-9] <code>[^1]</> <link /x>a <note>1</></>'],
  ])('leads to the notes that there are: %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })
})
