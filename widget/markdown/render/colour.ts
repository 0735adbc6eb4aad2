/** Code that will not change any more gets its colours, where the browser can paint them. */
import { late } from '../../ui/late.ts'

const highlighter = late(() => import('./highlight/index.ts'))

/** Has the code in these nodes coloured later. */
export async function colourCode(nodes: Iterable<Node>): Promise<void> {
  if (!('highlights' in CSS)) return
  for (const node of nodes) {
    if (!(node instanceof Element)) continue
    for (const code of node.querySelectorAll<HTMLElement>('pre > [class]')) {
      if (await highlighter.load()) highlighter.use()?.painter.watch(code)
    }
  }
}
