/** What every kind of token has in common. */
import { ChatError } from '../core/errors.ts'

/** Characters; longer ones are refused unread. */
export const LONGEST_TOKEN = 8_192
/** Seconds that clocks may differ. */
export const CLOCK_TOLERANCE = 5

const SIGNED = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Whether it has the form of a signed token: three parts, none of them empty, nothing around them. */
export const looksSigned = (token: string): boolean =>
  token.length <= LONGEST_TOKEN && SIGNED.test(token)

/** The one answer to every token that is refused: what is wrong with it is nobody's business. */
export const refusal = (cause?: unknown): ChatError =>
  new ChatError('unauthorized', 'The session is not valid any more.', { cause })
