/**
 * Writes the manual's table of all options from the sources that they are read from: the element's
 * attributes and the options of the loader, each with its own doc comment.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { inRepository } from './repository.ts'

const ELEMENT = 'widget/samosa-chat.ts'
const LOADER = 'widget/embed/page-api.ts'
const MANUAL = 'demo/knowledge/element-api.md'
const BEGIN = '<!-- options: made by server/scripts/options-table.ts -->'
const END = '<!-- /options -->'

interface Option {
  /** As an attribute of the element; `undefined` where only the loader has it. */
  readonly attribute: string | undefined
  /** As an attribute of the loader's tag; `undefined` where only the element has it. */
  readonly data: string | undefined
  readonly text: string
}

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, '-$&').toLowerCase()
const oneLine = (comment: string) => comment.replaceAll(/\s*\n\s*\* ?/g, ' ').trim()

/** Attributes of the element, by the name of their property. */
function attributesIn(source: string): ReadonlyMap<string, { attribute: string; text: string }> {
  const field =
    /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*@property\(\{([^}]*)\}\)\s*(?:override )?(\w+)[:!? ]/g
  const found = [...source.matchAll(field)].flatMap(([, comment = '', options = '', name = '']) => {
    if (options.includes('attribute: false')) return []
    const attribute = /attribute: '([^']+)'/.exec(options)?.[1] ?? kebab(name)
    return [[name, { attribute, text: oneLine(comment) }] as const]
  })
  return new Map(found)
}

/** Options of the loader that its tag may say, by name, with their comments. */
function optionsIn(source: string): ReadonlyMap<string, string> {
  const body = /interface SamosaConfig \{([^]*?)\n\}/.exec(source)?.[1] ?? ''
  const field = /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?readonly (\w+)\?:/g
  return new Map(
    [...body.matchAll(field)].map(([, comment = '', name = '']) => [name, oneLine(comment)]),
  )
}

/** The table of the manual for some sources. */
export function optionsTable(element: string, loader: string): string {
  const attributes = attributesIn(element)
  const options = optionsIn(loader)
  const rows: Option[] = [...attributes].map(([name, { attribute, text }]) => ({
    attribute,
    data: options.has(name) ? `data-${kebab(name)}` : undefined,
    text,
  }))
  for (const [name, text] of options) {
    // A token is better not in markup.
    if (attributes.has(name) || name === 'token') continue
    rows.push({ attribute: undefined, data: `data-${kebab(name)}`, text })
  }
  const code = (name: string | undefined) => (name === undefined ? '–' : `\`${name}\``)
  const lines = rows.map(
    ({ attribute, data, text }) =>
      `| ${code(attribute)} | ${code(data)} | ${text.replaceAll('|', String.raw`\|`)} |`,
  )
  return [
    '| Attribute of `<samosa-chat>` | On the script tag | What it says |',
    '| --- | --- | --- |',
    ...lines,
  ].join('\n')
}

/** The manual's page as it is, and as the sources want it. */
export async function manualPage(): Promise<{ readonly now: string; readonly wanted: string }> {
  const [element, loader, now] = await Promise.all(
    [ELEMENT, LOADER, MANUAL].map(async (path) => readFile(inRepository(path), 'utf8')),
  )
  if (element === undefined || loader === undefined || now === undefined) {
    throw new Error('A source is missing')
  }
  const [before, rest] = now.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`${MANUAL} has no place for the table`)
  const wanted = `${before}${BEGIN}\n\n${optionsTable(element, loader)}\n\n${END}${after}`
  return { now, wanted }
}

if (import.meta.main) await writeFile(inRepository(MANUAL), (await manualPage()).wanted)
