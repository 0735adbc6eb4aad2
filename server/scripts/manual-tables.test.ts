import { expect, it } from 'vitest'
import { z } from 'zod'
import { VARIABLES } from '../config/variables.ts'
import { manualPages, optionsTable, variablesTable } from './manual-tables.ts'

/** What a row says, however wide the columns are drawn. */
const cells = (text: string) => text.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---')

it('the manual lists options and variables as the sources have them (else: node server/scripts/manual-tables.ts, npm run format)', async () => {
  for (const { now, wanted } of await manualPages()) expect(cells(now)).toBe(cells(wanted))
})

it('every variable says what it is for', () => {
  for (const { name, schema } of VARIABLES) expect(schema.description, name).toMatch(/^.{8,}\.$/)
})

it('takes name, purpose, default and further names from the declaration of a variable', () => {
  const table = variablesTable([
    {
      name: 'DOOR',
      schema: z.string().default('7').describe('Which door, `a` | `b`.'),
      takes: 'a door',
      aliases: ['GATE'],
    },
    {
      name: 'SIGN',
      schema: z.string().optional().describe('What it says.'),
      takes: 'a text',
      otherwise: 'nothing',
      perLanguage: true,
    },
    { name: 'BELL', schema: z.string().optional().describe('Who rings.'), takes: 'a text' },
  ])
  expect(table).toContain('| `DOOR` | `7` | Which door, `a` \\| `b`. Also `GATE`. |')
  expect(table).toContain(
    '| `SIGN` | nothing | What it says. Also for single languages: `SIGN_DE`. |',
  )
  expect(table).toContain('| `BELL` | – | Who rings. |')
})

it('takes names and words from both sources', () => {
  const element = `
  static override properties = {
    position: { reflect: true, useDefault: true },
    launcherLabel: {
      attribute: 'launcher-label',
      reflect: true,
    },
    token: { attribute: false },
    unread: { state: true },
  }
  /** Where it stands, \`a\` | \`b\`. */
  position: Position = 'a'
  /** A word
   * of two lines. */
  launcherLabel = ''
  /** Not in markup. */
  token: string | undefined`
  const loader = `export interface SamosaConfig {
  readonly position?: string | undefined
  /** Loads early. */
  readonly preload?: string | boolean | undefined
  readonly token?: string | undefined
}`
  const table = optionsTable(element, loader)
  expect(table).toContain('| `position` | `data-position` | Where it stands, `a` \\| `b`. |')
  expect(table).toContain('| `launcher-label` | – | A word of two lines. |')
  expect(table).toContain('| – | `data-preload` | Loads early. |')
  expect(table).not.toContain('token')
})
