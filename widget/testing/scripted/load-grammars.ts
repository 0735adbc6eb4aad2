import { LATE_GRAMMARS } from '../../markdown/grammar/index.ts'

/** Loads what reads formulas and HTML, which a page does when a text has a sign of them. */
export const loadGrammars = async (): Promise<void> =>
  void (await Promise.all(LATE_GRAMMARS.map(async ({ code }) => code.load())))
