/** Grammars of what few answers hold: each is loaded when a text first has a sign of it. */
import { late, type Late } from '../../ui/late.ts'

/** Reads and sets formulas. */
export const formulas = late(() => import('./math.ts'))
/** Reads HTML. */
export const markup = late(() => import('./markup.ts'))

interface LateGrammar {
  readonly code: Late<unknown>
  /** What a text has that may need it. */
  readonly sign: RegExp
}

export const LATE_GRAMMARS: readonly LateGrammar[] = [
  { code: formulas, sign: /\$|\\[([b]|math/ },
  { code: markup, sign: /<[a-z/!?]/i },
]
