/** Colours for code: the chunk that is loaded with the first block whose language is named. */
import { findMarks } from './code-marks.ts'
import { createPainter } from './paint-code.ts'

export const painter = createPainter(findMarks)
