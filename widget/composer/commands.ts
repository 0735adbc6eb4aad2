import { isInRange, RANGES, type Settings } from '../conversation/memory.ts'
import { COMMAND_NAMES, type CommandName, type ExtrasStrings } from './strings.ts'

/** What a command can change. */
export interface CommandHost {
  readonly strings: ExtrasStrings
  readonly settings: Settings
  /** Whether answers may be made otherwise than the server makes them. */
  readonly canSet: boolean
  readonly canThink: boolean
  /** The owner has set a way to a person. */
  readonly hasPerson?: boolean
  readonly thinking: boolean
  readonly onSettings: (settings: Settings) => void
  readonly onThink: (on: boolean) => void
  readonly onPerson: () => void
  readonly onClear: () => void
}

/** What there is to be done where the chat is. */
export type Offered = Pick<CommandHost, 'canSet' | 'hasPerson'>

/** What becomes of a text that begins with a slash. */
export type Outcome =
  /** It is no command but a text to be sent. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'done'; readonly said: string }
  | { readonly kind: 'refused'; readonly said: string }
  | { readonly kind: 'help' }

const done = (said: string): Outcome => ({ kind: 'done', said })
const refused = (said: string): Outcome => ({ kind: 'refused', said })

/** A number as people write it: with a comma, too. */
function numberOf(text: string): number {
  return /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(text) ? Number(text.replace(',', '.')) : NaN
}

function setNumber(
  host: CommandHost,
  command: CommandName,
  name: keyof typeof RANGES,
  argument: string,
): Outcome {
  const { strings, settings } = host
  const value = numberOf(argument)
  const [least, most] = RANGES[name]
  if (!isInRange(name, value)) {
    return refused(strings.commands.range(command, least, most, name === 'top_k'))
  }
  host.onSettings({ ...settings, [name]: value })
  return done(strings.commands.isSet(strings.settings[name](value)))
}

function setThink({ strings, canThink, thinking, onThink }: CommandHost, argument: string) {
  const words = strings.commands
  if (!canThink) return refused(words.cannotThink)
  const choice = argument.toLowerCase()
  if (!['', 'on', 'off'].includes(choice)) return refused(words.onOff)
  const on = choice === '' ? !thinking : choice === 'on'
  onThink(on)
  return done(words.thinks(on))
}

const runners: Readonly<Record<CommandName, (host: CommandHost, argument: string) => Outcome>> = {
  temperature: (host, argument) => setNumber(host, 'temperature', 'temperature', argument),
  topk: (host, argument) => setNumber(host, 'topk', 'top_k', argument),
  think: setThink,
  person({ strings, onPerson }, argument) {
    if (argument !== '') return refused(strings.commands.extra('person'))
    onPerson()
    return done('')
  },
  clear({ strings, onClear }, argument) {
    if (argument !== '') return refused(strings.commands.extra('clear'))
    onClear()
    return done(strings.commands.cleared)
  },
  help: () => ({ kind: 'help' }),
}

/** Whether a command says more than its name. */
export const takesMore = (name: CommandName): boolean => name === 'temperature' || name === 'topk'

/** Whether there is such a command: some set how answers are made, and nobody may be there to be reached. */
export const isOffered = (name: CommandName, { canSet, hasPerson }: Offered): boolean =>
  name === 'person' ? hasPerson === true : canSet || !takesMore(name)

/** `top_k` and `top-k` are written too. */
function nameOf(written: string): CommandName | undefined {
  const plain = written.toLowerCase().replaceAll(/[-_]/g, '')
  return COMMAND_NAMES.find((name) => name === plain)
}

/** The commands that a text may become: it is a slash and the beginning of a name. */
export function commandsFor(text: string): readonly CommandName[] {
  const begun = /^\/([a-z_-]*)$/i.exec(text)?.[1]
  if (begun === undefined) return []
  const plain = begun.toLowerCase().replaceAll(/[-_]/g, '')
  return COMMAND_NAMES.filter((name) => name.startsWith(plain))
}

/** Does what a text says that begins with a slash; two slashes make it a text with one. */
export function runCommand(text: string, host: CommandHost): Outcome {
  if (text.startsWith('//')) return { kind: 'text', text: text.slice(1) }
  const [, written = '', argument = ''] = /^\/(\S*)\s*(.*)$/s.exec(text) ?? []
  const name = nameOf(written)
  const isKnown = name !== undefined && isOffered(name, host)
  if (!isKnown) return refused(host.strings.commands.unknown(written.slice(0, 40)))
  return runners[name](host, argument.trim())
}
