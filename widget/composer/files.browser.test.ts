import 'axe-core/axe.min.js'
import { mount, pressEnter, type, type Mounted } from '../testing/scripted/mount.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, focused } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}
function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

const LIMITS = { images: true, text: true, pdf: true, max_files: 3, max_bytes: 2 * 1024 ** 2 }

async function mounted(limits: object | null = LIMITS): Promise<Mounted> {
  const server = new ScriptedServer()
  server.config = { ...server.config, attachments: limits }
  const at = await mount({ mode: 'inline' }, server)
  await until(() => at.find('button[aria-label="Add files"]') ?? limits === null)
  return at
}

const csv = (name = 'list.csv', text = 'a,b') => new File([text], name, { type: 'text/csv' })

function carry(files: readonly File[]): DataTransfer {
  const transfer = new DataTransfer()
  for (const file of files) transfer.items.add(file)
  return transfer
}

/** Chooses files as the browser's dialogue does. */
async function pick(at: Mounted, ...files: readonly File[]): Promise<void> {
  const input = await at.wait('input[type=file]')
  assert(input instanceof HTMLInputElement)
  input.files = carry(files).files
  input.dispatchEvent(new Event('change'))
}

async function picture(): Promise<File> {
  const canvas = new OffscreenCanvas(40, 20)
  canvas.getContext('2d')?.fillRect(0, 0, 40, 20)
  return new File([await canvas.convertToBlob()], 'plan.png', { type: 'image/png' })
}

const cards = ({ findAll }: Mounted) =>
  findAll('.pod .name').map(({ textContent }) => textContent.trim())
const said = ({ find }: Mounted) => find('.said')?.textContent?.trim()
const isReady = ({ find }: Mounted) => find('.go')?.getAttribute('aria-disabled') === 'false'
const sends = ({ server }: Mounted) => server.asked('POST', /messages$/)

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

