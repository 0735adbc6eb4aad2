import { describe, expect, it } from 'vitest'
import { readFrontMatter, parseDocument } from './parse-document.ts'

import { cpuTimeOf, growthOf, slowTexts } from '../testing/growth.ts'
import { HARD_TEXTS } from '../testing/hard-texts.ts'

const texts = (path: string, text: string) =>
  parseDocument(path, text).passages.map((passage) => passage.text)

describe('front matter', () => {
  const fieldsOf = (text: string) => readFrontMatter(text).fields

  it('reads quoted and bare values, comments, lists and Windows lines', () => {
    const { fields, body } = readFrontMatter(
      '\uFEFF---\r\nTitle: "A: b # c"\r\nurl: /x # ours\r\ntags:\r\n  - a\r\n  - "b, c"\r\nother: {x: 1}\r\n---\r\nBody\r\n',
    )
    expect(fields).toEqual({ title: 'A: b # c', url: '/x', tags: ['a', 'b, c'] })
    expect(body).toBe('Body\r\n')
  })

  it.each([
    ['tags: [a, "b c"]', { tags: ['a', 'b c'] }],
    ['tags: a, b c', { tags: ['a', 'b c'] }],
    ['tags:', {}],
    ['title: >\n  One\n  two\nlanguage: no', { title: 'One two', language: 'no' }],
    ['title: 1984\nlang: pt-BR', { title: '1984', language: 'pt-BR' }],
    [
      'title: "Q&amp;A &lt;b&gt; &amp;amp;"\ncreator: R&eacute;n&#233;',
      { title: 'Q&A <b> &amp;', creator: 'Réné' },
    ],
    ['title: [not, a, title]\ndomain: garden', { domain: 'garden' }],
  ])('understands %j', (written, fields) => {
    expect(fieldsOf(`---\n${written}\n---\nText`)).toEqual(fields)
  })

  it('may be TOML', () => {
    expect(
      readFrontMatter(
        '+++\ntitle = "Care"\ndate = 2020-01-01\ntags = ["a", "b"]\n[menu]\n+++\nText',
      ),
    ).toEqual({ fields: { title: 'Care', tags: ['a', 'b'] }, body: 'Text' })
  })

  it.each([
    [
      'title: Care: linen\nurl: /care',
      { title: 'Care: linen', url: '/care' },
      /^line 2: Nested mappings/,
    ],
    ['url: /care\ntitle: "Care', { title: 'Care', url: '/care' }, /^line 3: Missing closing/],
    ['url: /care\n\ttags: x', { url: '/care' }, /^line /],
    ['title: Care\ncreator: *nobody', { title: 'Care', creator: '*nobody' }, /alias/],
  ])('that is broken is said, and read as far as it goes: %j', (written, fields, problem) => {
    const document = parseDocument('a.md', `---\n${written}\n---\nText.`)
    expect(document.passages.map(({ text }) => text)).toEqual(['Text.'])
    expect(document.problem).toMatch(problem)
    expect(fieldsOf(`---\n${written}\n---\nText.`)).toEqual(fields)
  })

  it('that never ends is said, and is text', () => {
    const { passages, problem } = parseDocument('a.md', '---\ntitle: never closed\n\nText.')
    expect(problem).toBe('its last line of hyphens is missing')
    expect(passages.map(({ text }) => text).join('\n')).toContain('Text.')
  })

  it.each(['---\nJust a rule\n---\nText', 'title: x\n---\n', ''])('leaves %j alone', (text) => {
    expect(readFrontMatter(text)).toEqual({ fields: {}, body: text })
  })
})

