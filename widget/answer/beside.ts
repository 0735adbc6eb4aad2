/**
 * What comes beside the first answer, in one file: what is of use at once but not needed, and the looks of what few
 * chats show. Where it cannot be had, that looks plainer, and the page's shortcuts hear what is typed.
 */
export { pressInAnswer } from './press.ts'
export { addRareStyles, rareStyles } from './rare.styles.ts'
export { warmUpMarkdown } from '../markdown/stream/warm-up.ts'
export { keepTypedKeys } from '../panel/typed-keys.ts'
