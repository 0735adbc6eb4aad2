/** The sound of an answer, and what turns it off: loaded where the page offers it. */
import { soundStrings } from '../words/en/switches.ts'
import { svg } from 'lit'
import type { Strings } from '../words/strings.ts'
import { iconButton, icon } from './icons.ts'

import type { SoundHost } from './sound.ts'

/** What is remembered of it. */
interface SoundMemory {
  /** No sound is wanted. */
  muted: boolean
}

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

/** What the visitor chooses is remembered. */
export function renderSwitch(
  host: SoundHost,
  memory: SoundMemory | undefined,
  { sound = soundStrings }: Strings,
) {
  return iconButton({
    label: memory?.muted ? sound.unmute : sound.mute,
    icon: memory?.muted ? mutedIcon : soundIcon,
    name: 'sound',
    onClick() {
      if (memory) memory.muted = !memory.muted
      host.requestUpdate()
    },
  })
}

/** Plays it, unless the visitor wants none, the chat is looked at, or the browser lets no sound out before a gesture. */
export function play(memory: SoundMemory | undefined, isSeen: boolean): void {
  if (memory?.muted || (isSeen && !document.hidden)) return
  if (!navigator.userActivation?.hasBeenActive) return
  // No loudspeaker: the badge says it too.
  chime().catch(() => undefined)
}
