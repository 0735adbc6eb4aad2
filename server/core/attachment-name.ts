import { firstCodePoints } from './turn/history.ts'

/** Unicode code points of a name. */
const LONGEST_NAME = 120
/** Of its ending, the dot included; anything longer is no ending. */
const LONGEST_ENDING = 16

/** UTF-16 units of a given name that are looked at: the last ones, as folders stand before. */
const LONGEST_GIVEN = 4_000

/** Characters that nobody sees, or that turn what stands behind them around. */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

/** A name as a person gave it, without folders and tricks; `file` when nothing is left. */
export function cleanFileName(given: string): string {
  const end = given.slice(-LONGEST_GIVEN)
  const bare = end.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const seen = bare.replaceAll(UNSEEN, '').replaceAll(/\s+/g, ' ').trim()
  if (/^\.*$/.test(seen)) return 'file'
  const ending = new RegExp(`\\.[^. ]{1,${LONGEST_ENDING - 1}}$`, 'u').exec(seen)?.[0] ?? ''
  const stem = seen.slice(0, seen.length - ending.length)
  const room = LONGEST_NAME - Array.from(ending).length
  return firstCodePoints(stem, room) + ending
}
