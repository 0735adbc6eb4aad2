import { describe, expect, it } from 'vitest'
import { growthOf } from '../testing/growth.ts'
import { parseDocument } from './parse-document.ts'

const read = (source: string) =>
  parseDocument('a.md', source)
    .passages.map(({ text }) => text)
    .join('\n\n')

describe('what only programs read is left out of', () => {
  it.each([
    [
      'comments',
      'One <!-- no --> two.<!--more-->\n\n<!--\nno\n\n```\nno\n-->\nThree.',
      'One two.\n\nThree.',
    ],
    ['comments in a paragraph', 'One.\ntwo <!-- no\n\nno --> three.', 'One. two\n\nthree.'],
    [
      'Hugo',
      'One {{< figure src="a.png" caption="no" >}} two.\n\n{{% notice tip %}}\nKeep it.\n{{% /notice %}}',
      'One two.\n\nKeep it.',
    ],
    [
      'Hugo links',
      'See [the page]({{< relref "a.md" >}}) or [us]({{ site.url }}/x).',
      'See the page or us.',
    ],
    [
      'Hugo code',
      '{{< highlight go "linenos=true" >}}\na := "{{< x >}}"\n{{< /highlight >}}',
      '```go\na := "{{< x >}}"\n```',
    ],
    [
      'Liquid',
      '{% include toc.html %}\n\nOne {{ page.title | upcase }} two{% if x %} three{% endif %}.',
      'One two three.',
    ],
    [
      'Liquid code',
      '{% highlight ruby linenos %}\nputs "{{ x }}"\n{% endhighlight %}',
      '```ruby\nputs "{{ x }}"\n```',
    ],
    ['Liquid comments', '{% comment %}\nno\n\nno\n{% endcomment %}\nYes.', 'Yes.'],
    [
      'Liquid that is meant',
      '{% raw %}\nWrite {{ x }}.\n{% endraw %}\nYes.',
      'Write {{ x }}. Yes.',
    ],
    ['GitBook', '{% hint style="info" %}\nKeep it.\n{% endhint %}', 'Keep it.'],
    [
      'kramdown',
      '* TOC\n{:toc}\n\nOne.\n{: .lead }\n\n## Two {: .no_toc}\n\nThree [four](/x){:target="_blank"}.',
      'One.\n\nThree four.',
    ],
    ['attributes', '## Two {.wide}\n\nThree.\n{.note #x}\n', 'Three.'],
    [
      'MDX modules',
      'import Tabs from \'@theme/Tabs\'\nimport {\n  A,\n} from "b"\n\nexport const meta = {\n  a: 1,\n}\n\nOne.',
      'One.',
    ],
    [
      'MDX components',
      '<Tabs groupId="os">\n<TabItem value="mac" label="macOS">\n\nOne <Icon name="x" /> two.\n\n</TabItem>\n</Tabs>\n\n<Card\n  title="no"\n  style={{ a: { b: 1 } }}\n/>\n\nThree <Tip text="no">four</Tip>, <B>five</B>.',
      'One two.\n\nThree four, five.',
    ],
    ['MDX comments', 'One {/* no */} two.', 'One two.'],
    [
      'Vue components',
      '<script setup>\nimport X from "./x.vue"\n</script>\n\n<my-demo :items="[1]" />\n\nOne <Badge type="tip" text="no" /> two.',
      'One two.',
    ],
    [
      'Docusaurus notes',
      'One.\n:::note[Mind **this**]\n\nKeep it.\n\n:::\n\nTwo.',
      'One.\n\nMind this\n\nKeep it.\n\nTwo.',
    ],
    [
      'VitePress notes',
      '[[toc]]\n\n::: tip\nKeep it.\n:::\n::: details Click me\nThis too.\n:::',
      'Keep it.\n\nClick me\n\nThis too.',
    ],
    ['MyST notes', ':::{warning} Hot\n:class: wide\nKeep it.\n:::', 'Hot\n\nKeep it.'],
    [
      'MkDocs notes',
      '!!! note "Mind this"\n\n    Keep it.\n\n    ```sh\n    go {{ x }}\n    ```\n\n??? tip\n    This too.\n\nTwo.',
      'Mind this\n\nKeep it.\n\n```sh\ngo {{ x }}\n```\n\nThis too.\n\nTwo.',
    ],
    [
      'MkDocs tabs',
      '=== "Linux"\n\n    Keep it.\n\n=== "Mac"\n\n    1. This too.\n',
      'Linux\n\nKeep it.\n\nMac\n1. This too.',
    ],
    [
      'quotes of a kind',
      '> [!WARNING]\n> Keep it.\n\n> [!faq]- Why?\n> So.',
      'Keep it.\n\nWhy? So.',
    ],
    [
      'Obsidian',
      '![[picture.png|300]]\n\nSee [[page|the page]], [[other#Part]] and [[third]]. %%no%% ==So==.\n^block-1',
      'See the page, other and third. So.',
    ],
    [
      'notes at the foot',
      'One.[^1] Two.[^long] [^a-z]\n\n[^1]: no\n\n[^long]: no\n    no\n\n    no\n\nThree.',
      'One. Two. [^a-z]\n\nThree.',
    ],
    ['definitions', 'See [a][x].\n[x]: https://example.org "T"\n\n[y]: /y\n', 'See a.'],
    ['includes', '--8<-- "a.md"\n\n<<< @/a.js\n\n@[code](a.js)\n\nOne.', 'One.'],
  ])('%s', (_, source, text) => {
    expect(read(source)).toBe(text)
  })

  it.each([
    'Write `{{< x >}}`, `{% y %}`, `<!-- z -->`, `<Tabs>`, `[[a|b]]` and ``{{ `b` }}``.',
    '```md\n:::note\n{{< x >}}\n<!-- y -->\nimport a from "b"\n[^1]: c\n:::\n```',
    'List<String> to <Customer>, a<B and c>D, if a==b and c==d, x[[1]], 100%, :smile: and {x}.',
    'Import duties are paid by you.\n\nExport costs more.',
    '~~~\n!!! note\n~~~'.replaceAll('~', '`'),
  ])('but not of code, nor of plain text: %s', (source) => {
    expect(read(source)).toBe(source)
  })

  it('what is indented as code', () => {
    expect(read('Write:\n\n    {{ x }}\n    <!-- y -->\n\nSo.')).toBe(
      'Write:\n\n```\n{{ x }}\n<!-- y -->\n```\n\nSo.',
    )
  })

  it('what never ends', () => {
    for (const start of [
      '{{< x',
      '{% x',
      '<Card a="',
      '<Card a={{',
      '[[x',
      '==x',
      '`',
      ':::x',
      '{% highlight x %}',
    ]) {
      expect(read(`Before.\n\n${start}\n\nAfter.`)).toContain('After.')
    }
  })

  it('costs no more for each line the longer it is', { timeout: 600_000 }, () => {
    for (const line of [
      '{{< x',
      '{% x',
      '<Card a={',
      '<A>',
      '[[x',
      '[^1]',
      '==x',
      '` <!-- -->',
      '{.a ',
      '!!! a\n    b',
      '    ',
    ])
      for (const end of ['\n', ' ', '']) {
        const growth = growthOf(read, (size) => (line + end).repeat(size), 1_500)
        expect(growth, line + end).toBeLessThan(8)
      }
  })
})
