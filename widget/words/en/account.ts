import { comeLate } from '../late-words.ts'
import type { Strings } from '../strings.ts'

/** Words of signing in, in the visitor's language. */
export interface AccountStrings {
  readonly signIn: string
  readonly username: string
  readonly password: string
  readonly show: string
  readonly hide: string
  readonly signingIn: string
  /** The server does not know them any more. */
  readonly again: string
  /** A message was sent before. */
  readonly waits: string
  /** Who has no account learns where they come from. */
  readonly operator: string
  readonly incomplete: string
  readonly wrong: string
  readonly tooMany: string
  /** A page asks to sign in where no user has a name. */
  readonly noAccounts: string
}

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
