import { plainText, type Block } from './blocks.ts'
import { htmlBlocks } from './html-blocks.ts'
import { elementsIn, parseHtml, textOf } from './html-tree.ts'

export interface HtmlPage {
  /** The `<title>`. */
  readonly title: string | undefined
  readonly blocks: readonly Block[]
}

/** Reads a page's readable content. */
export function readHtml(html: string): HtmlPage {
  const root = parseHtml(html)
  const title = [...elementsIn(root)].find(({ name }) => name === 'title')
  return {
    title: (title && plainText(textOf(title)).replaceAll(/\s+/g, ' ').trim()) || undefined,
    blocks: htmlBlocks(root, ({ name }) => name === 'title'),
  }
}
