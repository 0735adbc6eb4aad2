import { parseTagged } from '../../server/protocol/tags.ts'

/** What a person means by "copy": the answer without its thinking and tools. */
export function textToCopy(tagged: string): string {
  return parseTagged(tagged)
    .filter(({ kind }) => kind === 'text')
    .map(({ content }) => content)
    .join('')
    .trim()
}

/** False where the browser does not let a page write to the clipboard. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Denied by the visitor or by the page's policy.
    return false
  }
}