describe('a document', () => {
  it('is named by its front matter, else its first heading, else its file', () => {
    expect(parseDocument('a.md', '---\ntitle: Given\n---\n# Heading\n').title).toBe('Given')
    expect(parseDocument('a.md', 'Intro\n\n# The `real` one\n').title).toBe('The real one')
    expect(parseDocument('docs/refund-policy_v2.md', 'Text').title).toBe('Refund policy v2')
    expect(parseDocument('a.html', '<title>Page &amp; more</title><p>x</p>').title).toBe(
      'Page & more',
    )
  })

  it('carries its creator, domain and link to every passage', () => {
    const { passages } = parseDocument(
      'a.md',
      '---\ncreator: Asha\ndomain: cooking\nurl: https://x.test/a\n---\nOne.\n\n## Two\n\nThree.\n',
    )
    expect(
      passages.map(({ creator, domain, url, section }) => [creator, domain, url, section]),
    ).toEqual([
      ['Asha', 'cooking', 'https://x.test/a', null],
      ['Asha', 'cooking', 'https://x.test/a', 'Two'],
    ])
    expect(new Set(passages.map(({ id }) => id)).size).toBe(2)
  })

  it.each([
    ['java\tscript:alert(1)', null],
    ['data:text/html,x', null],
    ['vbscript:msgbox(1)', null],
    ['https://x.test/', 'https://x.test/'],
    ['/path#part', '/path#part'],
    ['page.html', 'page.html'],
  ])('links to %s as %s', (written, url) => {
    expect(parseDocument('a.md', `---\nurl: ${written}\n---\nText.`).passages[0]?.url).toBe(url)
  })

  it('takes from its folder what it does not say itself', () => {
    const defaults = {
      title: 'Usual',
      creator: 'Asha',
      domain: 'garden',
      tags: ['plants'],
      language: 'de',
    }
    const document = parseDocument('a.md', '---\ndomain: kitchen\n---\nText.', defaults)
    expect(document).toMatchObject({ title: 'Usual', language: 'de' })
    expect(document.passages[0]).toMatchObject({
      creator: 'Asha',
      domain: 'kitchen',
      tags: ['plants'],
    })
    expect(parseDocument('a.md', '# Own\n\nText.', defaults).title).toBe('Own')
  })

  it('knows the ids of its headings where the page has them as GitHub does', () => {
    const { passages } = parseDocument(
      'a.md',
      '# What’s new?\n\n## Prices & more\n\na\n\n## Prices & more\n\nb\n\n## `x_y` {#own}\n\nc\n',
      { anchors: 'github' },
    )
    expect(passages.map(({ anchor }) => anchor)).toEqual(['prices--more', 'prices--more-1', 'own'])
  })

  it('may be empty or hold headings alone', () => {
    expect(parseDocument('a.md', '')).toEqual({ id: 'a.md', title: 'A', passages: [] })
    expect(parseDocument('a.md', '# A\n\n## B\n').passages).toEqual([])
  })
})

