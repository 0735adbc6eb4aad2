/** Reads Prometheus' text format as strictly as Prometheus does, for tests. */

export interface Exposition {
  readonly families: ReadonlyMap<string, { readonly type: string; readonly samples: number }>
  /** The value of a sample as it is written: `name` or `name{a="b",c="d"}`. */
  value(sample: string): number | undefined
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`)
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)$/i
const PART = /_(?:bucket|sum|count)$/

/** @throws Error that names the line that is wrong */
export function readExposition(text: string): Exposition {
  const families = new Map<string, { help: boolean; type: string; samples: number }>()
  const values = new Map<string, number>()
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  for (const line of text.trimEnd().split('\n')) {
    if (line === '') continue
    const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP' && name !== undefined) {
      if (families.has(name)) throw new Error(`twice: ${line}`)
      families.set(name, { help: true, type: '', samples: 0 })
      continue
    }
    if (keyword === 'TYPE' && name !== undefined && rest !== undefined) {
      const family = families.get(name)
      if (!family || family.type !== '') throw new Error(`no help before: ${line}`)
      family.type = rest
      continue
    }
    const [, sample, , value] = SAMPLE.exec(line) ?? []
    if (sample === undefined || value === undefined || !NUMBER.test(value)) {
      throw new Error(`not a sample: ${line}`)
    }
    const family = families.get(sample) ?? families.get(sample.replace(PART, ''))
    if (!family || family.type === '') throw new Error(`no type before: ${line}`)
    family.samples += 1
    const key = line.slice(0, -value.length - 1)
    if (values.has(key)) throw new Error(`twice: ${line}`)
    values.set(key, Number(value.replace('Inf', 'Infinity')))
  }
  return { families, value: (sample) => values.get(sample) }
}
