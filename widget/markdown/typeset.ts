/** TeX as MathML, made by KaTeX: the chunk that is loaded with the first formula. */
import katex from 'katex'
import { late } from './late.ts'

/** Longer formulas stay TeX. */
const MOST_CHARACTERS = 4_000
/** Formulas of chemistry, which KaTeX reads with an extension. */
const CHEMISTRY = /\\(?:ce|pu)\b/

const chemistry = late(() => import('katex/contrib/mhchem'))

/**
 * The formula as nodes, with the punctuation `behind` it; `undefined` when it cannot be read, or not
 * before the extension for it is there.
 */
export function typeset(text: string, display: boolean, behind: string): Node | undefined {
  if (text.length > MOST_CHARACTERS || (CHEMISTRY.test(text) && !chemistry.use())) return undefined
  const box = document.createElement('span')
  try {
    katex.render(text + behind, box, {
      output: 'mathml',
      displayMode: display,
      trust: false,
      strict: 'ignore',
      maxSize: 20,
      maxExpand: 200,
    })
  } catch {
    // Not TeX, or a page in quirks mode, for which there is no typesetting.
    return undefined
  }
  // What a reader copies is the formula alone.
  const source = box.querySelector('annotation')
  if (source) source.textContent = text
  return box.querySelector('math') ?? undefined
}
