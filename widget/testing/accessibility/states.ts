/** Everything that a visitor can have in front of them, and how one gets there. */
import type { State } from './state.ts'
import { contactStates } from './contact-states.ts'
import { conversationStates } from './conversation-states.ts'
import { launcherStates } from './launcher-states.ts'
import { ownerStates } from './owner-states.ts'
import { signInStates } from './sign-in-states.ts'
import { toolStates } from './tool-states.ts'

export const STATES: readonly State[] = [
  ...launcherStates,
  ...conversationStates,
  ...contactStates,
  ...ownerStates,
  ...toolStates,
  ...signInStates,
]
