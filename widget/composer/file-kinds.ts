import { isTextName, TEXT_ENDINGS } from '../../server/protocol/text-names.ts'
import type { FileKinds } from './strings.ts'

/** Pictures that models look at. */
export const IMAGE_TYPES: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

/** Taken for its text. */
export const PDF_TYPE = 'application/pdf'

/** What no text file says it is, unless its name is one of a text. */
const NO_TEXT = /^(audio|video|font)\/|^image\/(?!svg)|^application\/(zip|gzip|msword|vnd\.)/

/** For a file chooser: what is taken. */
export const acceptOf = ({ images, text, pdf }: FileKinds): string =>
  [
    ...(images ? IMAGE_TYPES : []),
    ...(pdf ? [PDF_TYPE, '.pdf'] : []),
    ...(text ? ['text/*', 'application/json', ...TEXT_ENDINGS.map((ending) => `.${ending}`)] : []),
  ].join()

/** What a file seems to be, before it is read. */
export function kindOf({
  name,
  type,
}: Pick<File, 'name' | 'type'>): 'image' | 'text' | 'pdf' | undefined {
  if (type === PDF_TYPE || /\.pdf$/i.test(name)) return 'pdf'
  if (IMAGE_TYPES.includes(type)) return 'image'
  return NO_TEXT.test(type) && !isTextName(name) ? undefined : 'text'
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
