import type { DressOptions } from '../render/dress.ts'
import { createMarkdownStream } from './stream.ts'

/** A little of what answers are made of; each is read while the page has nothing else to do. */
const SAMPLES = [
  '*a* **b**, `c` and [d](e).\n\n1. f\n2. g',
  '## h\n\n> i\n\n```\nj\n```',
  '|k|l|\n|-|-|\n|m|n|\n',
]

let isWarm = false

const idle = () =>
  new Promise<void>((resolve) => (globalThis.requestIdleCallback ?? setTimeout)(() => resolve()))

/** Has the browser compile what reads Markdown, so that the first word of an answer does not wait for it. */
export async function warmUpMarkdown(options: DressOptions): Promise<void> {
  if (isWarm) return
  isWarm = true
  for (const sample of SAMPLES) {
    await idle()
    const stream = createMarkdownStream(document.createElement('div'), options)
    stream.append(sample)
    stream.render()
    stream.end()
  }
}
