/** HTML 4's names, in the order of their code points from 160 on. */
const LATIN = `nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2
  sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde
  Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc
  Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring
  aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml
  divide oslash ugrave uacute ucirc uuml yacute thorn yuml`
/** From 913 on; a hyphen where there is none. */
const GREEK = `Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma
  Tau Upsilon Phi Chi Psi Omega - - - - - - - alpha beta gamma delta epsilon zeta eta theta iota kappa lambda
  mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega`

const inOrder = (names: string, from: number) =>
  names.split(/\s+/).map((name, index) => [name, String.fromCodePoint(from + index)] as const)

const NAMED: ReadonlyMap<string, string> = new Map([
  ...inOrder(LATIN, 160),
  ...inOrder(GREEK, 913),
  ...Object.entries({
    amp: '&',
    AMP: '&',
    lt: '<',
    LT: '<',
    gt: '>',
    GT: '>',
    quot: '"',
    QUOT: '"',
    apos: "'",
    nbsp: ' ',
    ensp: ' ',
    emsp: ' ',
    thinsp: ' ',
    shy: '',
    zwnj: '',
    zwj: '',
    lrm: '',
    rlm: '',
    COPY: '©',
    REG: '®',
    trade: '™',
    OElig: 'Œ',
    oelig: 'œ',
    Scaron: 'Š',
    scaron: 'š',
    Yuml: 'Ÿ',
    fnof: 'ƒ',
    circ: 'ˆ',
    tilde: '˜',
    hellip: '…',
    mdash: '—',
    ndash: '–',
    horbar: '―',
    lsquo: '‘',
    rsquo: '’',
    sbquo: '‚',
    ldquo: '“',
    rdquo: '”',
    bdquo: '„',
    lsaquo: '‹',
    rsaquo: '›',
    dagger: '†',
    Dagger: '‡',
    bull: '•',
    permil: '‰',
    prime: '′',
    Prime: '″',
    oline: '‾',
    frasl: '⁄',
    euro: '€',
    larr: '←',
    uarr: '↑',
    rarr: '→',
    darr: '↓',
    harr: '↔',
    crarr: '↵',
    lArr: '⇐',
    rArr: '⇒',
    hArr: '⇔',
    forall: '∀',
    part: '∂',
    exist: '∃',
    empty: '∅',
    nabla: '∇',
    isin: '∈',
    notin: '∉',
    ni: '∋',
    prod: '∏',
    sum: '∑',
    minus: '−',
    lowast: '∗',
    radic: '√',
    prop: '∝',
    infin: '∞',
    ang: '∠',
    and: '∧',
    or: '∨',
    cap: '∩',
    cup: '∪',
    int: '∫',
    there4: '∴',
    sim: '∼',
    cong: '≅',
    asymp: '≈',
    ne: '≠',
    equiv: '≡',
    le: '≤',
    ge: '≥',
    sub: '⊂',
    sup: '⊃',
    sube: '⊆',
    supe: '⊇',
    oplus: '⊕',
    otimes: '⊗',
    perp: '⊥',
    sdot: '⋅',
    loz: '◊',
    check: '✓',
    star: '☆',
    starf: '★',
    phone: '☎',
    lbrace: '{',
    rbrace: '}',
    lbrack: '[',
    rbrack: ']',
    lpar: '(',
    rpar: ')',
    num: '#',
    percnt: '%',
    dollar: '$',
    ast: '*',
    colon: ':',
    semi: ';',
    comma: ',',
    period: '.',
    excl: '!',
    quest: '?',
    equals: '=',
    plus: '+',
    sol: '/',
    bsol: '\\',
    lowbar: '_',
    grave: '`',
    verbar: '|',
    vert: '|',
    commat: '@',
    NewLine: '\n',
    Tab: '\t',
  }),
])

const ENTITY = /&(?:#(\d{1,7})|#[xX]([\dA-Fa-f]{1,6})|([A-Za-z][A-Za-z\d]{1,8}));/g
const LAST_CODE_POINT = 0x10_ff_ff

/** What numbers from 128 on mean in pages: Windows' characters, as browsers read them. */
const WINDOWS = new TextDecoder('windows-1252')

function characterOf(codePoint: number): string {
  if (codePoint >= 0x80 && codePoint < 0xa0) return WINDOWS.decode(Uint8Array.of(codePoint))
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
      return (name === undefined ? undefined : NAMED.get(name)) ?? written
    },
  )
}
