/** What tabs of one site tell each other about their conversations. */
import { isObject, listIn, textIn } from '../api/check.ts'

export type TabNews =
  | { readonly type: 'removed'; readonly ids: readonly string[] }
  | { readonly type: 'renamed'; readonly id: string; readonly title: string }
  | { readonly type: 'changed' }

export interface TabChannel {
  tell(news: TabNews): void
  close(): void
}

const NAME = 'samosa-chat:conversations'

function readNews(data: unknown): TabNews | undefined {
  if (!isObject(data)) return undefined
  const id = textIn(data, 'id')
  const title = textIn(data, 'title')
  if (data['type'] === 'changed') return { type: 'changed' }
  if (data['type'] === 'removed') {
    return { type: 'removed', ids: listIn(data, 'ids').filter((one) => typeof one === 'string') }
  }
  if (data['type'] === 'renamed' && id !== undefined && title !== undefined) {
    return { type: 'renamed', id, title }
  }
  return undefined
}

/** Without a channel, where a browser forbids it, other tabs learn when they next ask the server. */
export function openTabChannel(onNews: (news: TabNews) => void): TabChannel {
  let channel: BroadcastChannel | undefined
  try {
    channel = new BroadcastChannel(NAME)
  } catch {
    return { tell() {}, close() {} }
  }
  channel.addEventListener('message', ({ data }) => {
    const news = readNews(data)
    if (news) onNews(news)
  })
  const open = channel
  return {
    tell(news) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
      open.postMessage(news)
    },
    close: () => open.close(),
  }
}
