/** `on` and `off` set the Think toggle, `auto` remembers the visitor's choice, `hidden` takes it away. */
export type Think = 'auto' | 'on' | 'off' | 'hidden'

export interface ThinkChoice {
  /** Whether there is a toggle. */
  readonly canThink: boolean
  readonly thinking: boolean
}

/** What the attribute, the server and the visitor make of the Think toggle together. */
export function chooseThink(
  think: Think,
  isOffered: boolean,
  remembered: boolean | undefined,
): ThinkChoice {
  if (think !== 'auto') return { canThink: think !== 'hidden', thinking: think === 'on' }
  return { canThink: isOffered, thinking: isOffered && remembered === true }
}
