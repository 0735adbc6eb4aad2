/** A text as it is compared. Pure, any script. */

/** Most texts are: there is nothing to fold in them but capitals. */
const PLAIN = /^[\0-\x7f]*$/
/**
 * Marks are put in order one by one, which takes far too long for thousands on one letter; no language has
 * more than these (Unicode's stream-safe text).
 */
const TOO_MANY_MARKS = /(\p{M}{30})\p{M}+/gu
/**
 * What people leave out when they type: Latin, Greek and Cyrillic accents, the points of Hebrew, the vowel signs
 * and hamzas of Arabic and its stretched lines, the dot of borrowed sounds in Hindi. The marks of other scripts
 * are letters in all but name.
 */
const OPTIONAL_MARKS = /(?=[\u0300-\u06ff])\p{M}|\u0640|\u093c/gu
/** Where a word may be cut, where it may not, which way it runs, how a sign is drawn. */
const UNSEEN = /\p{Cf}|\p{Variation_Selector}/gu

/** What Unicode keeps apart and keyboards, fonts or habit do not: the sign that counts, and those it stands for. */
const SAME: readonly (readonly [sign: string, others: string])[] = [
  ['ss', 'ß'],
  ['l', 'ł'],
  ['o', 'ø'],
  ['oe', 'œ'],
  ['ae', 'æ'],
  ['d', 'đðɗ'],
  ['th', 'þ'],
  ['i', 'ı'],
  ['h', 'ħ'],
  ['t', 'ŧ'],
  ['n', 'ŋ'],
  ['b', 'ɓ'],
  ['k', 'ƙ'],
  ['y', 'ƴ'],
  ['σ', 'ς'],
  ['ا', 'ٱ'],
  ['ي', 'ىی'],
  ['ك', 'ک'],
  ['ه', 'ةەہھۃ'],
  ['ं', 'ँ'],
  ["'", '‘’‚‛ʹʻʼʽ′׳ꞌ'],
  ['"', '“”„‟״'],
  ['-', '‐‑‒–—―−'],
  ...Array.from({ length: 10 }, (_, digit): readonly [string, string] => [
    String(digit),
    String.fromCharCode(0x660 + digit, 0x6f0 + digit, 0x966 + digit),
  ]),
]
const SIGN_OF: ReadonlyMap<string, string> = new Map(
  SAME.flatMap(([sign, others]) => Array.from(others, (other) => [other, sign] as const)),
)
const OTHERS = new RegExp(`[${[...SIGN_OF.keys()].join('')}]`, 'gu')

/** Lower case, without accents, one spelling for what looks the same: `Straße` and `STRASSE`, `don’t` and `don't`. */
export function foldText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase()
  return (
    text
      .replaceAll(TOO_MANY_MARKS, '$1')
      // An accent that stands alone is somebody's apostrophe; Unicode makes a space of it.
      .replaceAll('\u00b4', "'")
      .normalize('NFKD')
      .replaceAll(OPTIONAL_MARKS, '')
      .replaceAll(UNSEEN, '')
      .normalize('NFC')
      .toLowerCase()
      .replaceAll(OTHERS, (other) => SIGN_OF.get(other) ?? other)
  )
}
