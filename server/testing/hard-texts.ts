/**
 * Texts that cost careless readers ever more for each character: every construct of Markdown, HTML and
 * tagged text repeated, opened and never closed, nested, and with long insides.
 */

type Make = (size: number) => string

/** How characters are written below that could not be seen there, or would end it. */
const WRITTEN: Readonly<Record<string, string>> = {
  ...{ '⏎': '\n', '␍': '\r', '⇥': '\t', '␣': ' ', '␀': '\0', '⍽': '\u00a0' },
  ...{ '◌': '\u0301', '⁀': '\u200d', ˋ: '`' },
}

/** What stands between `┊`, each cut where it has `¦`. */
const cut = (written: string): readonly (readonly string[])[] =>
  written
    .trim()
    .split(/ ┊ |\n */)
    .map((unit) => unit.replaceAll(/[⏎␍⇥␣␀⍽◌⁀ˋ]/g, (sign) => WRITTEN[sign] ?? sign).split('¦'))

/** Whole lines, one as the other. */
const LINES = String.raw`
  [a]: /x ┊ [a]: /x "t" ┊ [a]: /x⏎"t" ┊ [a]: /x "t ┊ [a]:⏎/x ┊ [a]: <x y> ┊ [a]: <x ┊ [a
  [^1]: note ┊ a[^1] b ┊ # a ┊ # a # ┊ a⏎=== ┊ a⏎--- ┊ === ┊ --- ┊ a b c ┊ a b c⏎ ┊ - a ┊ + a
  * a ┊ 1. a ┊ 1) a ┊ - a⏎ ┊ - ┊ -⏎ ┊ - [ ] a ┊ - [x] a ┊ - a⏎  - b ┊ - a⏎  b⏎⏎  c ┊ - a⏎+ b⏎* c
  - ˋˋˋ⏎  a⏎  ˋˋˋ ┊ - > a ┊ 1. a⏎   - b⏎⏎     c ┊ > a ┊ > ┊ > a⏎ ┊ > - a ┊ > > a ┊ > a⏎b
  >     a ┊ > ˋˋˋ⏎> a ┊ > | a |⏎> |-|⏎> | b | ┊ |a|b| ┊ |-|-| ┊ -|- ┊ |a|b|⏎|-| ┊ |a|b|⏎|-|-|
  |a|b|⏎|-|-|⏎|1|2|⏎ ┊ a⏎|a|⏎|-|⏎|1|⏎ ┊ ˋˋˋ⏎a⏎ˋˋˋ ┊ ˋˋˋ⏎a⏎ˋˋˋ⏎ ┊ ~~~⏎a⏎~~~ ┊ ˋˋˋ aˋb ┊ ~~~ a
  ␣␣␣␣a ┊ ␣␣␣␣a⏎ ┊ ⇥a ┊ <div> ┊ <div>⏎ ┊ </div>⏎ ┊ <details>⏎ ┊ <x-y>⏎ ┊ <!-- a -->⏎ ┊ <!--
  <!--⏎⏎--> ┊ <script>⏎ ┊ <script>a</script> ┊ <? ┊ <![CDATA[ ┊ <!A ┊ a <!-- ┊ a <? ┊ a <b>x</b>
  <a⏎b= ┊ a␣␣ ┊ a\ ┊ a <br> ┊ $$ ┊ $$⏎a ┊ $$⏎a⏎ ┊ $$ a ┊ $$ a $$ ┊ $$ a $$ b ┊ \[ ┊ \[ a=
  \[⏎a= ┊ \[ a=⏎ ┊ \] ┊ \[a\] ┊ - $$⏎  a ┊ > $$⏎> a ┊ \( a ┊ $ a ┊ a $x ┊ a@b.c ┊ http://a.b/c
  www.a.b ┊ <http://a.b> ┊ ![a](/x) ┊ [a](/x) ┊ [a] ┊ [a][b] ┊ [a][] ┊ **a** ┊ **a ┊ __a ┊ ˋaˋ
  ˋa ┊ &amp; &copy; &#35; ┊ \* \_ ┊ שלום עולם ┊ e◌◌◌ ┊ <think> ┊ </think> ┊ <|python_start|>
  <|output_end|> ┊ a <think> ┊ ˋ<think> ┊ ␀ ┊ a␍
`