describe('Markdown', () => {
  it('becomes plain text that keeps code', () => {
    expect(
      texts(
        'a.md',
        'Set **`PORT`** in [the *file*](http://x), see ![the map](m.png) &amp; <b>go</b>.\n\n' +
          '```sh\nnpm start\n```\n\n> Quoted `a``b`.\n',
      ),
    ).toEqual([
      'Set `PORT` in the file, see the map & go.\n\n```sh\nnpm start\n```\n\nQuoted `a``b`.',
    ])
  })

  it('keeps lists and tables as they can be read', () => {
    expect(
      texts(
        'a.md',
        'List:\n\n- one\n- [x] two\n  - deep\n\n| Name | Does |\n|-|-|\n| `a` | b \\| c |\n\nAfter.\n',
      ),
    ).toEqual([
      'List:\n- one\n- two\n  - deep\n\n| Name | Does |\n| --- | --- |\n| `a` | b \\| c |\n\nAfter.',
    ])
  })

  it('keeps the numbers of steps', () => {
    expect(
      texts(
        'a.md',
        '3. Open it.\n4. Wait:\n\n   ```\n   go\n   ```\n\n5. Close it:\n   1. slowly\n   - or not\n',
      ),
    ).toEqual(['3. Open it.\n4. Wait:\n\n```\ngo\n```\n5. Close it:\n   1. slowly\n   - or not'])
  })

  it.each([
    '## Prices {#cost}',
    '## Prices {: #cost .wide }',
    '## <a id="cost"></a>Prices',
    "## Prices <a name='cost'></a>",
    '<a id="cost"></a>\n\n## Prices',
    '<a name="cost"></a>\n## Prices',
    '<h2 id="cost">Prices</h2>\n',
    '<section id="cost">\n<h2>Prices</h2></section>\n',
  ])('knows where a link leads that names the heading %j', (heading) => {
    const { passages } = parseDocument(
      'a.md',
      `Before.\n\n${heading}\n\nTwo euros.\n\n## More\n\nText.\n`,
    )
    expect(passages.map(({ section, anchor }) => [section, anchor])).toEqual([
      [null, null],
      ['Prices', 'cost'],
      ['More', null],
    ])
  })

  it('puts the headings above a passage into its section', () => {
    const { passages } = parseDocument(
      'a.md',
      '# T\n\na\n\n## B `x`\n\nb\n\n### C\n\nc\n\n## D\n\nd\n',
    )
    expect(passages.map(({ section, text }) => [section, text])).toEqual([
      [null, 'a'],
      ['B x', 'b'],
      ['B x › C', 'c'],
      ['D', 'd'],
    ])
  })

  it('fences code so that nothing in it can close the fence', () => {
    expect(texts('a.md', '````md\n```\ncode\n```\n````\n')).toEqual([
      '````md\n```\ncode\n```\n````',
    ])
  })

  it('keeps what looks like a tag and is none', () => {
    expect(
      texts(
        'a.md',
        'Run `x`, git clone <repo-url>, cp <source> <target>, List<String>, <std::string> or a<b and c>d.\n\n' +
          '## The <Button> of <b>all</b>\n\n- tool <input> <output>\n\n| <Card> |\n|-|\n| </dir> |\n\n' +
          '<answer>\n**42**\n</answer>\n\n<div align="center">\nDear <customer> of <i>ours</i>\n</div>\n\n' +
          '<!-- hidden -->\n<p><a href="/x">See <T></a> <img src="y.png"></p>\n',
      ),
    ).toEqual([
      'Run `x`, git clone <repo-url>, cp <source> <target>, List<String>, <std::string> or a<b and c>d.',
      [
        '- tool <input> <output>',
        '| <Card> |\n| --- |\n| </dir> |',
        '<answer> 42 </answer>',
        'Dear <customer> of ours',
        'See <T>',
      ].join('\n\n'),
    ])
    expect(parseDocument('a.md', '# The <Button>\n\na').title).toBe('The <Button>')
  })

  it('keeps stray backticks from becoming code', () => {
    expect(texts('a.md', 'A \\` and a `` ` `` here')).toEqual(['A ’ and a `` ` `` here'])
  })
})

describe('HTML', () => {
  it('is read without its scripts, styles, comments and tags', () => {
    const page = parseDocument(
      'a.html',
      `<!doctype html><html><head><title>Shop</title><style>p{color:red}</style></head><body>
       <script>alert('</p>')</script><!-- <p>hidden</p> --><h1>Our <em>shop</em></h1>
       <p onclick="x('>')">Open &lt;daily&gt; &#8211; ask&nbsp;us.</p>
       <h2>Prices</h2><ul><li><p>Tea: <b>2</b> €</p><li>Bun</ul>
       <table><tr><th>Day</th><td>Mon</td></tr></table>
       <pre><code class="language-js">a &lt; b\n  c</code></pre><p>Use <code>x</code>.</p>
       <svg><text>no</text></svg><noscript>no</noscript></body></html>`,
    )
    expect(page.title).toBe('Our shop')
    expect(page.passages.map(({ section, text }) => [section, text])).toEqual([
      [null, 'Open <daily> – ask us.'],
      ['Prices', '- Tea: 2 €\n- Bun\n- Day: Mon\n\n```js\na < b\n  c\n```\n\nUse `x`.'],
    ])
  })

  it('is read with every character that has a name or a number', () => {
    const page =
      'A &rarr; B &mapsto; C, 5 &lt; 6 &#x2264; 7 &#150; &Zopf;&fjlig;, hy&shy;phen, &unheardof; &amp;lt; &copy 2020 a&nbsp;b'
    expect(texts('a.html', `<p title="&quot;>&quot;">${page}</p>`)).toEqual([
      'A → B ↦ C, 5 < 6 ≤ 7 – ℤfj, hyphen, &unheardof; &lt; © 2020 a b',
    ])
  })

  it.each([
    '<p',
    '<',
    '<p title="never closed',
    '<script>never closed <p>x</p>',
    '<!-- never closed',
    '</p></div>',
    '<pre><code>open',
    '<İ>x</İ><script>İ</script>y',
    `${'<div>'.repeat(20_000)}deep`,
    '<'.repeat(50_000),
    '<a b="'.repeat(20_000),
  ])('survives broken page %#', (page) => {
    expect(parseDocument('a.html', page).title).toBe('A')
  })
})

