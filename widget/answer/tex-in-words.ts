/** Signs that a person says as they are, by what TeX calls them. */
const SIGNS: Readonly<Record<string, string>> = {
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  epsilon: 'ε',
  varepsilon: 'ε',
  zeta: 'ζ',
  eta: 'η',
  theta: 'θ',
  iota: 'ι',
  kappa: 'κ',
  lambda: 'λ',
  mu: 'μ',
  nu: 'ν',
  xi: 'ξ',
  pi: 'π',
  rho: 'ρ',
  sigma: 'σ',
  tau: 'τ',
  phi: 'φ',
  varphi: 'φ',
  chi: 'χ',
  psi: 'ψ',
  omega: 'ω',
  Gamma: 'Γ',
  Delta: 'Δ',
  Theta: 'Θ',
  Lambda: 'Λ',
  Pi: 'Π',
  Sigma: 'Σ',
  Phi: 'Φ',
  Psi: 'Ψ',
  Omega: 'Ω',
  times: '×',
  cdot: '·',
  div: '÷',
  pm: '±',
  mp: '∓',
  le: '≤',
  leq: '≤',
  ge: '≥',
  geq: '≥',
  ne: '≠',
  neq: '≠',
  approx: '≈',
  equiv: '≡',
  sim: '∼',
  propto: '∝',
  in: '∈',
  notin: '∉',
  subset: '⊂',
  subseteq: '⊆',
  cup: '∪',
  cap: '∩',
  emptyset: '∅',
  forall: '∀',
  exists: '∃',
  neg: '¬',
  land: '∧',
  lor: '∨',
  to: '→',
  rightarrow: '→',
  leftarrow: '←',
  Rightarrow: '⇒',
  implies: '⇒',
  iff: '⇔',
  mapsto: '↦',
  sum: '∑',
  prod: '∏',
  int: '∫',
  partial: '∂',
  nabla: '∇',
  infty: '∞',
  ldots: '…',
  cdots: '…',
  dots: '…',
  circ: '°',
  degree: '°',
  prime: '′',
  langle: '⟨',
  rangle: '⟩',
}

/** Commands that say how something looks, and stand for nothing. */
const LOOKS =
  /\\(?:left|right|big+[lr]?|Big+[lr]?|displaystyle|textstyle|limits|nolimits|quad|qquad|hline|nonumber|text[a-z]*|math[a-z]*|operatorname\*?|boxed|mbox|tag)(?![a-zA-Z])/g
const GROUP = '\\{([^{}]{0,400})\\}'
const FRACTION = new RegExp(String.raw`\\[dt]?frac\s*${GROUP}\s*${GROUP}`, 'g')
const ROOT = new RegExp(String.raw`\\sqrt\s*(?:\[([^\]]*)\])?\s*${GROUP}`, 'g')
const SCRIPT = new RegExp(String.raw`([_^])\s*${GROUP}`, 'g')
/** Groups in groups, as deep as people write them. */
const DEEPEST = 6

/** In brackets where it is more than one thing. */
const grouped = (text: string) =>
  /^[\p{L}\p{N}.]*$/u.test(text.trim()) ? text.trim() : `(${text.trim()})`

/** A formula in TeX as a line of text: `\frac{a}{2}` is a/2. */
export function texInWords(tex: string): string {
  let text = tex
    .replaceAll(/\\(?:begin|end)\{[^{}]*\}(?:\{[lcr|]*\})?/g, ' ')
    .replaceAll(/\\\\(?:\[[^\]]*\])?/g, ', ')
    .replaceAll(LOOKS, ' ')
    .replaceAll(/\\([{}%#$&_])/g, (_, sign: string) => (/[{}]/.test(sign) ? ' ' : sign))
    .replaceAll(/\\[,;:! ]|~|(?<!\\)&/g, ' ')
    .replaceAll('^\\circ', '°')
    .replaceAll('^{\\circ}', '°')
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const before = text
    text = text
      .replaceAll(
        FRACTION,
        (_, over: string, under: string) => `${grouped(over)}/${grouped(under)}`,
      )
      .replaceAll(
        ROOT,
        (_, degree: string | undefined, of: string) => `${degree ?? ''}√${grouped(of)}`,
      )
      .replaceAll(SCRIPT, (_, mark: string, of: string) => `${mark}${grouped(of)}`)
    if (text === before) break
  }
  return text
    .replaceAll(/\\([a-zA-Z]+)/g, (_, name: string) =>
      Object.hasOwn(SIGNS, name) ? (SIGNS[name] ?? '') : `${name} `,
    )
    .replaceAll(/[{}\\]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
