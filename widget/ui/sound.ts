import type { ReactiveControllerHost } from 'lit'
import { late } from './late.ts'

/** The element that a page may ask for a sound. */
export type SoundHost = ReactiveControllerHost & { readonly sound: boolean }

/** The sound of an answer that comes while nobody looks, and what mutes it; most pages ask for none. */
export const soundCode = late(() => import('./sound-switch.ts'))
