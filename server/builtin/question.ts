/** What a question asks for, beyond its words: an amount, a time, steps, a decision, a certain number. */
import type { Passage } from '../core/ports/index.ts'
import { isFollowUp, pointsBack } from '../core/retrieval.ts'
import { sentencesOf, stemOf, wordsOf } from '../text/words.ts'
import { baseStemsOf } from '../text/synonyms.ts'

/** What kind of thing answers a question; `undefined` where any sentence may. */
export type Wanted = keyof typeof FITS | 'steps' | 'definition' | undefined

export interface Asked {
  /** The part that asks; what a visitor tells beside it only helps. */
  readonly focus: string
  readonly wanted: Wanted
  /** Stems of the words that say so (`how long`, `price`): whether a text has that, `fits` tells. */
  readonly wantedBy: ReadonlySet<string>
  /** What the question asks the definition of. */
  readonly subject: string | undefined
  /** Asks for what is not so, or for a case without something. */
  readonly isNegative: boolean
  /** Asks more about what was asked before. */
  readonly pointsBack: boolean
  readonly wantsCode: boolean
}

const ASKING_CLAUSE =
  /[,;:–—-]\s+(?=(?:(?:and|so|but|or)\s+)?(?:how|what|where|when|who|whose|whom|which|why|can|could|may|might|do|does|did|is|are|am|was|were|will|would|should|shall|must|has|have|anyone|any)\b)/i
const ASKS =
  /^(?:(?:and|so|but|or|ok|hi|hello|please)[\s,.]+)*(?:how|what|where|when|who|whose|whom|which|why|can|could|may|might|do|does|did|is|are|am|was|were|will|would|should|shall|must|has|have)\b|\?\s*$/i

/** The sentence or clause that asks; all of a question that is only words. */
function focusOf(question: string): string {
  const sentences = sentencesOf(question)
  const asking = sentences.filter((sentence) => ASKS.test(sentence))
  const clauses = (asking.length > 0 ? asking : sentences).map((sentence) => {
    const parts = sentence.split(ASKING_CLAUSE)
    const last = parts.findLast((part) => ASKS.test(part) && wordsOf(part).length > 2)
    return parts.length > 1 && last !== undefined && !ASKS.test(parts[0] ?? '') ? last : sentence
  })
  return clauses.join(' ')
}

