import { answerStrings } from './answer.ts'
import { formatsIn } from '../formats.ts'
import type { Strings } from '../strings.ts'

const { number, count: amountOf, duration } = formatsIn('en')

const count = (amount: number, one: string, other: string) =>
  amountOf(amount, { one: `# ${one}`, other: `# ${other}` })

/** English. */
export const en: Strings = {
  language: 'en',
  direction: 'ltr',
  heading: 'Chat',
  launcher: { open: 'Open chat', close: 'Close chat' },
  unread: (amount) => count(amount, 'new message', 'new messages'),
  newConversation: 'New conversation',
  close: 'Close',
  messages: 'Messages',
  you: 'You said',
  assistant: 'Answer',
  greeting: 'Hello. What can I help you with?',
  starters: 'Suggestions',
  jump: 'Jump to latest',
  newText: 'New text below',
  loading: 'Loading the conversation…',
  composer: {
    label: 'Message',
    placeholder: 'Ask anything…',
    send: 'Send',
    stop: 'Stop',
    think: 'Think',
    thinkHint: 'Reason step by step before answering',
    search: 'Search',
    searchHint: 'Look on the web before answering',
    addFiles: 'Add files',
    unread: 'The files are still being read.',
    dictate: 'Speak your message',
    empty: 'Write a message first.',
    left: (amount) => `${count(amount, 'character', 'characters')} left`,
    tooLong: (over, limit) =>
      `${count(over, 'character', 'characters')} too many: a message holds ${number(limit)}. Shorten it, or send it in parts.`,
  },
  actions: {
    copy: 'Copy',
    copied: 'Copied',
    regenerate: 'Answer again',
    tryAgain: 'Try again',
    edit: 'Edit',
  },
  waiting: {
    sending: 'Sending…',
    thinking: 'Thinking…',
    searching: 'Looking it up…',
    writing: 'Writing the answer…',
    reading: (name) => (name === '' ? 'Reading…' : `Reading ${name}…`),
    readSoFar: (done, total) => `${number(done)} of ${number(total)}`,
  },
  notes: {
    stopped: 'Stopped',
    length: 'The answer reached its length limit.',
    filtered: 'The answer was withheld by a content filter.',
    interrupted: 'Interrupted',
    unsent: 'Not sent',
    editUnsent: 'Edit not sent',
    offline: 'Will be sent when you are back online',
  },
  conversations: 'Conversations',
  banner: {
    offline: 'You are offline. Your messages are safe here.',
    reconnecting: 'Connection lost. Reconnecting…',
  },
  hints: {
    gone: 'That conversation no longer exists. Your text is still here; send it to start a new one.',
    unanswered: 'No answer yet.',
    unstopped: 'The answer could not be stopped. Try again in a moment.',
  },
  errors: {
    offline: 'You are offline. Check your connection and try again.',
    unreachable: 'The chat server cannot be reached right now.',
    misconfigured: 'This chat is not set up correctly: there is no chat server at its address.',
    unauthorized: 'You need to sign in to chat here.',
    interrupted: 'The answer was interrupted before it was complete.',
    internal: 'Something went wrong on our side.',
  },
  retryIn: (seconds) => `Try again in ${duration(seconds)}`,
  answer: answerStrings,
}
