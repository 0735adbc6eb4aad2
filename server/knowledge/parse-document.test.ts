import { describe, expect, it } from 'vitest'
import { readFrontMatter } from './front-matter.ts'
import { parseDocument } from './parse-document.ts'
import { growthOf, slowTexts } from '../testing/growth.ts'
import { HARD_TEXTS } from '../testing/hard-texts.ts'

const texts = (path: string, text: string) =>
  parseDocument(path, text).passages.map((passage) => passage.text)

describe('front matter', () => {
  it('reads quoted and bare values, comments and Windows lines', () => {
    const { fields, body } = readFrontMatter(
      '\uFEFF---\r\nTitle: "A: b # c"\r\nurl: /x # ours\r\nlist:\r\n  - no\r\n---\r\nBody\r\n',
    )
    expect([...fields]).toEqual([
      ['title', 'A: b # c'],
      ['url', '/x'],
    ])
    expect(body).toBe('Body\r\n')
  })

  it.each(['---\nJust a rule\n---\nText', '---\ntitle: never closed\n', 'title: x\n---\n', ''])(
    'leaves %j alone',
    (text) => {
      expect(readFrontMatter(text)).toEqual({ fields: new Map(), body: text })
    },
  )
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

  it('gives each list item and table row a line of its own', () => {
    expect(
      texts('a.md', 'List:\n\n- one\n- [x] two\n  - deep\n\n| Name | Does |\n|-|-|\n| `a` | b |\n'),
    ).toEqual(['List:\n- one\n- two\n- deep\n- Name: `a`; Does: b'])
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
        '- tool <input> <output>\n- <Card>: </dir>',
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
      ['Prices', '- Tea: 2 €\n- Bun\n- Day · Mon\n\n```js\na < b\n  c\n```\n\nUse `x`.'],
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
    expect(text).toContain('- Name: Moss; Size: small')
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

  it('costs no more for each line the longer it is', { timeout: 600_000 }, () => {
    const read = (text: string) => parseDocument('a.md', text)
    for (const line of ['word', '- a', '> a', '[a]: /x', 'a <!--', '|a|b|\n|-|', '*a **b*']) {
      const growth = growthOf(read, (size) => `${line}\n`.repeat(size), 2_000)
      expect(growth, line).toBeLessThan(8)
    }
  })

  it('costs no more for each character of HTML, or of text', { timeout: 600_000 }, () => {
    expect(slowTexts((text) => parseDocument('a.html', text), HARD_TEXTS, 1_000)).toEqual([])
    expect(slowTexts((text) => parseDocument('a.txt', text), HARD_TEXTS, 1_000)).toEqual([])
  })
})
