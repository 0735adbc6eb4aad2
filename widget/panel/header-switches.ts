/** Switches in the header, for the bubble's size and for the sound of an answer: loaded where one is offered. */
import { soundStrings, sizeStrings } from '../words/en/switches.ts'
import { svg, type ReactiveControllerHost } from 'lit'
import type { Strings } from '../words/strings.ts'
import { iconButton, icon } from '../ui/icons.ts'
import type { Memory } from '../conversation/memory.ts'
import type { PanelRoom } from './panel-room.ts'

const enlargeIcon = icon(svg`<path d="M11.5 4H16v4.5M8.5 16H4v-4.5M16 4l-5 5M4 16l5-5"></path>`)
const reduceIcon = icon(svg`<path d="M16 9h-5V4M4 11h5v5M11 9l5.5-5.5M9 11l-5.5 5.5"></path>`)

/** The button that makes the bubble larger and smaller. */
export const renderSizeSwitch = (room: PanelRoom, { size = sizeStrings }: Strings) =>
  iconButton({
    label: room.isWide ? size.reduce : size.enlarge,
    icon: room.isWide ? reduceIcon : enlargeIcon,
    name: 'size',
    onClick: room.toggleWide,
  })

/** Two soft notes, each a little under a third of a second: frequency in hertz, start in seconds. */
const NOTES = [
  [659.25, 0],
  [987.77, 0.13],
] as const
const LENGTH_S = 0.3
const LOUDNESS = 0.08
const SILENCE = 0.0001

let context: AudioContext | undefined

/** Plays the sound of a new message; made here, as no file need come from anywhere. */
async function chime(): Promise<void> {
  context ??= new AudioContext()
  await context.resume()
  for (const [frequency, at] of NOTES) {
    const start = context.currentTime + at
    const volume = context.createGain()
    volume.gain.setValueAtTime(SILENCE, start)
    volume.gain.exponentialRampToValueAtTime(LOUDNESS, start + 0.02)
    volume.gain.exponentialRampToValueAtTime(SILENCE, start + LENGTH_S)
    volume.connect(context.destination)
    const note = context.createOscillator()
    note.frequency.value = frequency
    note.connect(volume)
    note.start(start)
    note.stop(start + LENGTH_S)
  }
}

const loudspeaker = svg`<path d="M4 8v4h2.6l3.4 3V5L6.6 8z"></path>`
const soundIcon = icon(
  svg`${loudspeaker}<path d="M13 7.6a3.4 3.4 0 0 1 0 4.8m2-6.8a6.2 6.2 0 0 1 0 8.8"></path>`,
)
const mutedIcon = icon(svg`${loudspeaker}<path d="m13.2 8 4 4m0-4-4 4"></path>`)

/** Where it is kept that no sound is wanted. */
const MUTED = 'muted'

const isMuted = (memory: Memory | undefined) => memory?.store.get(MUTED) === 'yes'

/** The button that mutes the chat; what the visitor chooses is remembered. */
export function renderSoundSwitch(
  host: ReactiveControllerHost,
  memory: Memory | undefined,
  { sound = soundStrings }: Strings,
) {
  const isOff = isMuted(memory)
  return iconButton({
    label: isOff ? sound.unmute : sound.mute,
    icon: isOff ? mutedIcon : soundIcon,
    name: 'sound',
    onClick() {
      if (isOff) memory?.store.remove(MUTED)
      else memory?.store.set(MUTED, 'yes')
      host.requestUpdate()
    },
  })
}

/** Plays it, unless the visitor wants none, the chat is looked at, or the browser lets no sound out before a gesture. */
export function play(memory: Memory | undefined, isSeen: boolean): void {
  if (isMuted(memory) || (isSeen && !document.hidden)) return
  if (!navigator.userActivation?.hasBeenActive) return
  // No loudspeaker: the badge says it too.
  chime().catch(() => undefined)
}
