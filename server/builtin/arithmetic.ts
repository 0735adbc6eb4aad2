/**
 * Arithmetic in questions: what they ask to be calculated, and the answer that has the calculator say it.
 */
import type { Language } from '../text/words.ts'
import type { Cancellable, Tool } from '../core/ports/index.ts'
import { TOOL_CALL_END, TOOL_CALL_START } from '../protocol/marks.ts'
import { writeToolResult } from '../protocol/tags.ts'
import { type Reply, harmless } from './talk.ts'
import type { Say } from './words.ts'

const SCALE: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  lakh: 1e5,
  lakhs: 1e5,
  million: 1e6,
  crore: 1e7,
  crores: 1e7,
  billion: 1e9,
}

/** `1,250`, `5 lakh`, `.5` as numbers. */
function readNumber(text: string): number {
  const [, digits = '', scale = ''] = /^\s*(-?[\d.,]+)\s*([a-z]*)\s*$/.exec(text) ?? []
  return Number(digits.replaceAll(',', '')) * (SCALE[scale] ?? 1)
}

const SIGNIFICANT_DIGITS = 12

/** A result as a person writes it: binary rounding errors gone, thousands apart. */
export function formatNumber(value: number): string {
  const rounded = Number(value.toPrecision(SIGNIFICANT_DIGITS))
  const size = Math.abs(rounded)
  if (size !== 0 && (size >= 1e15 || size < 1e-6)) return String(rounded)
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 10 })
}