/** A first line, and all others. */
const OPENED = String.raw`
  - a¦lazy ┊ > a¦lazy ┊ > > > a¦lazy ┊ 1. a¦lazy ┊ - a¦␣␣b ┊ - a⏎¦␣␣b⏎ ┊ - a¦␣␣- b
  - a⏎  - b¦␣␣␣␣- c ┊ 1. a¦␣␣␣- b ┊ - a¦ ┊ - ˋˋˋ¦␣␣a ┊ > ˋˋˋ¦> a ┊ ˋˋˋ¦a ┊ ˋˋˋ¦ ┊ ~~~¦~~
  ˋˋˋˋˋ¦ˋˋˋˋ ┊ ␣␣␣␣a¦␣␣␣␣ ┊ |a|b|⏎|-|-|¦|1|2| ┊ |a|b|⏎|-|-|¦x ┊ |a|b|⏎|-|-|¦|\||\\|
  |a|b|⏎|-|-|¦|1| ┊ |a|b|⏎|-|-|¦|**a|_b| ┊ <script>¦a ┊ <pre>¦a ┊ <!--¦a ┊ <?php¦a ┊ <!DOCTYPE¦a
  <![CDATA[¦a ┊ <div>¦a ┊ <x-y>¦a ┊ <table¦a ┊ <details>⏎¦a⏎ ┊ <div>⏎¦- a⏎ ┊ $$¦a ┊ $$¦a $ b
  $$¦\] ┊ $$¦\frac ┊ \[ a=¦a ┊ \[ a=¦$$ ┊ $$¦\[ a=
  $$¦a⏎ ┊ $$¦$$$ ┊ \begin{array}¦a ┊ \begin{array}¦\end{array} ┊ $$¦\begin{array}
  \begin{array}¦\begin{array}a\end{array}
`

/** What is written over and over in a line. */
const RUNS = String.raw`
  *a␣ ┊ **a␣ ┊ ***a␣ ┊ _a␣ ┊ ~a␣ ┊ ~~a␣ ┊ *a _b␣ ┊ a*␣ ┊ a**␣ ┊ *a **b*␣ ┊ **a*b␣ ┊ *_ ┊ * ┊ ~*
  _ ┊ ~ ┊ *␣ ┊ a*b ┊ _a_b ┊ *( ┊ *[a ┊ [*a ┊ ˋ ┊ ˋa ┊ aˋbˋˋ ┊ ˋa ˋˋb␣ ┊ ˋ⏎ ┊ ˋ\ ┊ [ ┊ ![ ┊ ]
  [a ┊ [a] ┊ [a]( ┊ [a](b ┊ [a](b) ┊ [a](b c) ┊ [a](<b ┊ [a](<b> ┊ [a](b "c ┊ [a](b 'c
  [a](b (c ┊ [a](b "c") ┊ [a][b ┊ [a][b] ┊ ![a](b ┊ [![a](b)](c) ┊ [[a](b) ┊ [a](b( ┊ [a](b\)
  [a](/b c ┊ [a](/b c) ┊ [a](/b␣ ┊ [a](http://b/(c ┊ [^a ┊ [^a] ┊ [^a]: ┊ **a:**b ┊ a**(b)** ┊ **「a」**b
  **a: ┊ a*b*c ┊ http://a/日 ┊ http://a.b/c/日 ┊ 日http://a ┊ 【 ┊ 【1:2†a】 ┊ 【1:2†a ┊ 【1† ┊ a⏎
  [a\] ┊ [ˋa ┊ [<b ┊ [www.a] ┊ < ┊ <a ┊ <a␣ ┊ <a b=" ┊ <a b=' ┊ <a b="c"␣ ┊ </a ┊ <! ┊ <!a
  <!a> ┊ <!-- ┊ <!--> ┊ <? ┊ <?a? ┊ <![CDATA[ ┊ <![cdata[ ┊ <a> ┊ <http: ┊ <a@b ┊ <div␣
  <details␣ ┊ </details ┊ & ┊ &a ┊ &amp ┊ &amp; ┊ &# ┊ &a; ┊ \ ┊ \a ┊ \⏎ ┊ \ˋ ┊ http://
  http://a ┊ http://a) ┊ http://a.b␣ ┊ www. ┊ www.a. ┊ www.a.b␣ ┊ a@ ┊ a@b ┊ a@b. ┊ a@b.c␣
  a.b@ ┊ a-b_ ┊ a@b- ┊ x@y.z- ┊ _a@b.c ┊ a. ┊ $ ┊ $a ┊ $a␣ ┊ $a$ ┊ $ a ┊ $$a ┊ $$$ ┊ $1␣ ┊ $x^
  a\ ┊ \( ┊ \(a ┊ \(\) ┊ \(␣ ┊ \[ ┊ \[a ┊ \[a= ┊ \[a\] ┊ $$ a␣ ┊ \(\[ ┊ a ┊ a␣ ┊ ␣ ┊ ␣␣␣⏎ ┊ ⇥
  ⍽ ┊ é ┊ e◌ ┊ ◌ ┊ ש ┊ 日 ┊ 。 ┊ 😀 ┊ ⁀ ┊ | ┊ |a ┊ || ┊ \| ┊ |- ┊ 1 ┊ 1.␣ ┊ > ┊ > -␣ ┊ -␣ ┊ + - *␣
  - 1.␣ ┊ # ┊ #␣ ┊ = ┊ - ┊ + ┊ a⏎ ┊ a⏎⏎ ┊ ⏎ ┊ ( ┊ ((a ┊ [^1] ┊ [x]␣ ┊ ... ┊ ' ┊ " ┊ ! ┊ "a
  a?"␣ ┊ A.␣ ┊ e.g.␣ ┊ <think> ┊ </think> ┊ a</think> ┊ <think></think> ┊ <think>ˋ ┊ ˋ<think>
  ˋ</think> ┊ <t ┊ <| ┊ <|python_start|> ┊ <|python_end|> ┊ <|output_start|>{}<|output_end|>
  ˋˋ⏎<think> ┊ ˋa⏎⏎<think> ┊ $$a$$$ ┊ $$ a$$ ┊ $ˋa ┊ $(a ┊ $] ┊ $a,$ ┊ \begin{array}
  \end{array} ┊ \begin{array}a\end{array} ┊ \begin{array}\begin{array}\end{array} ┊ \text{a ┊ $\text{
`

