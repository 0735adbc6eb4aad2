import { allowImagesFrom } from '../ui/image-origins.ts'

declare global {
  interface Window {
    /** Of which logo the console has told: the loader and the element are two files that both show it. */
    samosaLogo?: string | undefined
  }
}

/** Pixels of a side: a larger picture would cost every page more than a mark may. */
const LARGEST = 2_048

export interface LogoWish {
  /** As the owner wrote it. */
  readonly address: string
  /** What a relative address is relative to. */
  readonly base: string
  /** The server that the chat talks to. */
  readonly endpoint: string
  /** Further origins, as in `image-origins`. */
  readonly imageOrigins: string
}

/**
 * Fetches a site's own picture, which takes the place of our mark: from the page's origin, the server's or
 * an allowed one. Where it may not be shown our mark stays, and the console tells the owner why.
 */
export async function loadLogo(wish: LogoWish): Promise<HTMLImageElement | undefined> {
  const { address, base, endpoint, imageOrigins } = wish
  const url = URL.canParse(address, base) ? new URL(address, base).href : 'about:'
  const refuse = (reason: string) => {
    if (window.samosaLogo !== address) {
      window.samosaLogo = address
      // oxlint-disable-next-line no-console -- nobody but the owner can put it right, and they look there.
      console.warn(`Samosa Chat shows its own mark: the logo ${address} ${reason}.`)
    }
    return undefined
  }
  if (!allowImagesFrom(`self ${endpoint} ${imageOrigins}`)(url)) {
    return refuse('is no http(s) address of an origin that image-origins names')
  }
  const picture = new Image()
  // It says nothing that its surroundings do not.
  picture.alt = ''
  picture.decoding = 'async'
  picture.src = url
  try {
    await picture.decode()
  } catch {
    return refuse('could not be loaded as a picture')
  }
  const { naturalWidth, naturalHeight } = picture
  if (Math.max(naturalWidth, naturalHeight) > LARGEST) {
    return refuse(`is larger than ${LARGEST} pixels a side`)
  }
  return picture
}