describe('files', () => {
  it('are chosen, shown with name and size, and sent with the text', async () => {
    const at = await mounted()
    await pick(at, csv(), await picture())
    await until(() => cards(at).length === 2)
    equal(cards(at), ['list.csv', 'plan.png'])
    // A picture is seen as one.
    await until(() => at.find('.pod canvas'))
    await until(() => at.find('.go')?.title === 'Write a few words to go with the files.')
    const input = await type(at, 'Look at these')
    await until(() => isReady(at))
    await assertAccessible(at.chat)
    pressEnter(input)
    await until(() => at.server.turns.length)
    const { attachments } = sends(at)[0]!.body as { attachments: Record<string, string>[] }
    equal(
      attachments.map(({ filename, content_type }) => [filename, content_type]),
      [
        ['list.csv', 'text/csv'],
        ['plan.png', 'image/png'],
      ],
    )
    equal(attachments[0]?.['data_base64'], btoa('a,b'))
    equal([cards(at), input.value], [[], ''])
  })

  it('stand with their message, and can be saved again, after a reload too', async () => {
    const at = await mounted()
    await pick(at, csv())
    const input = await type(at, 'Look')
    await until(() => isReady(at))
    pressEnter(input)
    await until(() => at.server.turns.length)
    at.server.lastTurn.token('Seen')
    at.server.lastTurn.done()
    await at.wait('[aria-label="Download list.csv"]')
    await assertAccessible(at.chat)
    at.chat.remove()

    const again = await mount({ mode: 'inline', endpoint: at.chat.endpoint }, at.server)
    const save = await again.wait('[aria-label="Download list.csv"]')
    const saved: string[] = []
    const { click } = HTMLAnchorElement.prototype
    HTMLAnchorElement.prototype.click = function keep() {
      saved.push(this.download)
    }
    try {
      save.click()
      await until(() => saved.length)
    } finally {
      HTMLAnchorElement.prototype.click = click
    }
    equal(saved, ['list.csv'])
    const [asked] = at.server.asked('GET', /attachments/)
    assert(asked?.headers.get('authorization')?.startsWith('Bearer '))
  })

  it('show how far they are on their way', async () => {
    const at = await mounted()
    const { client } = at.chat
    assert(client)
    let onUpload: ((share: number) => void) | undefined
    let arrive = () => {}
    const gone = new Promise<void>((resolve) => {
      arrive = resolve
    })
    at.chat.client = {
      ...client,
      async send(id, body, request) {
        ;({ onUpload } = request)
        await gone
        return client.send(id, body, request)
      },
    }
    await at.chat.updateComplete
    await pick(at, csv())
    const input = await type(at, 'Look')
    await until(() => isReady(at))
    pressEnter(input)
    await until(() => onUpload)
    await at.wait('samosa-sent-files')
    onUpload?.(0.4)
    const bar = await at.wait('progress[aria-label="Sending the files"]')
    assert(bar instanceof HTMLProgressElement)
    equal(bar.value, 0.4)
    await assertAccessible(at.chat)
    arrive()
    await until(() => at.server.turns.length)
    await until(() => !at.find('progress'))
  })

  it('that are gone say so', async () => {
    const server = new ScriptedServer()
    const id = server.addConversation([['user', 'Look']])
    Object.assign(server.conversations.get(id)?.messages[0] ?? {}, {
      attachments: [{ id: 'f', filename: 'gone.txt', content_type: 'text/plain', size_bytes: 3 }],
    })
    const at = await mount({ mode: 'inline', 'conversation-id': id }, server)
    ;(await at.wait('[aria-label="Download gone.txt"]')).click()
    await until(() => at.findAll('p[role=status]').some((p) => p.textContent?.includes('gone.txt')))
  })

  it('that are not added are all named', async () => {
    const at = await mounted()
    const program = new File([new Uint8Array([0, 255])], 'setup.exe')
    await pick(at, csv('empty.csv', ''), program, csv('empty.csv', ''))
    await until(() => said(at)?.includes('setup.exe'))
    equal(said(at)?.split('empty.csv').length, 2)
    await pick(at, csv())
    await until(() => cards(at).length === 1)
    assert(!said(at))
  })

  it('are pasted, but not with a text that brings its picture along', async () => {
    const at = await mounted()
    const input = await at.input()
    const paste = (data: DataTransfer) =>
      input.dispatchEvent(
        new ClipboardEvent('paste', {
          clipboardData: data,
          bubbles: true,
          composed: true,
          cancelable: true,
        }),
      )
    const both = carry([await picture()])
    both.setData('text/plain', 'a table')
    assert(paste(both), 'the text is pasted as ever')
    assert(!paste(carry([await picture()])))
    await until(() => cards(at).length === 1)
    equal(cards(at), ['plan.png'])
  })

  it('are dropped anywhere on the panel', async () => {
    const at = await mounted()
    const over = await at.wait('.greeting')
    const drag = (kind: string, data: DataTransfer) =>
      over.dispatchEvent(
        new DragEvent(kind, {
          dataTransfer: data,
          bubbles: true,
          composed: true,
          cancelable: true,
        }),
      )
    drag('dragenter', carry([csv()]))
    assert(!drag('dragover', carry([csv()])), 'the page is not left for a file')
    const text = new DataTransfer()
    text.setData('text/plain', 'words')
    assert(drag('dragover', text), 'a text is not ours')
    await at.wait('.said')
    assert(!drag('dragover', carry([csv()])))
    const hint = await at.wait('.drop')
    await assertAccessible(at.chat)
    const panel = await at.wait('.panel')
    equal(hint.getBoundingClientRect().height > panel.clientHeight * 0.9, true)
    drag('dragleave', carry([csv()]))
    await until(() => !at.find('.drop'))
    drag('dragover', carry([csv()]))
    assert(!drag('drop', carry([csv()])))
    await until(() => cards(at).length === 1 && !at.find('.drop'))
  })

  it('are taken away again, and the focus goes on in the text', async () => {
    const at = await mounted()
    await pick(at, csv('one.csv'), csv('two.csv'))
    await until(() => cards(at).length === 2)
    ;(await at.wait('[aria-label="Remove one.csv"]')).click()
    await until(() => cards(at).length === 1)
    equal(cards(at), ['two.csv'])
    assert(focused() === (await at.input()))
  })

  it('named in hostile ways are nothing but names', async () => {
    const at = await mounted()
    const name = '<img src=x onerror=alert(1)>\u202Egnp.csv'
    await pick(at, csv(name))
    await until(() => cards(at).length === 1)
    equal(cards(at), [name])
    assert(!at.find('.pod img'))
  })
})