/** A beginning, what is written over and over behind it, and an end. */
const AROUND = String.raw`
  [¦a¦ ┊ [¦a¦] ┊ [¦a¦](b) ┊ [¦a¦]: /x ┊ [a](¦b¦ ┊ [a](¦(¦ ┊ [a](¦␣¦) ┊ [a](b "¦c¦")
  [a](b "¦\"¦") ┊ [a]: /x "¦t⏎¦" ┊ [a](¦&¦) ┊ [a](¦&a¦) ┊ ˋˋˋ¦&a¦ ┊ <a¦␣¦> ┊ <a¦␣¦x ┊ <a␣¦b␣¦>
  <a␣¦b=c␣¦ ┊ <a b="¦c¦"> ┊ <a b="¦c¦ ┊ </a¦␣¦ ┊ <!--¦-¦ ┊ <!--¦--¦ ┊ <?¦?¦ ┊ <!a¦a¦ ┊ <http:¦a¦
  <¦a¦@ ┊ <a@¦b.¦> ┊ <¦a¦ ┊ ˋ¦a¦ ┊ ˋ␣¦a¦ˋ ┊ ˋ¦␣¦ˋ ┊ ˋˋ¦ˋ¦ ┊ $¦a¦$ ┊ $¦\a¦$ ┊ $¦a¦ ┊ $$¦a¦$$
  $$¦a⏎¦$$ b ┊ $$¦(,¦$$ ┊ $]¦,¦$ ┊ $a¦␣¦b$ ┊ |$¦|¦$| ┊ \begin{array}¦a¦\end{array}
  \(¦␣¦\) ┊ \[¦a⏎¦\] b ┊ \[ a=⏎¦\[ a=⏎¦⏎end ┊ $$⏎¦\[ a=⏎¦⏎end ┊ p⏎¦$$ a⏎⏎¦end
  - $$⏎¦␣␣\[ a=⏎¦⏎end ┊ a¦␣¦b ┊ a¦␣¦⏎b ┊ # a¦␣¦b ┊ # a¦␣#¦␣b ┊ #␣¦#¦a ┊ -¦␣¦a ┊ * * *¦␣¦a
  ¦*␣¦a ┊ a⏎¦-¦a ┊ a⏎=¦␣¦a ┊ ¦1¦. a ┊ -␣¦␣¦x ┊ ˋˋˋ¦ˋ¦a ┊ ˋˋˋ⏎¦ˋ¦a ┊ ˋˋˋ⏎ˋˋˋ¦␣¦a ┊ |¦a|¦⏎|-|⏎
  |a|⏎|¦-|¦⏎ ┊ |a|⏎|-¦␣¦b ┊ a|b⏎|-¦␣¦b ┊ |a|⏎|-|⏎|¦\¦| ┊ |a|⏎|-|⏎¦|¦ ┊ http://a¦.¦ ┊ http://a¦)¦
  http://a¦&b;¦ ┊ [¦www.a]¦ ┊ a@b.¦c_¦ ┊ a@¦b-¦ ┊ ¦a¦@b.c ┊ *¦a¦* ┊ *¦*¦a ┊ ~¦~¦a ┊ **a¦*¦
  <div>⏎¦<details␣¦ ┊ <script>¦a</¦ ┊ <pre>¦</pr¦ ┊ <think>¦a¦ ┊ <think>¦</¦ ┊ ˋ<think>¦a⏎¦
  ˋ¦<think>¦ ┊ ˋˋˋ⏎¦</think>¦ ┊ <|python_start|>¦<|¦
`

