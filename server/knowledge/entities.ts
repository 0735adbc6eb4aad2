const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  times: '×',
  divide: '÷',
  plusmn: '±',
  deg: '°',
  euro: '€',
  pound: '£',
  yen: '¥',
  cent: '¢',
  sect: '§',
  rarr: '→',
  larr: '←',
  le: '≤',
  ge: '≥',
  ne: '≠',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
  ntilde: 'ñ',
  shy: '',
  zwnj: '',
}

const ENTITY = /&(?:#(\d{1,7})|#[xX]([\dA-Fa-f]{1,6})|([A-Za-z]{2,8}));/g
const LAST_CODE_POINT = 0x10_ff_ff

function characterOf(codePoint: number): string {
  const valid =
    codePoint > 0 && codePoint <= LAST_CODE_POINT && (codePoint < 0xd800 || codePoint > 0xdfff)
  return valid ? String.fromCodePoint(codePoint) : '\uFFFD'
}

/** Text with its character references resolved; unknown names stay as they are. */
export function decodeEntities(text: string): string {
  return text.replaceAll(
    ENTITY,
    (written, decimal?: string, hexadecimal?: string, name?: string) => {
      if (decimal !== undefined) return characterOf(Number(decimal))
      if (hexadecimal !== undefined) return characterOf(Number.parseInt(hexadecimal, 16))
      return (name !== undefined && Object.hasOwn(NAMED, name) ? NAMED[name] : undefined) ?? written
    },
  )
}
