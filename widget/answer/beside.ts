/**
 * What comes beside the first answer, in one file: what is of use at once but not needed, and the looks of what few
 * chats show. Where it cannot be had, that looks plainer, nothing is said aloud, and the page's shortcuts hear what is typed.
 */
export { Announcer } from './announcer.ts'
export { pressInAnswer } from './press.ts'
export { renderBar } from './progress-bar.ts'
export { addRareStyles, rareStyles } from './rare.styles.ts'
export { catchFiles } from '../composer/catch-files.ts'
export { warmUpMarkdown } from '../markdown/stream/warm-up.ts'
export { keepTypedKeys } from '../panel/typed-keys.ts'