describe('HTML that is laid out', () => {
  it.each([
    ['<ol start="3"><li>c<li value=7><p>g</p><p>more</p><li>h</ol>', '3. c\n7. g\n\nmore\n8. h'],
    ['<ul><li>a<ul><li>b</ul><li>c<ol><li>d</ol></ul>', '- a\n  - b\n- c\n  1. d'],
    ['<p>Steps:</p><ol><li>one</li><li>two</li></ol>', 'Steps:\n1. one\n2. two'],
    [
      '<dl><dt>Fern</dt><dd>A plant.</dd><dt>Moss<dt>Lichen<dd>Small.<dd>Old.</dl>',
      '- Fern: A plant.\n- Moss, Lichen: Small.\n- Old.',
    ],
    ['<details><summary>May I?</summary><p>You may.</p></details>', 'May I?\n\nYou may.'],
    [
      '<table><caption>Sizes</caption><thead><tr><th>Size<th>Price</thead><tr><td>S<td>a|b<tr><td>M</table>',
      'Sizes\n\n| Size | Price |\n| --- | --- |\n| S | a\\|b |\n| M |  |',
    ],
    [
      '<table><tr><td>Size<td>Price<tr><td rowspan=2>S<td>1<tr><td>2<tr><td colspan=2>all</table>',
      '| Size | Price |\n| --- | --- |\n| S | 1 |\n| S | 2 |\n| all |  |',
    ],
    [
      '<table><tr><th>Open<th>Mon<th>Tue</tr><tr><td>from<td><p>8</p><td><ul><li>9<li>10</ul></table>',
      '| Open | Mon | Tue |\n| --- | --- | --- |\n| from | 8 | 9; 10 |',
    ],
    ['<table><tr><td><h2>Left</h2><p>a</p><td><p>b</p></table>', 'a\n\nb'],
    ['<table role=presentation><tr><td>a<td>b</table>', 'a\n\nb'],
    [
      '<div class="highlight-python"><div class="highlight"><pre><span></span>x <b>=</b> 1\n</pre></div></div>',
      '```python\nx = 1\n```',
    ],
    [
      '<pre class="language-sh"><code>npm i<br>npm start</code><button>Copy</button></pre>',
      '```sh\nnpm i\nnpm start\n```',
    ],
    [
      '<table class="highlighttable"><tr><td class="linenos"><pre>1\n2</pre><td class="code"><pre>a\nb</pre></table>',
      '```\na\nb\n```',
    ],
    [
      '<p>Seen.</p><p hidden>a</p><p style="display: none">b</p><span aria-hidden="true">c</span><b class="sr-only">d</b>',
      'Seen.',
    ],
    ['<ol><li id="n1"><p>They do. <a href="#r1">↩</a></p></li></ol>', '1. They do.'],
    [
      '<table><tr><td>A<td>B<tr><td>1<td>2 <a href="#r1">↑</a></table>',
      '| A | B |\n| --- | --- |\n| 1 | 2 |',
    ],
    ['<p>See <a href="#c">C</a>, <a href="/up">↑</a>', 'See C, ↑'],
    ['<p>Cats sleep.<sup><a href="#fn1">[1]</a></sup> H<sub>2</sub>O</p>', 'Cats sleep. H2O'],
  ])('%s', (page, text) => {
    expect(texts('a.html', page)).toEqual([text])
  })

  it.each([
    '<h2 id="cost">Prices</h2>',
    '<h2 id="cost"><a class="anchor" href="#cost">#</a>Prices</h2>',
    '<h2><a name="cost"></a>Prices<a class="headerlink" href="#cost">¶</a></h2>',
    '<section id="cost"><h2>Prices</h2>',
    '<a id="cost"></a><h2>Prices</h2>',
    '<div id="cost" class="section"><div><h2>Prices</h2>',
  ])('knows where a link leads that names %s', (heading) => {
    const { passages } = parseDocument(
      'a.html',
      `<p id="p">Before.</p>${heading}<p>Two euros.</p><h2>More</h2><p>Text.`,
    )
    expect(passages.map(({ section, anchor }) => [section, anchor])).toEqual([
      [null, null],
      ['Prices', 'cost'],
      ['More', null],
    ])
  })
})

