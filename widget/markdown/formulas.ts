/** Formulas: what reads and sets them is loaded when a text first holds something that may be one. */
import { late } from './late.ts'

export const formulas = late(() => import('./math.ts'))

/** Whether a text may hold a formula. */
export const mayHoldFormula = (text: string) => /\$|\\[([b]|math/.test(text)
