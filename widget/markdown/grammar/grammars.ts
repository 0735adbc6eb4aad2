/** Grammars of what few answers hold: each is loaded when a text first has a sign of it. */
import { lazy, type Lazy } from '../../ui/lazy.ts'

/** Reads and sets formulas. */
export const formulas = lazy(() => import('./math.ts'))
/** Reads HTML. */
export const markup = lazy(() => import('./markup.ts'))

interface LateGrammar {
  readonly code: Lazy<unknown>
  /** What a text has that may need it. */
  readonly sign: RegExp
}

export const LATE_GRAMMARS: readonly LateGrammar[] = [
  { code: formulas, sign: /\$|\\[([b]|math/ },
  { code: markup, sign: /<[a-z/!?]/i },
]