describe('plain text', () => {
  it('is cut at blank lines', () => {
    expect(texts('note.txt', 'One\nline.\r\n\r\nTwo `x`.')).toEqual(['One line.\n\nTwo ’x’.'])
  })
})

describe('passages', () => {
  const sentence = (number: number) => `Sentence number ${number} says one thing about the matter.`
  const paragraph = Array.from({ length: 60 }, (_, index) => sentence(index)).join(' ')

  it('are 400 to 900 characters of whole sentences', () => {
    const passages = texts('a.md', paragraph)
    expect(passages.length).toBeGreaterThan(3)
    for (const passage of passages) {
      expect(passage.length).toBeLessThanOrEqual(900)
      expect(passage).toMatch(/^Sentence .*matter\.$/)
    }
    for (const passage of passages.slice(0, -1)) expect(passage.length).toBeGreaterThan(400)
    expect(passages.join(' ')).toBe(paragraph)
  })

  it('keep a code block with the text before it', () => {
    const [first] = texts(
      'a.md',
      `${paragraph.slice(0, 600)}.\n\n\`\`\`\n${'x\n'.repeat(200)}\`\`\`\n`,
    )
    expect(first).toContain('```')
  })

  it('cut a text without sentences at words, and one without words anywhere', () => {
    expect(texts('a.md', 'word '.repeat(1_000)).every((text) => /^(?:word ?)+$/.test(text))).toBe(
      true,
    )
    const emoji = texts('a.md', '😀'.repeat(3_000))
    expect(emoji.join('').replaceAll(/\s/g, '')).toBe('😀'.repeat(3_000))
    expect(emoji.every((text) => text.isWellFormed())).toBe(true)
  })

  it('keep a table whole, and give each part of a long one its header', () => {
    const table = (rows: number) => `| Name | Size |\n|-|-|\n${'| Fern | large |\n'.repeat(rows)}`
    const [whole, ...others] = texts('a.md', table(80))
    expect(others).toEqual([])
    expect(whole?.match(/Fern/g)).toHaveLength(80)
    const parts = texts('a.md', table(400))
    expect(parts.join('\n').match(/Fern/g)).toHaveLength(400)
    for (const part of parts) {
      expect(part).toMatch(/^\| Name \| Size \|\n\| --- \| --- \|\n(?:\| Fern \| large \|\n?)+$/)
      expect(part.length).toBeLessThanOrEqual(2_000)
    }
    const long = texts('a.md', `| Name | Tale |\n|-|-|\n| Fern | ${'It grew. '.repeat(600)}|\n`)
    expect(long[0]).toMatch(/^Name: Fern; Tale: It grew\./)
    for (const part of long) expect(part.length).toBeLessThanOrEqual(1_300)
  })

  it('keep a list together', () => {
    const steps = Array.from(
      { length: 12 },
      (_, index) => `${index + 1}. ${sentence(index)} Then rest.\n`,
    )
    expect(texts('a.md', `Do this:\n\n${steps.join('')}`)).toHaveLength(1)
  })

  it('cut endless code into fences of its own', () => {
    const passages = texts('a.md', `\`\`\`js\n${'call()\n'.repeat(2_000)}\`\`\`\n`)
    expect(passages.length).toBeGreaterThan(3)
    for (const passage of passages) expect(passage).toMatch(/^```js\n[\s\S]*\n```$/)
  })
})

