import { withoutForeignCitations } from '../../server/protocol/citation-marks.ts'
import { tagCode, withoutTagged } from '../parts/tag-reader.ts'

/** What a person means by "copy": the answer without its thinking and tools. */
export function textToCopy(tagged: string): string {
  const segments = tagCode.loaded()?.parseTagged(tagged)
  const texts = segments?.filter(({ kind }) => kind === 'text').map(({ content }) => content)
  return withoutForeignCitations(texts?.join('') ?? withoutTagged(tagged)).trim()
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
