/**
 * Of marked the element needs what cuts GitHub's Markdown into tokens. The rest turns tokens into strings
 * of HTML, reads other dialects, or makes its rules anew on every page out of pieces.
 */
import { Lexer, Tokenizer } from 'marked'

type Edits = readonly (readonly [written: string | RegExp, instead: string])[]

/** The two classes and their helpers: what stands between the rules and the renderers. */
const NEEDED =
  /,\w+=\{normal:\w+,gfm:\w+,breaks:\w+,pedantic:\w+\};([^]*?)var \w+=class\{options;parser;[^]*export\{[^}]*?(\w+ as Lexer)[^}]*?(\w+ as Tokenizer)/
/** A rule where it is used. */
const USED_RULE = /(?:\bthis\.(?:tokenizer\.)?rules|\b\w)\.(block|inline|other)\.(\w+)|\bO\.(\w+)/g
/** Rules made from a number or a mark, and what they are made with. */
const RULE_MAKERS = /\b(\w+Regex):((?:D\()?l=>new RegExp\(.*?\))(?=,\w+:)/g
const MAKER_HELPERS = /(function D\(l\)\{.*?r\}\})function.*?,(he="[^"]*")/s

/** Settings that never change here, and what is never set. */
const SETTLED: Edits = [
  ['this.options.pedantic', '!1'],
  ['this.options.gfm', '!0'],
  ['this.options.breaks', '!1'],
  [/\{options;rules;lexer;constructor\(e\)\{this\.options=e\|\|S\}/, '{'],
  [
    'this.options=e||S,this.options.tokenizer=this.options.tokenizer||new _,this.tokenizer=this.options.tokenizer,this.tokenizer.options=this.options,',
    'this.options=e,this.tokenizer=e.tokenizer,',
  ],
  [/;let t=\{other:O,.*?\.rules=t\}/, '}'],
  [',this.rules)', ')'],
  [
    '{blockSkip:t,tag:n,autolink:r}=this.tokenizer.rules.inline',
    ' t=this.rules.inline.blockSkip,n=this.rules.inline.tag,r=this.rules.inline.autolink',
  ],
  [/\|\|this\.options\.hooks\?\..*?\.prototype\.del\?/, '?'],
  [',t=this.options.hooks?.emStrongMask?.call({lexer:this},t)??t,t', ''],
  ['&&this.tokenizer.paragraph===_.prototype.paragraph', ''],
]

/** Formulas are the only extension. */
const ONE_EXTENSION: Edits = [
  [
    /this\.options\.extensions\?\.(block|inline)\?\.some\(u=>\((\w)=u\.call\(\{lexer:this\},e,(\w)\)\)\?\(([^()]*\([^()]*\)),(.*?),!0\):!1\)\)continue/g,
    '$2=this.options.extensions.$1[0](e,$3)){$4,$5;continue}',
  ],
  [
    /if\(this\.options\.extensions\?\.(start\w+)\)\{let u=.*?u<1\/0&&u>=0&&/g,
    '{let u=this.options.extensions.$1[0](e.slice(1));u>=0&&',
  ],
]

/** What the lexer of the element does by itself. */
const DONE_ELSEWHERE: Edits = [
  [/static get rules\(\)[^]*?(?=blockTokens\(e,t=)/, ''],
  // Character references, in raw HTML as anywhere.
  [
    /let n=this\.lexer\.state\.inRawBlock;(return\{type:"text",raw:t\[0\],text:)n\?t\[0\]:De\(t\[0\]\),escaped:n/,
    '$1t[0]',
  ],
  [/,!this\.lexer\.state\.inRawBlock&&[^]*?(?=,\{type:"html")/, ''],
  [/,inLink:this\.lexer\.state\.inLink,inRawBlock:this\.lexer\.state\.inRawBlock,block:!1/, ''],
  [',d=n.state.inRawBlock', ''],
  ['{n.state.inRawBlock=d;return}', 'return;'],
  ['inRawBlock:!1,', ''],
  ['&&!k.escaped', ''],
  [',escaped:!1', ''],
]

/** A loop that stands still is no more than an error. */
const GUARDS: Edits = [
  ['else{this.infiniteLoopError(e.charCodeAt(0));break}', 'else throw Error();'],
  ['if(e){this.infiniteLoopError(e.charCodeAt(0));break}', ''],
  [/infiniteLoopError\(e\)\{[^]*?\}\}/, '}'],
]

const changed = (what: string | RegExp) => new Error(`marked has changed: no ${String(what)}`)

function edited(code: string, edits: Edits): string {
  let result = code
  for (const [written, instead] of edits) {
    const next =
      typeof written === 'string'
        ? result.replaceAll(written, () => instead)
        : result.replace(written, instead)
    if (next === result) throw changed(written)
    result = next
  }
  return result
}

/** The rules as marked has put them together, each under a name of its own. */
function rulesOf(code: string): ReadonlyMap<string, string> {
  const rules = new Map<string, string>()
  const tokenizer = new Tokenizer()
  void new Lexer({ gfm: true, tokenizer })
  const { block, inline, other } = tokenizer.rules
  for (const [kind, all] of Object.entries({ block, inline, other })) {
    for (const [name, rule] of Object.entries(all)) {
      if (rule instanceof RegExp) rules.set(`${kind}_${name}`, String(rule))
    }
  }
  for (const [, name, maker = ''] of code.matchAll(RULE_MAKERS)) rules.set(`other_${name}`, maker)
  return rules
}

/**
 * The part of marked's own module that is needed.
 * @throws Error when marked is no longer written as this expects
 */
export function smallerMarked(code: string): string {
  const [, classes, ...exported] = NEEDED.exec(code) ?? []
  if (classes === undefined) throw changed(NEEDED)
  const rules = rulesOf(code)
  const used = new Set<string>()
  const smaller = edited(classes, [
    ...SETTLED,
    ...ONE_EXTENSION,
    ...DONE_ELSEWHERE,
    ...GUARDS,
  ]).replaceAll(USED_RULE, (_, kind: string | undefined, name: string, common: string) => {
    const rule = kind === undefined ? `other_${common}` : `${kind}_${name}`
    used.add(rule)
    return rule
  })
  const definitions = [...used].map((name) => {
    const rule = rules.get(name)
    if (rule === undefined) throw changed(name)
    return `const ${name}=${rule}`
  })
  const [, kept, names] = MAKER_HELPERS.exec(code) ?? []
  if (names === undefined) throw changed(MAKER_HELPERS)
  return [kept, `const ${names}`, ...definitions, smaller, `export{${exported.join(',')}}`].join(
    ';',
  )
}