describe('a long document', () => {
  const textOf = (source: string) =>
    parseDocument('a.md', source)
      .passages.map(({ text }) => text)
      .join('\n')

  it('is read like a short one, whatever its blocks hold', () => {
    const words = 'some words '.repeat(100)
    const text = textOf(
      [
        `See [the manual][m]. ${words}`,
        `<!-- ${`${words}\n\n`.repeat(20)}hidden -->`,
        `| Name | Size |\n|---|---|\n${'| Fern | large |\n'.repeat(1_000)}| Moss | small |`,
        `\`\`\`\n${'# no heading\n\n'.repeat(1_000)}\`\`\``,
        `<pre>\n${'# no heading\n\n'.repeat(1_000)}</pre>`,
        '- an item\n  of two lines\n'.repeat(1_000),
        `[m]: https://example.org`,
      ].join('\n\n'),
    )
    expect(text).toContain('See the manual. some words')
    expect(text).not.toMatch(/hidden|-->/)
    expect(text).toContain('| Moss | small |')
    expect(text.match(/^# no heading$/gm)).toHaveLength(2_000)
    expect(text.match(/an item of two lines/g)).toHaveLength(1_000)
  })

  it('may be nested deeper than anybody reads, and wider', () => {
    for (const marks of ['> ', '- ', '1. ', '>']) {
      expect(textOf(`${marks.repeat(20_000)}deep`)).toContain('deep')
    }
    const wide = `${'|a'.repeat(2_000)}|\n${'|-'.repeat(2_000)}|\n${'|b|\n'.repeat(2_000)}`
    expect(textOf(wide).length).toBeLessThan(2 * wide.length)
  })

  it('costs no more for tables within tables than for other elements', () => {
    const read = (unit: string) => () => parseDocument('a.html', unit.repeat(12_000))
    read('<div><p>a<p>b')()
    const usual = cpuTimeOf(read('<div><p>a<p>b'))
    expect(cpuTimeOf(read('<table><tr><td>a<td>b')) / usual).toBeLessThan(8)
  })

  it('costs no more for each line the longer it is', { timeout: 600_000 }, () => {
    const read = (text: string) => parseDocument('a.md', text)
    for (const line of ['word', '- a', '> a', '[a]: /x', 'a <!--', '|a|b|\n|-|', '*a **b*']) {
      const growth = growthOf(read, (size) => `${line}\n`.repeat(size), 2_000)
      expect(growth, line).toBeLessThan(8)
    }
  })

  it('costs no more for each character of HTML, or of text', { timeout: 600_000 }, () => {
    expect(slowTexts((text) => parseDocument('a.html', text), HARD_TEXTS, 2_000)).toEqual([])
    expect(slowTexts((text) => parseDocument('a.txt', text), HARD_TEXTS, 1_000)).toEqual([])
  })

  it('costs no more for formatting that nobody has closed', () => {
    const read = (text: string) => parseDocument('a.html', text)
    const openedIn = (tag: (index: number) => string) => (size: number) =>
      Array.from({ length: size }, (_, index) => `<p>${tag(index)}x`).join('')
    const openedBefore = (size: number) =>
      Array.from({ length: size }, (_, index) => `<b id=${index}>`).join('') +
      '<p>x</p>'.repeat(size)
    const pages = [
      openedIn((index) => `<font color=${index}>`),
      openedIn((index) => `<a href=${index}><b>`),
      openedBefore,
    ]
    for (const page of pages) expect(growthOf(read, page, 500)).toBeLessThan(8)
  })
})