describe('the limits of files', () => {
  it('are said before anybody tries', async () => {
    const at = await mounted()
    const button = await at.wait('button[aria-label="Add files"]')
    button.dispatchEvent(new PointerEvent('pointerenter'))
    await until(() => button.title !== 'Add files')
    const hint = button.title
    for (const part of ['3 files', '2 MB', 'images', 'text files', 'PDF'])
      assert(hint.includes(part), hint)
  })

  it('are not there where no files are taken', async () => {
    const at = await mounted(null)
    await at.wait('.greeting')
    await at.chat.updateComplete
    assert(!at.find('button[aria-label="Add files"]'))
  })

  const bytes = (size: number, name: string, kind: string) =>
    new File([new Uint8Array(size).fill(65)], name, { type: kind })

  for (const [what, files, words] of [
    ['too many', ['1', '2', '3', '4'].map((name) => csv(name)), 'A message holds 3 files'],
    ['too large', [bytes(3 * 1024 ** 2, 'big.txt', 'text/plain')], 'hold 2 MB in all'],
    ['of no known kind', [bytes(5, 'deck.zip', 'application/zip')], 'deck.zip was not added'],
    ['no text after all', [new File([new Uint8Array([1, 0, 2])], 'x.bin')], 'x.bin was not added'],
    ['empty', [new File([], 'void.txt', { type: 'text/plain' })], 'void.txt is empty'],
  ] as const) {
    it(`keep out what is ${what}, in words`, async () => {
      const at = await mounted()
      await pick(at, ...files)
      await until(() => said(at)?.includes(words))
      await until(() => cards(at).length === (what === 'too many' ? 3 : 0))
      await assertAccessible(at.chat)
    })
  }

  it('keep pictures out where the model sees none', async () => {
    const at = await mounted({ ...LIMITS, images: false })
    await pick(at, await picture())
    await until(() => said(at) === 'plan.png was not added. You can add text files and PDF.')
  })

  it('switch the button off when no more is taken, and it says why', async () => {
    const at = await mounted({ ...LIMITS, max_files: 1 })
    await pick(at, csv())
    const button = await at.wait('button[aria-label="Add files"][aria-disabled=true]')
    equal(button.title, 'A message holds 1 file. Remove one first.')
    button.click()
    await until(() => said(at) === button.title)
  })
})

describe('a PDF', () => {
  const pdf = () => new File(['%PDF-1.7'], 'plan.pdf')

  it('is taken where the server takes it', async () => {
    const at = await mounted()
    await pick(at, pdf())
    await until(() => cards(at).length === 1)
    await type(at, 'Look')
    await until(() => isReady(at))
    equal(at.chat.send('Look'), true)
    await until(() => sends(at).length === 1)
    const { attachments } = sends(at)[0]!.body as { attachments: { content_type: string }[] }
    equal(attachments[0]?.content_type, 'application/pdf')
  })

  it('is refused where it does not', async () => {
    const at = await mounted({ ...LIMITS, pdf: false })
    await pick(at, pdf())
    await until(() => said(at)?.startsWith('plan.pdf was not added'))
  })

  it('without text to read comes back, with the reason', async () => {
    const at = await mounted()
    await pick(at, pdf())
    const input = await type(at, 'Look')
    await until(() => isReady(at))
    const told = { code: 'unreadable_file', detail: 'plan.pdf has no text.' }
    at.server.fail(/messages$/, () => problem(422, told))
    pressEnter(input)
    const notice = await at.wait('p[role=alert]')
    await until(() => notice.textContent?.endsWith('plan.pdf has no text.'))
    await until(() => cards(at).length === 1)
    equal([input.value, cards(at)], ['Look', ['plan.pdf']])
  })
})

describe('a send with files that fails', () => {
  for (const status of [413, 415]) {
    it(`keeps text and files (${status})`, async () => {
      const at = await mounted()
      await pick(at, csv())
      const input = await type(at, 'Look')
      await until(() => isReady(at))
      at.server.fail(/messages$/, () => problem(status))
      pressEnter(input)
      await at.wait('samosa-notice')
      await until(() => cards(at).length === 1)
      equal([input.value, cards(at)], ['Look', ['list.csv']])
    })
  }

  it('sends both again when the connection is back', async () => {
    const at = await mounted()
    await pick(at, csv())
    const input = await type(at, 'Look')
    await until(() => isReady(at))
    at.server.fail(/messages$/, 'refuse')
    pressEnter(input)
    const again = await at.wait('button[data-leaves]')
    again.click()
    await until(() => at.server.turns.length)
    equal(
      sends(at).map(({ body }) => Object.keys(body as object).includes('attachments')),
      [true, true],
    )
  })
})

describe('files that come before what takes them', () => {
  it('are taken when they are dropped, and hold the message back', async () => {
    const at = await mounted()
    const over = await at.wait('.greeting')
    const input = await type(at, 'Look')
    await until(() => isReady(at))
    const drop = { dataTransfer: carry([csv()]), bubbles: true, composed: true, cancelable: true }
    assert(!over.dispatchEvent(new DragEvent('drop', drop)))
    pressEnter(input)
    await until(() => isReady(at) && cards(at).length === 1)
    equal(sends(at).length, 0)
  })
})
