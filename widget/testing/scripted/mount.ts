import { createClient } from '../../api/client.ts'
import '../../api/refusal.ts'
import { createKeyValueStore } from '../../api/key-value-store.ts'
import { messageActions } from '../../answer/message.ts'
import '../../panel/notice.ts'
import '../../answer/beside.ts'
import { SamosaChat } from '../../samosa-chat.ts'
import { ScriptedServer } from './scripted-server.ts'
import { until } from './until.ts'

export interface Mounted {
  readonly chat: SamosaChat
  readonly server: ScriptedServer
  /** The first element in the shadow trees below the chat that matches. */
  readonly find: (selector: string) => HTMLElement | undefined
  readonly findAll: (selector: string) => readonly Element[]
  /** What the messages say, as the visitor sees it. */
  readonly texts: () => readonly string[]
  /** Resolves when an element matches. */
  readonly wait: (selector: string) => Promise<HTMLElement>
  /** The text field. */
  readonly input: () => Promise<HTMLTextAreaElement>
}

function* walk(root: ParentNode): Generator<Element> {
  for (const element of root.querySelectorAll('*')) {
    yield element
    if (element.shadowRoot) yield* walk(element.shadowRoot)
  }
}

/** What stands on the screen below a node, shadow trees included. */
export function visibleText(node: Element): string {
  const root = node.shadowRoot ?? node
  let text = ''
  for (const child of root.childNodes) {
    if (child instanceof Text) text += child.data
    else if (child instanceof Element && child.tagName !== 'STYLE') text += visibleText(child)
  }
  return text
}

/** A chat on the page, talking to a scripted server; what comes behind the first answer is there already. */
export async function mount(
  attributes: Readonly<Record<string, string>> = {},
  server = new ScriptedServer(),
): Promise<Mounted> {
  await messageActions.load()
  const endpoint = attributes['endpoint'] ?? `https://${crypto.randomUUID()}.example`
  const chat = new SamosaChat()
  for (const [name, value] of Object.entries({ endpoint, ...attributes }))
    chat.setAttribute(name, value)
  const store = createKeyValueStore(`samosa-chat:${endpoint}:`)
  chat.client = createClient({ endpoint, fetch: server.fetch, store, token: () => chat.token })
  document.body.append(chat)
  await chat.updateComplete
  // What the element asked for before this is there when this is.
  await import('../../answer/beside.ts')

  const findAll = (selector: string) =>
    chat.shadowRoot ? [...walk(chat.shadowRoot)].filter((element) => element.matches(selector)) : []
  const find = (selector: string) =>
    findAll(selector).find((element) => element instanceof HTMLElement)
  const wait = async (selector: string) => {
    await until(() => find(selector))
    const found = find(selector)
    if (!found) throw new Error(`${selector} is gone again`)
    return found
  }
  const input = async () => {
    const field = await wait('textarea')
    if (field instanceof HTMLTextAreaElement) return field
    throw new Error('no text field')
  }
  const texts = () =>
    findAll('.said > .bubble, samosa-answer').map((element) =>
      visibleText(element).replaceAll(/\s+/g, ' ').trim(),
    )
  return { chat, server, find, findAll, texts, wait, input }
}

/** Types into the composer as a visitor does. */
export async function type(mounted: Mounted, text: string): Promise<HTMLTextAreaElement> {
  const input = await mounted.input()
  input.focus()
  input.value = text
  input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
  return input
}

/** Presses Enter in the text field; true when the field keeps it as a line break. */
export function pressEnter(input: HTMLTextAreaElement, init: KeyboardEventInit = {}): boolean {
  return input.dispatchEvent(
    new KeyboardEvent('keydown', {
      key: 'Enter',
      bubbles: true,
      composed: true,
      cancelable: true,
      ...init,
    }),
  )
}