/** What opens and what closes. */
const NESTED = String.raw`
  [¦] ┊ [¦](b) ┊ ![¦](b) ┊ [![¦](b)](c) ┊ *¦* ┊ **¦** ┊ *_¦_* ┊ **a *¦* c** ┊ *a **b␣¦␣d** e*
  ~~¦~~ ┊ (¦) ┊ $¦$ ┊ >␣¦ ┊ -␣¦ ┊ 1.␣¦ ┊ \(¦\) ┊ \begin{array}¦\end{array} ┊ <b>¦</b> ┊ <div>⏎⏎¦⏎⏎</div>
  <details>¦</details> ┊ <think>¦</think> ┊ <think>ˋ¦ˋ</think>
`

/** Runs of a mark that get longer, each with something behind it. */
const rising =
  (mark: string, behind: string): Make =>
  (size) => {
    let text = ''
    for (let length = 1; text.length < size * 4; length += 1) text += mark.repeat(length) + behind
    return text
  }

const numbered = (size: number, line: (index: number) => string) =>
  Array.from({ length: size }, (_, index) => line(index)).join('')

const OTHERS: Readonly<Record<string, Make>> = {
  'tags behind rising runs of backticks': rising('`', '</think>'),
  'lists deeper and deeper'(size) {
    let text = ''
    for (let depth = 0; text.length < size * 4; depth += 1) text += `${'  '.repeat(depth)}- a\n`
    return text
  },
  'a wide table of short rows': (size) =>
    `${'|a'.repeat(size)}|\n${'|-'.repeat(size)}|\n${'|b|\n'.repeat(size)}`,
  'references and then definitions': (size) =>
    numbered(size, (index) => `[a${index}]\n\n`) + numbered(size, (index) => `[a${index}]: /x\n`),
  'definitions and then references': (size) =>
    numbered(size, (index) => `[a${index}]: /x\n`) + numbered(size, (index) => `\n[a${index}]\n`),
}

function* hardTexts(): Generator<readonly [name: string, make: Make]> {
  for (const [unit = ''] of cut(LINES)) {
    yield [`lines ${JSON.stringify(unit)}`, (size) => `${`${unit}\n`.repeat(size)}\nend\n`]
  }
  for (const [first = '', line = ''] of cut(OPENED)) {
    yield [
      `${JSON.stringify(first)} and lines ${JSON.stringify(line)}`,
      (size) => `${first}\n${`${line}\n`.repeat(size)}`,
    ]
  }
  for (const [unit = ''] of cut(RUNS))
    yield [`a run of ${JSON.stringify(unit)}`, (size) => unit.repeat(size)]
  for (const parts of cut(AROUND)) {
    const [before = '', unit = '', after = ''] = parts
    yield [`around ${JSON.stringify(parts)}`, (size) => before + unit.repeat(size) + after]
  }
  for (const [open = '', close = ''] of cut(NESTED)) {
    yield [
      `nested ${JSON.stringify([open, close])}`,
      (size) => `${open.repeat(size)}a${close.repeat(size)}`,
    ]
  }
  for (const mark of '`*_~$#>[') yield [`rising runs of ${mark}`, rising(mark, 'a ')]
  yield* Object.entries(OTHERS)
}

/** By name, each growing with the size that it is asked for. */
export const HARD_TEXTS: Readonly<Record<string, Make>> = Object.fromEntries(hardTexts())

/** Of these a text may have ten thousands. */
export const LONG_TEXTS: Readonly<Record<string, Make>> = Object.fromEntries(
  [
    '[a]: /x',
    'word',
    '- a',
    '1. a',
    '> a',
    '- a\n  - b',
    '| a | b |',
    '```',
    '    a',
    '<b>',
    '$$',
    '',
  ].map((line) => [`lines ${JSON.stringify(line)}`, (size) => `${line}\n`.repeat(size)]),
)
