import type { AccountStrings, Strings } from '../strings.ts'
import { comeLate } from '../late-words.ts'

/** English. */
export const accountStrings: AccountStrings = comeLate('account', {
  signIn: 'Sign in',
  username: 'User name',
  password: 'Password',
  show: 'Show password',
  hide: 'Hide password',
  signingIn: 'Signing in…',
  again: 'Please sign in again.',
  waits: 'Your message is sent as soon as you have signed in.',
  operator: 'Accounts are given out by whoever runs this chat.',
  incomplete: 'Enter your user name and your password.',
  wrong: 'The user name or the password is not right.',
  tooMany: 'That was too many attempts.',
  noAccounts: 'This chat has no accounts.',
})

/** The words in a language. */
export const accountWords = ({ account }: Strings): AccountStrings => account ?? accountStrings
