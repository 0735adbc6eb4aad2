import { expect, it } from 'vitest'
import { manualPage, optionsTable } from './options-table.ts'

/** What a row says, however wide the columns are drawn. */
const cells = (text: string) => text.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---')

it('the manual lists every option as the sources have it (else: node server/scripts/options-table.ts, npm run format)', async () => {
  const { now, wanted } = await manualPage()
  expect(cells(now)).toBe(cells(wanted))
})

it('takes names and words from both sources', () => {
  const element = `
  /** Where it stands, \`a\` | \`b\`. */
  @property({ reflect: true, useDefault: true }) position: Position = 'a'
  /** A word
   * of two lines. */
  @property({ attribute: 'launcher-label', reflect: true }) launcherLabel = ''
  /** Not in markup. */
  @property({ attribute: false }) token: string | undefined`
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
