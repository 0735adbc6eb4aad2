import { isObject, numberIn, parseJson, textIn } from './check.ts'
import type { Session } from './decode-body.ts'
import type { KeyValueStore } from './key-value-store.ts'

export interface SessionOptions {
  readonly store: KeyValueStore
  /** A token that takes the place of a visitor's session: the host page's, or an account's. */
  readonly givenToken: () => Promise<string | undefined> | string | undefined
  /** Has a given token replaced that the server refused; false when it cannot. */
  readonly renewGiven?: ((refused: string) => Promise<boolean>) | undefined
  /**
   * Resolves where the server gives everybody a session; else to the token of who has signed in meanwhile.
   * @throws ApiError `unauthorized` when nobody can
   */
  readonly signIn: () => Promise<string | undefined>
  /** The earlier token, however old, lets the server know the visitor again. */
  readonly request: (earlierToken: string | undefined) => Promise<Session>
}

export interface SessionKeeper {
  /** @throws ApiError `unauthorized` when the server wants a token and none was given */
  token(): Promise<string>
  /** Forgets a token that the server refused; false when there is nothing to put in its place. */
  discard(token: string): Promise<boolean>
}

const KEY = 'session'
/** Renewed a little early, so that a request on its way does not outlive its token. */
const MARGIN_MS = 30_000

/** Keeps the visitor's session token over reloads, and shares one request for it. */
export function createSessionKeeper(options: SessionOptions): SessionKeeper {
  const { store, givenToken } = options
  let asking: Promise<string> | undefined
  let renewing: Promise<boolean> | undefined

  const stored = () => {
    const parsed = parseJson(store.get(KEY) ?? '')
    if (!isObject(parsed)) return undefined
    return { token: textIn(parsed, 'token'), expiresAt: numberIn(parsed, 'expiresAt') ?? 0 }
  }

  const kept = (): string | undefined => {
    const session = stored()
    return session && session.expiresAt - MARGIN_MS > Date.now() ? session.token : undefined
  }

  const ask = async (): Promise<string> => {
    const accountToken = await options.signIn()
    if (accountToken !== undefined) return accountToken
    const { token, expiresIn } = await options.request(stored()?.token)
    store.set(KEY, JSON.stringify({ token, expiresAt: Date.now() + expiresIn * 1000 }))
    return token
  }

  return {
    async token() {
      const ready = (await givenToken()) ?? kept()
      if (ready !== undefined) return ready
      asking ??= ask().finally(() => {
        asking = undefined
      })
      return asking
    },
    async discard(token) {
      if ((await givenToken()) === token) {
        renewing ??= (options.renewGiven?.(token) ?? Promise.resolve(false)).finally(() => {
          renewing = undefined
        })
        return renewing
      }
      // Another tab may have renewed it already. The token itself is kept: it tells who the visitor was.
      if (kept() === token) store.set(KEY, JSON.stringify({ token, expiresAt: 0 }))
      return true
    },
  }
}