const WANTED: readonly (readonly [Exclude<Wanted, undefined>, RegExp])[] = [
  [
    'definition',
    /^(?:so |and )?what(?:['’]s| is| are)\s+(?:an?\s+|the\s+)?[^?]{2,40}\??$|\b(?:mean|stand for)\s*\??$/i,
  ],
  [
    'amount',
    /\b(?:how much (?:is|are|was|do|does|did|would|will|for|to|per|extra|an?|the|it|that|i)\b|how much\s*\??$|costs?|prices?|fees?|expensive|cheap|charged?|pay for)\b/i,
  ],
  [
    'temperature',
    /\bhow (?:hot|warm|cold|cool)\b|\b(?:what|which) temperature\b|\btemperature (?:of|is)\b/i,
  ],
  [
    'weight',
    /\bhow heavy\b|\bwhat (?:does|do|did)\b.*\bweigh\b|\bhow much (?:does|do|did)\b.*\bweigh\b|\bweight of\b/i,
  ],
  [
    'length',
    /\bhow (?:tall|wide|deep|thick|broad)\b|\bwhat (?:width|height|depth|length)\b|\b(?:width|height|depth|length) of\b/i,
  ],
  [
    'year',
    /\b(?:what|which) year\b|\bwhen (?:was|were|did)\b.*\b(?:founded|built|establish\w*|invented|created|started|opened|begin|began|born)\b|\bhow old (?:is|are) (?:the|your|this)\b/i,
  ],
  ['phone', /\b(?:tele)?phone number\b|\bwhat number\b.*\b(?:call|ring|dial)\b/i],
  ['e-mail', /\be-?mail address\b/i],
  ['colour', /\b(?:what|which) colou?rs?\b/i],
  [
    'time',
    /\b(?:how (?:long|soon|often|late|early|quickly|fast)|when|what time|which days?|what days?|until when|by when|hours|how much (?:time|notice)|deadline)\b/i,
  ],
  [
    'count',
    /\b(?:how (?:many|much|far|old|big|large|tall|heavy|high|deep|wide|hot|warm|strict)|number of|weighs?|what (?:size|age|temperature)|up to what|maximum|minimum|limit)\b/i,
  ],
  [
    'name',
    /^(?:and |so )?who(?:['’]s| is| was| are| were)?\s+(?:(?:the|your)\s+)?(?:founded|found|founder|owns|owned|owner|started|invented|created|designed|built|wrote|manager|director|boss|head|ceo)\b|\bwho is the\b|\bname of (?:the|your) (?:owner|founder|manager|director|boss|head)\b/i,
  ],
  ['person', /^(?:and |so )?(?:who|whom|whose)\b|\bwho (?:do|can|should|is|are|will)\b/i],
  ['place', /^(?:and |so )?where\b|\bwhere(?:['’]s| is| are| do| can| does)\b/i],
  ['reason', /\bwhy\b|\bhow come\b/i],
  [
    'steps',
    /\bhow (?:do|can|could|should|would|to|does one|might|must)\b|\bwhat (?:do|should|must) i (?:do|type)\b|\bsteps\b/i,
  ],
]

const DEFINED =
  /\bwhat(?:['’]s| is| are| does)\s+(?:an?\s+|the\s+)?(?<subject>[^?]+?)(?:\s+(?:mean|stand for)(?:\s+here)?)?\s*\??$/i
const NEGATIVE =
  /\b(?:not|never|without|except|excluding|no longer|cannot|nothing|none)\b|n['’]t\b/i
const WANTS_CODE =
  /\b(?:how|install|installing|embed|embedding|add|example|code|snippet|command|run|start|set|script|import|put|connect|type|config|configure)\b/i

/** Reads the last of a visitor's questions; one that names another case wants what the one before wanted. */
export function readQuestion(questions: readonly string[]): Asked {
  const asked = readAlone(questions.at(-1) ?? '')
  if (asked.wanted !== undefined || questions.length < 2 || !isFollowUp(questions.at(-1) ?? ''))
    return asked
  const { wanted, wantedBy } = readQuestion(questions.slice(0, -1))
  return { ...asked, wanted, wantedBy }
}

function readAlone(question: string): Asked {
  const focus = focusOf(question)
  const kinds = WANTED.flatMap(([kind, pattern]) => {
    const found = pattern.exec(focus)?.[0]
    return found === undefined ? [] : [{ kind, found }]
  })
  // "What is the price of X?" asks for an amount, although it begins like the question for a definition.
  const other = kinds.find(({ kind }) => kind !== 'definition')
  return {
    focus,
    wanted: other?.kind ?? kinds[0]?.kind,
    wantedBy: new Set(baseStemsOf(other?.found ?? '')),
    subject: other === undefined ? DEFINED.exec(focus)?.groups?.['subject'] : undefined,
    isNegative: NEGATIVE.test(focus),
    pointsBack: pointsBack(question),
    wantsCode: WANTS_CODE.test(question),
  }
}

/** Whether anything is to be paid, without how much. */
const CHARGE = /\b(?:costs?|prices?|charged?|charges|fees?|refund\w*|pays?|paid)\b/i

/** Asks for the figure itself, and not whether there is something to pay. */
const NAMES_AMOUNT = /\bhow much\b|\bwhat\b(?! about\b)|\bhow expensive\b|\bwhich\b/i

/** What a text has that answers each. */
const FITS = {
  amount:
    /[£$€¥₹]\s?\d|\d\s?(?:[£€¥₹%]|(?:euros?|pounds?|dollars?|cents?|pence|eur|usd|gbp|chf|kr)\b)|\b(?:euros?|dollars?|cents|pence|rupees?|francs?|free|no (?:charge|costs?|fees?)|nothing|included|includes?|without charge|complimentary)\b|\b\d{2,}(?:[.,]\d+)?\b(?!\s*(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|nights?|am|pm|characters|[%°:.\d]))/i,
  time: /\d|\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|daily|weekly|monthly|yearly|once|immediately|always|never|lifetime|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|weekends?|morning|evening|noon|midnight|january|february|march|april|may|june|july|august|september|october|november|december)\b/i,
  /** A number of things: not of money, of hours or in percent. */
  count:
    /(?<![£$€¥₹\d.,:])\d[\d,]*(?!\s?(?:[£€¥₹%°:.\d]|(?:euros?|pounds?|dollars?|cents?|am|pm)\b))|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|no|none|any|every|unlimited|several|only|as many)\b/i,
  temperature: /\d\s?°|\b(?:degrees?|celsius|fahrenheit)\b/i,
  weight:
    /\d\s?(?:kg|kilos?|kilogram\w*|g|grams?|lbs?|pounds?|stones?|oz|ounces?|t|tons?|tonnes?)\b|\b(?:kilos?|kilograms?|grams?|ounces?|tonnes?)\b/i,
  length:
    /\d\s?(?:m|cm|mm|km|px|pixels?|met(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|kilomet(?:re|er)s?|feet|foot|ft|inch(?:es)?|in|yards?|miles?|stor(?:ey|y|eys|ies)|%|characters?)\b|\d\s?["'″′]|\b(?:(?:centi|milli|kilo)?met(?:re|er)s|feet|inches|miles)\b/i,
  colour:
    /\b(?:red|blue|green|yellow|orange|purple|violet|pink|brown|black|white|gr[ea]y|beige|cream|silver|gold|navy|turquoise|maroon|olive|teal|colou?r\w*|shades?)\b|#[\da-f]{3,6}\b/i,
  year: /\b(?:1[5-9]|20)\d\d\b|\b(?:years? (?:ago|old)|centur(?:y|ies)|since)\b/i,
  phone: /\d[\d\s()/-]{4,}\d/,
  'e-mail': /\S@\S+\.\S/,
  person:
    /\b(?:Dr|Mr|Mrs|Ms|Prof)\b|(?<=\S\s)\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+|\b(?:manager|owner|admins?|team|staff|support|reception|receptionist|we|us|somebody|anyone|person|people)\b/u,
  /** A name, or whose a thing is. */
  name: /\b(?:Dr|Mr|Mrs|Ms|Prof)\b|\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+|\b(?:founded|owned|run|started|led|made|built|created|written|designed) by\b|\bbelongs? to\b|\b(?:founder|owner|director|manager)s?\b/u,
  place:
    /\b(?:at|in|on|under|behind|beside|next to|near|opposite|street|road|lane|floor|room|page|menu|settings|folder|file)\b|›|→|\//i,
  reason:
    /\b(?:because|since|so that|due to|reason|means|therefore|in order|comes? from|caused?|usually|otherwise)\b/i,
} as const

/** Whether a text has the kind of thing that is asked for; `undefined` where that cannot be told. */
export function fits({ focus, wanted, subject }: Asked, text: string): boolean | undefined {
  if (wanted === undefined || wanted === 'steps') return undefined
  if (wanted === 'definition') return (subject !== undefined && defines(text, subject)) || undefined
  if (wanted === 'amount' && !NAMES_AMOUNT.test(focus) && CHARGE.test(text)) return true
  return FITS[wanted].test(text)
}

/** `A passage is …`, `Passages are …`. */
function defines(text: string, subject: string): boolean {
  const stems = wordsOf(subject).map(stemOf)
  const words = wordsOf(text.slice(0, 200))
  const first = words.slice(0, stems.length + 3).map(stemOf)
  const at = first.findIndex((_, index) =>
    stems.every((stem, place) => first[index + place] === stem),
  )
  if (at < 0 || at > 2) return false
  return /^(?:is|are|was|were|means?|stands?|calls?|lets?|lists?|names?|says?|sets?|holds?|has|have|takes?)$/.test(
    words[at + stems.length] ?? '',
  )
}

const NUMBERS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ')
const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth'.split(' ')
const NUMBER_WORDS: ReadonlyMap<string, string> = new Map([
  ...NUMBERS.map((word, index) => [word, `${index + 1}`] as const),
  ...ORDINALS.map(
    (word, index) => [word, `${index + 1}${['st', 'nd', 'rd'][index] ?? 'th'}`] as const,
  ),
])

/** A number with the words beside it: `after 3 years`, `version 2`. */
interface Figure {
  readonly value: string
  readonly before: string
  readonly after: string
}

const FIGURE = /^\d[\d.,]*(?:st|nd|rd|th)?$/

function figuresOf(text: string): readonly Figure[] {
  const words = (
    text.toLowerCase().match(/\d[\d.,]*\d|\d+(?:st|nd|rd|th)?|[\p{L}\p{M}]+|[–-]/gu) ?? []
  ).map((word) => NUMBER_WORDS.get(word) ?? word)
  return words.flatMap((word, index) =>
    FIGURE.test(word)
      ? [
          {
            value: word,
            before: stemOf(words[index - 1] ?? ''),
            after: stemOf(words[index + 1] ?? ''),
          },
        ]
      : [],
  )
}

/** Between two such figures a case may lie that the text decides without naming it. */
const DECIDES_MORE =
  /\b(?:or (?:more|less|older|younger|longer|over|under)|more than|less than|over|under|above|below|up to|at least|at most|within|until|from|to|between|every|each|beyond|further|any|all|maximum|minimum|most)\b|[–+]/i
/** Words before a figure that say little about what it counts. */
const LINKS = new Set([
  '',
  ...'after in at for on with ag aged of than is are have the my i to a and or'.split(' '),
])

/**
 * Whether a text tells of other cases than the one that is asked about: "after 3 years" is not answered where
 * only 1 and 2 years are told of, nor version 5 by what is said of version 4.
 */
export function tellsOfOtherCases(question: string, { text }: Passage): boolean {
  const asked = figuresOf(question)
  if (asked.length === 0) return false
  const told = figuresOf(text)
  return asked.some(({ value, before, after }) => {
    if (told.some((figure) => figure.value === value)) return false
    if (DECIDES_MORE.test(text)) return false
    const alike = told.filter(
      (figure) =>
        (after !== '' && figure.after === after) ||
        (figure.before === before && !LINKS.has(before)),
    )
    const named = alike.some(
      (figure) => figure.before === before && !LINKS.has(before) && figure.after !== after,
    )
    return named || new Set(alike.map((figure) => figure.value)).size >= 2
  })
}
