import { decodeHTMLStrict } from 'entities'

const INVISIBLE = /[\u00AD\u200E\u200F]/g
const SPACES = /[\u00A0\u2002\u2003\u2009]/g

/** Text without soft hyphens and marks of direction, which nobody types into a search, and with one kind of space. */
export const withPlainSpaces = (text: string): string =>
  text.replaceAll(INVISIBLE, '').replaceAll(SPACES, ' ')

/** Text with its character references resolved (those that end in `;`); unknown names stay as they are. */
export const decodeEntities = (text: string): string => withPlainSpaces(decodeHTMLStrict(text))
