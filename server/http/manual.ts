/** The demo's documents as pages, so that the sources an answer names can be opened. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Marked } from 'marked'
import { createHeadingIds } from '../text/markdown.ts'
import { PAGE_HEADERS } from './responses.ts'

export interface Manual {
  /** The page for `/knowledge/<name>.html`; `undefined` when there is no such document. */
  find(path: string): Promise<Response | undefined>
}

/** Of the documents of the manual, and of those of the demo's shop at `/knowledge/shop/`. */
export function createManual(directory: string, shopDirectory: string): Manual {
  return {
    async find(path) {
      const [, shop, name] = /^\/knowledge\/(shop\/)?([a-z0-9-]+)\.html$/.exec(path) ?? []
      if (name === undefined) return undefined
      const folder = shop === undefined ? directory : shopDirectory
      const text = await readFile(join(folder, `${name}.md`), 'utf8').catch(() => undefined)
      if (text === undefined) return undefined
      const [, frontMatter = '', body = text] =
        /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text) ?? []
      const title = /^title:\s*"?(.*?)"?\s*$/m.exec(frontMatter)?.[1] ?? name
      const site = shop === undefined ? MANUAL : SHOP
      return new Response(page(site, escapeHtml(title), await render(body)), {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-cache',
          ...PAGE_HEADERS,
        },
      })
    },
  }
}

/** Headings have ids, so that a link from an answer opens at the section. */
async function render(markdown: string): Promise<string> {
  const idOf = createHeadingIds()
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens, this.parser.textRenderer)
        const content = this.parser.parseInline(tokens)
        return `<h${depth} id="${escapeHtml(idOf(text))}">${content}</h${depth}>\n`
      },
    },
  })
  return await marked.parse(markdown)
}

/** What stands around the documents of one of the demo's two sites. */
interface Site {
  readonly name: string
  /** From a page of its documents to the demo. */
  readonly home: string
  readonly back: string
  /** Attributes of the chat's script. */
  readonly chat: string
}

const MANUAL: Site = {
  name: 'Samosa Chat manual',
  home: '../',
  back: '<a href="../docs.html">← All pages of the manual</a>',
  chat: '',
}
const SHOP: Site = {
  name: 'Mossgrove',
  home: '../../',
  back: '<a href="../../">← Back to the shop</a>',
  chat: ' data-creator="shop" data-heading="Ask Mossgrove"',
}

function page({ name, home, back, chat }: Site, title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${name}</title>
<link rel="icon" href="${home}assets/leaf.svg" type="image/svg+xml">
<link rel="stylesheet" href="${home}manual.css">
<script async src="${home}embed.js"${chat}></script>
</head>
<body>
<nav>${back}</nav>
<main>${content}</main>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
