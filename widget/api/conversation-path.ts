/** Where the server has a conversation, and the `rest` of it. */
export const conversationPath = (id: string, rest = '') =>
  `/api/conversations/${encodeURIComponent(id)}${rest}`
