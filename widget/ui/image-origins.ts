/** Whether an image may be loaded: its address can carry a conversation away. */
export type AllowsImage = (address: string) => boolean

/** Allows images of the origins in the list (`https://cdn.example.org`, `self` for the page's own). */
export function allowImagesFrom(list: string): AllowsImage {
  const origins = new Set(
    list
      .split(/[\s,]+/)
      .map((entry) => (entry === 'self' ? location.origin : originOf(entry)))
      .filter((origin) => origin.startsWith('http')),
  )
  return (address) => origins.has(originOf(address, document.baseURI))
}

const originOf = (address: string, base?: string) =>
  URL.canParse(address, base) ? new URL(address, base).origin : ''
