/** Everything that a visitor can have in front of them, and how one gets there. */
import type { Mounted } from '../scripted/mount.ts'
import { contactStates } from './contact-states.ts'
import { conversationStates } from './conversation-states.ts'
import { launcherStates } from './launcher-states.ts'
import { ownerStates } from './owner-states.ts'
import { signInStates } from './sign-in-states.ts'
import { toolStates } from './tool-states.ts'

/** Something that the chat shows. */
export interface State {
  readonly name: string
  readonly mode?: 'bubble' | 'inline' | 'page'
  /** Of the element, beside its mode. */
  readonly attributes?: Readonly<Record<string, string>>
  /** What the server says of itself, beside what it always says. */
  readonly config?: object
  /** Ends when it is on the screen. */
  readonly enter: (mounted: Mounted) => Promise<unknown>
}

export const STATES: readonly State[] = [
  ...launcherStates,
  ...conversationStates,
  ...contactStates,
  ...ownerStates,
  ...toolStates,
  ...signInStates,
]
