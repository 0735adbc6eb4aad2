/**
 * Writes the manual's tables from the sources that the program itself reads: all options of the element and the
 * loader, each with its own doc comment, and all environment variables of the server, as they are declared.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { VARIABLES, type Variable } from '../config/variables.ts'
import { inRepository } from './repository.ts'

const ELEMENT = 'widget/samosa-chat.ts'
const LOADER = 'widget/embed/page-api.ts'

interface Option {
  /** As an attribute of the element; `undefined` where only the loader has it. */
  readonly attribute: string | undefined
  /** As an attribute of the loader's tag; `undefined` where only the element has it. */
  readonly data: string | undefined
  readonly text: string
}

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, '-$&').toLowerCase()
const oneLine = (comment: string) => comment.replaceAll(/\s*\n\s*\* ?/g, ' ').trim()

const codeOf = (text: string | undefined) => (text === undefined ? '–' : `\`${text}\``)
const inCell = (text: string) => text.replaceAll('|', String.raw`\|`)

/** Attributes of the element, by the name of their property, with the comments of the fields that hold them. */
function attributesIn(source: string): ReadonlyMap<string, { attribute: string; text: string }> {
  const properties = /static override properties = \{([^]*?)\n {2}\}/.exec(source)?.[1] ?? ''
  const found = [...properties.matchAll(/(\w+): \{([^}]*)\}/g)].flatMap(
    ([, name = '', options = '']) => {
      if (/attribute: false|state: true/.test(options)) return []
      const attribute = /attribute: '([^']+)'/.exec(options)?.[1] ?? kebab(name)
      const field = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*(?:override )?${name}[:!? ]`)
      return [[name, { attribute, text: oneLine(field.exec(source)?.[1] ?? '') }] as const]
    },
  )
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

/** The manual's table of options for some sources. */
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
  const lines = rows.map(
    ({ attribute, data, text }) => `| ${codeOf(attribute)} | ${codeOf(data)} | ${inCell(text)} |`,
  )
  return [
    '| Attribute of `<samosa-chat>` | On the script tag | What it says |',
    '| --- | --- | --- |',
    ...lines,
  ].join('\n')
}

/**
 * The manual's table of environment variables. It stands on a page that answers are not taken from: the chat quotes
 * rows of a table wherever one word fits, and `WIDGET_CONTACT_HOURS` is no answer to "What are your opening hours?".
 */
export function variablesTable(variables: readonly Variable[]): string {
  const rows = variables.map(({ name, schema, aliases = [], perLanguage, otherwise }) => {
    const standard = schema.safeParse(undefined).data
    const written = typeof standard === 'string' ? standard : JSON.stringify(standard)
    const about = [
      schema.description,
      perLanguage && `Also for single languages: ${codeOf(`${name}_DE`)}.`,
      aliases.length > 0 && `Also ${aliases.map(codeOf).join(', ')}.`,
    ]
    const unset = otherwise ?? (standard === undefined ? '–' : codeOf(written))
    return `| ${codeOf(name)} | ${inCell(unset)} | ${inCell(about.filter(Boolean).join(' '))} |`
  })
  return ['| Variable | Unless set | What it is for |', '| --- | --- | --- |', ...rows].join('\n')
}

export interface ManualPage {
  readonly path: string
  readonly now: string
  /** As the sources want it. */
  readonly wanted: string
}

/** Pages of the manual that hold a table. */
export async function manualPages(): Promise<readonly ManualPage[]> {
  const [element, loader] = await Promise.all([readText(ELEMENT), readText(LOADER)])
  return Promise.all([
    pageWith('demo/knowledge/element-api.md', 'options', optionsTable(element, loader)),
    pageWith('demo/knowledge/settings.md', 'variables', variablesTable(VARIABLES)),
  ])
}

const readText = async (path: string) => readFile(inRepository(path), 'utf8')

/** @throws Error when the page has no place for the table */
async function pageWith(path: string, name: string, table: string): Promise<ManualPage> {
  const now = await readText(path)
  const begin = `<!-- ${name}: made by server/scripts/manual-tables.ts -->`
  const end = `<!-- /${name} -->`
  const [before, rest] = now.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`${path} has no place for the table of ${name}`)
  return { path, now, wanted: `${before}${begin}\n\n${table}\n\n${end}${after}` }
}

if (import.meta.main) {
  const pages = await manualPages()
  await Promise.all(pages.map(({ path, wanted }) => writeFile(inRepository(path), wanted)))
}
