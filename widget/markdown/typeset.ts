/** TeX as MathML, made by KaTeX: the chunk that is loaded with the first formula. */
import katex from 'katex'

/** Longer formulas stay TeX. */
const MOST_CHARACTERS = 4_000

/** The formula as nodes, or `undefined` when it cannot be read. */
export function typeset(text: string, display: boolean): Node | undefined {
  if (text.length > MOST_CHARACTERS) return undefined
  const box = document.createElement('span')
  try {
    katex.render(text, box, {
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
  return box.querySelector('math') ?? undefined
}
