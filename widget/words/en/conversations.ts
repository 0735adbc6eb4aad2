import type { DrawerStrings, Strings } from '../strings.ts'
import { comeLate } from '../late-words.ts'
import { monthsIn } from '../late-formats.ts'

const count = (amount: number) =>
  amount === 1 ? '1 conversation' : `${amount.toLocaleString('en')} conversations`

/** English. */
export const drawerStrings: DrawerStrings = comeLate('drawer', {
  close: 'Close the list',
  search: 'Search conversations',
  clear: 'Clear the search',
  today: 'Today',
  yesterday: 'Yesterday',
  week: 'Previous 7 days',
  month: monthsIn('en'),
  loading: 'Loading…',
  empty: 'Your conversations will be here.',
  nothing: (query) => `Nothing found for “${query}”.`,
  found: (amount, more) => `${count(amount)}${more ? ' or more' : ''} found.`,
  download: (title) => `Download “${title}”`,
  preparing: 'The file is being made…',
  downloaded: 'The file is downloaded.',
  rename: (title) => `Rename “${title}”`,
  title: 'Title',
  remove: (title) => `Delete “${title}”`,
  removed: (title) => `Deleted “${title}”`,
  removedMany: (amount) => `${count(amount)} deleted.`,
  undo: 'Undo',
  restored: 'Deletion undone.',
  signOut: 'Sign out',
  notRenamed: (sentence) => `The title was not saved. ${sentence}`,
  notRemoved: (title, sentence) => `“${title}” was not deleted. ${sentence}`,
  notDownloaded: (title, sentence) => `“${title}” was not downloaded. ${sentence}`,
  tooLong: 'It is too long for this format. Please take Markdown or JSON.',
})

/** The list's words in a language. */
export const drawerWords = ({ drawer }: Strings): DrawerStrings => drawer ?? drawerStrings
