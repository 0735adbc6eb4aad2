/** Colours for code: the chunk that is loaded with the first block whose language is named. */
import { marksOf } from './marks.ts'
import { createPainter } from './paint.ts'

export const painter = createPainter(marksOf)
