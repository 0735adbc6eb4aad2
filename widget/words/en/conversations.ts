import { comeLate } from '../late-words.ts'
import { monthsIn } from '../months.ts'
import type { Strings } from '../strings.ts'

/** Words of the list of conversations, in the visitor's language. */
export interface DrawerStrings {
  readonly close: string
  readonly search: string
  readonly clear: string
  readonly today: string
  readonly yesterday: string
  /** Two to seven days ago. */
  readonly week: string
  readonly month: (date: Date, isThisYear: boolean) => string
  readonly loading: string
  readonly empty: string
  readonly nothing: (query: string) => string
  /** Read out when a search has found so many; `more`: at least so many. */
  readonly found: (count: number, more: boolean) => string
  readonly download: (title: string) => string
  /** Read out while a file is made, and when it is there. */
  readonly preparing: string
  readonly downloaded: string
  readonly rename: (title: string) => string
  readonly title: string
  readonly remove: (title: string) => string
  readonly removed: (title: string) => string
  readonly removedMany: (count: number) => string
  readonly undo: string
  readonly restored: string
  readonly signOut: string
  readonly notRenamed: (sentence: string) => string
  readonly notRemoved: (title: string, sentence: string) => string
  readonly notDownloaded: (title: string, sentence: string) => string
  /** Why a PDF or a Word file cannot be had. */
  readonly tooLong: string
}

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
