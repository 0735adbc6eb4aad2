import type { RefusalStrings } from '../strings.ts'

/** English sentences for what a server refuses or fails at. */
export const refusalStrings: RefusalStrings = {
  not_found: 'That conversation no longer exists.',
  invalid_request: 'The server did not accept this message.',
  malformed_json: 'The server did not accept this message.',
  forbidden: 'You are not allowed to do that.',
  conflict: 'This conversation is being answered already.',
  rate_limited: 'That was a lot of messages in a short time.',
  budget_exhausted: 'This chat has reached its limit for today.',
  method_not_allowed: 'The chat server does not support this.',
  too_large: 'This message is too large to send.',
  unsupported_media_type: 'The server does not accept this kind of content.',
  inference_error: 'The assistant ran into an error while answering.',
  inference_unreachable: 'The assistant cannot be reached right now.',
  inference_timeout: 'The assistant took too long to answer.',
  inference_interrupted: 'The answer was cut off before it was complete.',
  auth_unreachable: 'Signing in does not work right now.',
  storage_unreachable: 'Conversations cannot be reached right now.',
}
