/** The demo's documents as pages, so that the sources an answer names can be opened. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Marked } from 'marked'
import { createHeadingIds } from '../core/heading-ids.ts'
import { PAGE_HEADERS } from './security-headers.ts'

export interface Manual {
  /** The page for `/knowledge/<name>.html`; `undefined` when there is no such document. */
  find(path: string): Promise<Response | undefined>
}

export function createManual(directory: string): Manual {
  return {
    async find(path) {
      const name = /^\/knowledge\/([a-z0-9-]+)\.html$/.exec(path)?.[1]
      if (name === undefined) return undefined
      const text = await readFile(join(directory, `${name}.md`), 'utf8').catch(() => undefined)
      if (text === undefined) return undefined
      const [, frontMatter = '', body = text] =
        /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text) ?? []
      const title = /^title:\s*"?(.*?)"?\s*$/m.exec(frontMatter)?.[1] ?? name
      return new Response(page(escapeHtml(title), await render(body)), {
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

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Samosa Chat manual</title>
<link rel="icon" href="../assets/leaf.svg" type="image/svg+xml">
<link rel="stylesheet" href="../manual.css">
<script async src="../embed.js"></script>
</head>
<body>
<nav><a href="../">← Back to the demo</a></nav>
<main>${content}</main>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
