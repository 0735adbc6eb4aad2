import type { FileKinds } from './strings.ts'

/** Pictures that models look at. */
export const IMAGE_TYPES: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

/** Ends of names that file choosers know no type of. */
const TEXT_ENDS =
  '.md,.csv,.tsv,.log,.yaml,.yml,.toml,.ini,.ts,.tsx,.jsx,.py,.rb,.go,.rs,.java,.kt,.swift,.c,.h,.cpp,.cs,.php,.sql,.sh'

/** What no text file says it is. `.ts` is a film to browsers, hence no word on those. */
const NO_TEXT =
  /^(audio|font)\/|^image\/(?!svg)|^video\/(?!mp2t)|^application\/(pdf|zip|gzip|msword|vnd\.)/

/** For a file chooser: what is taken. */
export const acceptOf = ({ images, text }: FileKinds): string =>
  [
    ...(images ? IMAGE_TYPES : []),
    ...(text ? ['text/*', 'application/json', TEXT_ENDS] : []),
  ].join()

/** What a file seems to be, before it is read. */
export function kindOf(type: string): 'image' | 'text' | undefined {
  if (IMAGE_TYPES.includes(type)) return 'image'
  return NO_TEXT.test(type) ? undefined : 'text'
}

/** The type that a text is sent as: the browser's, if that is one of a text. */
export const textTypeOf = (type: string): string =>
  /^text\/[\w.+-]+$|^application\/(json|xml)$|\+(json|xml)$/.test(type) ? type : 'text/plain'

/** Whether bytes from the beginning of a file are UTF-8 text; the last character may be cut. */
export function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    // No UTF-8.
    return false
  }
}
