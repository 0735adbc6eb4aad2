import type { Mounted } from '../scripted/mount.ts'

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
