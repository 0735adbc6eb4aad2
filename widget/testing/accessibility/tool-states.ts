/** States of what stands around a conversation: tools, the composer's extras, the list. */
import { type, type Mounted } from '../scripted/mount.ts'
import { until } from '../scripted/until.ts'
import { ask, click, hear } from './conversation-states.ts'
import type { State } from './state.ts'

const CALL = '<|python_start|>{"tool":"calculator","arguments":{"expression":"12*3"}}<|python_end|>'
const result = (success: boolean) =>
  `<|output_start|>${JSON.stringify({ tool: 'calculator', success, output: success ? { result: 36 } : null, error: success ? null : 'No.' })}<|output_end|>`

async function request(mounted: Mounted): Promise<void> {
  mounted.chat.registerTool({
    name: 'add_to_bag',
    title: 'Add to the bag',
    description: 'Puts a plant into the bag.',
    parameters: { type: 'object' },
    execute: () => ({}),
  })
  await ask(mounted)
  mounted.server.lastTurn.call('add_to_bag', { plant: 'fern' })
  await mounted.wait('.tool-request')
}

/** Has the composer's extras, and a text in it. */
async function write(mounted: Mounted, text: string, sent = false): Promise<void> {
  const input = await type(mounted, '/')
  await mounted.wait('.said')
  await type(mounted, text)
  if (!sent) return
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', cancelable: true }))
}

/** Chooses files as the browser's dialogue does. */
async function addFiles(mounted: Mounted, ...files: readonly File[]): Promise<void> {
  const field = await mounted.wait('input[type=file]')
  if (!(field instanceof HTMLInputElement)) throw new Error('no field for files')
  const transfer = new DataTransfer()
  for (const file of files) transfer.items.add(file)
  field.files = transfer.files
  field.dispatchEvent(new Event('change'))
}

/** Opens the list over some conversations. */
async function list(mounted: Mounted): Promise<void> {
  mounted.server.addTitled(['Ferns', 'Cacti', 'Watering'])
  await click(mounted, '.list')
  await mounted.wait('li[data-id]')
}

const TAKES_FILES = {
  attachments: { images: true, text: true, pdf: true, max_files: 3, max_bytes: 1_000_000 },
}
const csv = new File(['a,b'], 'list.csv', { type: 'text/csv' })

export const toolStates: readonly State[] = [
  {
    name: 'a tool at work',
    async enter(mounted) {
      await ask(mounted)
      mounted.server.lastTurn.token(CALL)
      await mounted.wait('.tool[data-state=running]')
    },
  },
  {
    name: 'a tool that is done, opened',
    async enter(mounted) {
      await hear(mounted, CALL, result(true), 'It is 36.')
      await click(mounted, '.tool-head')
      await mounted.wait('.tool-json')
    },
  },
  {
    name: 'a tool that failed',
    enter: (at) =>
      hear(at, CALL, result(false), 'No.').then(() => at.wait('.tool[data-state=failed]')),
  },
  { name: 'a tool that asks', enter: request },
  { name: 'the menu of commands', enter: (at) => write(at, '/').then(() => at.wait('.menu')) },
  { name: 'the help', enter: (at) => write(at, '/help', true).then(() => at.wait('.help')) },
  {
    name: 'settings of answers',
    enter: (at) =>
      write(at, '/topk 40', true).then(() => at.wait('[aria-label="Remove top-k 40"]')),
  },
  {
    name: 'files to be sent',
    config: TAKES_FILES,
    enter: (at) => addFiles(at, csv).then(() => at.wait('[aria-label="Remove list.csv"]')),
  },
  {
    name: 'a file that is refused',
    config: TAKES_FILES,
    async enter(mounted) {
      await addFiles(mounted, new File([''], 'empty.csv', { type: 'text/csv' }))
      await until(() => mounted.find('.said')?.textContent?.includes('empty.csv'))
    },
  },
  {
    name: 'files of a message',
    config: TAKES_FILES,
    async enter(mounted) {
      await addFiles(mounted, csv)
      await until(() => mounted.find('.pod .name'))
      await type(mounted, 'Read this')
      await mounted.wait('.go[aria-disabled=false]')
      await click(mounted, '.go')
      await mounted.wait('[aria-label="Download list.csv"]')
    },
  },
  { name: 'the list of conversations', enter: list },
  {
    name: 'the list over a bubble',
    mode: 'bubble',
    attributes: { open: '' },
    enter: list,
  },
  {
    name: 'an empty list',
    enter: (at) => click(at, '.list').then(() => at.wait('samosa-drawer')),
  },
  {
    name: 'a conversation in the list that is being answered',
    async enter(mounted) {
      await ask(mounted)
      await list(mounted)
    },
  },
  {
    name: 'what a search has found',
    async enter(mounted) {
      await list(mounted)
      const field = await mounted.wait('[type=search]')
      if (!(field instanceof HTMLInputElement)) return
      field.value = 'Fern'
      field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
      await mounted.wait('mark')
    },
  },
  {
    name: 'a title being written',
    async enter(mounted) {
      await list(mounted)
      await click(mounted, '.rename')
      await mounted.wait('.title-field')
    },
  },
  {
    name: 'a deletion that can be undone',
    async enter(mounted) {
      await list(mounted)
      await click(mounted, '.remove')
      await mounted.wait('.toast')
    },
  },
]
