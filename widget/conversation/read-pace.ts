/**
 * Milliseconds for which text is gathered before it is read and drawn. It ends before the second frame of a
 * screen with 60 a second: text that grows thirty times a second reads as flowing, and costs half.
 */
export const PACE_MS = 25

/** Lets more text come together. A page that nobody sees reads at once: its timers may take a minute. */
export const gatherText = async (): Promise<void> => {
  if (globalThis.document?.hidden ?? true) return
  await new Promise((resolve) => setTimeout(resolve, PACE_MS))
}
