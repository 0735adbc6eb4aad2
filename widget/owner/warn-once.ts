const said = new Set<string>()

/** Tells whoever builds the page what it says that cannot be used, once. */
export function warnOnce(sentence: string): void {
  if (said.has(sentence)) return
  said.add(sentence)
  // oxlint-disable-next-line no-console -- it is where people look who build the page.
  console.warn(`samosa-chat: ${sentence}`)
}