/** An amount with two decimals. */
function formatMoney(value: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

/** A question that the calculator can answer. */
export interface Arithmetic {
  readonly expression: string
  /** One sentence with the result. */
  answer(value: number): string
}

type Match = Readonly<Record<string, string | undefined>>

/** Names that an expression may hold; what they mean is the calculator's business. */
export const CALCULATOR_NAMES: ReadonlySet<string> = new Set(
  `sqrt log log10 exp sin cos tan asin acos atan abs round floor ceil degrees radians percent percent_change
  cagr simple_interest compound_interest emi pi e tau`.split(/\s+/),
)

const N = String.raw`-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s?(?:k|thousand|lakhs?|million|crores?|billion)\b)?`
const PERCENT = String.raw`\s*(?:%|percent\b|per cent\b)`

const LEAD =
  /^(?:(?:hey|hi|hello|please|so|ok|okay|and|now|can you|could you|would you|tell me|quick question)[\s,:]+)*(?:what(?:[’']?s| is| are| does| do i get (?:for|if i take))|how (?:much|many) (?:is|are)|calculate|compute|evaluate|solve|work out|find|give me|determine)?\s*(?:the\s+)?(?:(?:value|result|answer|sum)\s+of\s+)?/
const TAIL = /(?:\s*(?:\bplease\b|\bequals?(?: to)?|\bmake\b|[=?!.,;]))+$/

/** Asks for a calculation in so many words, whatever the figures look like. */
const STRONG_CUE = /\b(?:calculate|compute|evaluate|solve)\b|=\s*\??\s*$/

/** Figures with signs between them that are no arithmetic. */
const NEVER = [
  /\d\.\d+\.\d/, // a version or an address
  /(?<!\d)\d{4}([-/.])\d{1,2}\1\d{1,2}(?!\d)/, // a date
  /(?<!\d)\d{1,2}([-/.])\d{1,2}\1(?:\d{2}){1,2}(?!\d)/,
  /\d\s+\d/, // a phone number, or two figures side by side
]
const RARELY = [
  /^(?:24\/7(?:\/365)?|7\/24|9\/11|50\/50|20\/20|80\/20)$/,
  /^(?:19|20)\d\d-(?:(?:19|20)\d\d|\d\d)$/, // years
  /^\d{3}-\d{4}$/, // a phone number
  /^\+?[\d()]+(?:-\d+){2,}$/,
  /^\d{3,4}[x×]\d{3,4}$/, // a screen
]

interface Pattern {
  readonly pattern: RegExp
  read(match: Match): Arithmetic
}

const number = (text: string | undefined) => readNumber(text ?? '')

/** Whole questions in words; the first that fits is taken. */
const PATTERNS: readonly Pattern[] = [
  {
    pattern: new RegExp(`^(?<p>${N})${PERCENT}\\s*of\\s+(?<v>${N})$`),
    read: ({ p, v }) => ({
      expression: `percent(${number(v)},${number(p)})`,
      answer: (value) => `${p?.trim()}% of ${v?.trim()} is ${formatNumber(value)}.`,
    }),
  },
  {
    pattern: new RegExp(`^(?<p>${N})${PERCENT}\\s*(?:off|discount on)\\s+(?<v>${N})$`),
    read: ({ p, v }) => ({
      expression: `${number(v)}-percent(${number(v)},${number(p)})`,
      answer: (value) => `${v?.trim()} less ${p?.trim()}% is ${formatNumber(value)}.`,
    }),
  },
  {
    pattern: new RegExp(`^(?<v>${N})\\s*(?<s>\\+|-|plus|minus)\\s*(?<p>${N})${PERCENT}$`),
    read: ({ v, s, p }) => {
      const adds = s === '+' || s === 'plus'
      return {
        expression: `${number(v)}${adds ? '+' : '-'}percent(${number(v)},${number(p)})`,
        answer: (value) =>
          `${v?.trim()} ${adds ? 'plus' : 'less'} ${p?.trim()}% is ${formatNumber(value)}.`,
      }
    },
  },
  {
    pattern: new RegExp(
      `^(?:(?<a>${N}) is what (?:percentage|percent|%) of (?<b>${N})|(?:what )?(?:percentage|percent|%) of (?<c>${N}) is (?<d>${N}))$`,
    ),
    read: ({ a, b, c, d }) => ({
      expression: `${number(a ?? d)}/${number(b ?? c)}*100`,
      answer: (value) => `${a ?? d} is ${formatNumber(value)}% of ${b ?? c}.`,
    }),
  },
  {
    pattern: new RegExp(
      `\\b(?:percentage|percent|%)\\s*(?:change|increase|decrease|difference|growth|drop|rise|reduction)\\b.*?\\b(?:from|between)\\s+(?<a>${N})\\s+(?:to|and)\\s+(?<b>${N})$`,
    ),
    read: ({ a, b }) => ({
      expression: `percent_change(${number(a)},${number(b)})`,
      answer: (value) =>
        `From ${a?.trim()} to ${b?.trim()} is a change of ${formatNumber(value)}%.`,
    }),
  },
  {
    pattern: new RegExp(
      `\\b(?:cagr|compound annual growth(?: rate)?)\\b.*?(?<a>${N})\\s+to\\s+(?<b>${N})\\s+(?:over|in|after|for|across)\\s+(?<n>${N})\\s*years?$`,
    ),
    read: ({ a, b, n }) => ({
      expression: `cagr(${number(a)},${number(b)},${number(n)})`,
      answer: (value) =>
        `From ${a?.trim()} to ${b?.trim()} in ${n?.trim()} years is ${formatNumber(value)}% a year.`,
    }),
  },
]

const LOAN = /\bemi\b|\bmonthly (?:loan |mortgage )?(?:payment|instal?ment)s?\b|\bequated monthly\b/
const INTEREST = /\b(?<kind>simple|compound) interest\b/
const RATE = new RegExp(`(?<rate>${N})${PERCENT}`)
const TERM = new RegExp(`(?<term>${N})[\\s-]*(?<unit>month|year|yr)s?\\b`)
const TIMES_A_YEAR: Readonly<Record<string, number>> = {
  daily: 365,
  weekly: 52,
  monthly: 12,
  quarterly: 4,
  'half-yearly': 2,
  'semi-annually': 2,
}

/** Loans and interest: a rate, a term and the one figure that is left. */
function readLoan(question: string): Arithmetic | undefined {
  const kind = INTEREST.exec(question)?.groups?.['kind']
  if (!LOAN.test(question) && kind === undefined) return undefined
  const rate = RATE.exec(question)
  const term = TERM.exec(question)
  if (!rate?.groups || !term?.groups) return undefined
  const others =
    question.replace(rate[0], ' ').replace(term[0], ' ').match(new RegExp(N, 'g')) ?? []
  const [principal] = others
  if (principal === undefined || others.length > 1) return undefined
  const inYears = term.groups['unit'] !== 'month'
  const span = number(term.groups['term'])
  const of = `${principal.trim()} at ${rate.groups['rate']?.trim()}% a year over ${term[0].trim()}`
  if (kind === undefined) {
    return {
      expression: `emi(${number(principal)},${number(rate.groups['rate'])},${inYears ? span * 12 : span})`,
      answer: (value) => `The monthly instalment for ${of} is ${formatMoney(value)}.`,
    }
  }
  const years = inYears ? String(span) : `${span}/12`
  const often = Object.entries(TIMES_A_YEAR).find(([word]) => question.includes(word))?.[1] ?? 1
  const amount = number(principal)
  const percent = number(rate.groups['rate'])
  return {
    expression:
      kind === 'simple'
        ? `simple_interest(${amount},${percent},${years})`
        : // Which gives the final amount.
          `compound_interest(${amount},${percent},${often},${years})-${amount}`,
    answer: (value) => `The ${kind} interest on ${of} is ${formatMoney(value)}.`,
  }
}

/** Words and typographic signs as the signs that a calculator reads. */
function withSigns(text: string): string {
  return text
    .replaceAll(new RegExp(`(?:the )?square root of (${N})`, 'g'), 'sqrt($1)')
    .replaceAll(new RegExp(`(?:the )?cube root of (${N})`, 'g'), '($1)^(1/3)')
    .replaceAll(/\s*\bsquared\b/g, '^2')
    .replaceAll(/\s*\bcubed\b/g, '^3')
    .replaceAll(/\b(?:raised )?to the power(?: of)?\b/g, '^')
    .replaceAll(/\bplus\b/g, '+')
    .replaceAll(/\bminus\b/g, '-')
    .replaceAll(/\b(?:times|multiplied by)\b/g, '*')
    .replaceAll(/\bdivided by\b/g, '/')
    .replaceAll(/\bmod(?:ulo)?\b/g, '%')
    .replaceAll(/(?<=[\d)]\s*)[x×](?=\s*[\d(.])/g, '*')
    .replaceAll('×', '*')
    .replaceAll('÷', '/')
    .replaceAll('−', '-')
    .replaceAll(/(?<!\w\([^)]*)(\d{1,3}(?:,\d{3})+)(?![\d,])/g, (digits) =>
      digits.replaceAll(',', ''),
    )
    .trim()
}

const HAS_OPERATION = /[\d)a-z]\s*(?:\*\*|[-+*/%^])\s*[-+]?\s*[\d(.a-z]|[a-z]\s*\(/

/** The whole question is one expression. */
function readExpression(text: string, strong: boolean): Arithmetic | undefined {
  if (!strong && RARELY.some((pattern) => pattern.test(text))) return undefined
  const expression = withSigns(text)
  if (!/^[\d a-z_.,+\-*/%^()]+$/.test(expression) || !/\d/.test(expression)) return undefined
  if (!HAS_OPERATION.test(expression)) return undefined
  if (NEVER.some((pattern) => pattern.test(expression))) return undefined
  const names = expression.replaceAll(/\d+(?:\.\d+)?e[-+]?\d+/g, '').match(/[a-z_]\w*/g) ?? []
  if (!names.every((name) => CALCULATOR_NAMES.has(name))) return undefined
  return { expression, answer: (value) => `\`${expression}\` is ${formatNumber(value)}.` }
}

/** What a question asks to be calculated; `undefined` when it is no arithmetic. */
export function readArithmetic(question: string): Arithmetic | undefined {
  if (question.length > 300 || !/\d/.test(question)) return undefined
  const asked = question
    .toLowerCase()
    .replaceAll(/[$€£₹¥`]|\brs\.?(?=\s*\d)/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const bare = asked.replace(LEAD, '').replace(TAIL, '').trim()
  for (const { pattern, read } of PATTERNS) {
    const groups = pattern.exec(bare)?.groups
    if (groups) return read(groups)
  }
  return readLoan(bare) ?? readExpression(bare, STRONG_CUE.test(asked))
}

/** JSON that holds no tag, whatever is in its strings. */
const tagSafeJson = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c')

function valueOf(output: unknown): number | undefined {
  const value =
    typeof output === 'object' && output !== null && 'value' in output ? output.value : undefined
  return typeof value === 'number' ? value : undefined
}

interface CalculationOptions extends Cancellable {
  readonly language: Language
  readonly say: Say
}

/** Has the calculator answer, its call and result shown as tags. */
export async function answerArithmetic(
  { expression, answer }: Arithmetic,
  calculator: Tool,
  { language, say, signal }: CalculationOptions,
): Promise<Reply> {
  const tool = calculator.name
  const result = await calculator.run({ expression }, { signal, cite: () => [] })
  const value = result.success ? valueOf(result.output) : undefined
  const call = tagSafeJson({ tool, arguments: { expression } })
  // Both are questions in English, or in signs that everybody reads.
  const inWords =
    language === 'en' ? answer : (found: number) => `\`${expression}\` = ${formatNumber(found)}`
  const refusal =
    language === 'en' && !result.success
      ? `${say('no_sum').replace(/\.$/, '')}: ${result.error}.`
      : say('no_sum')
  return {
    sources: [],
    thinking: say('think_sum', { expression: harmless(expression) }),
    toolParts: [`${TOOL_CALL_START}${call}${TOOL_CALL_END}`, writeToolResult(tool, result)],
    markdown: value === undefined ? refusal : inWords(value),
  }
}
