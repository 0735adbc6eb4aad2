/** What a site may style of an answer. */
export const ANSWER_PARTS = 'code, table, think, tool, sources'
/** What a site may style of a message. */
export const MESSAGE_PARTS = `bubble, answer, ${ANSWER_PARTS}`
