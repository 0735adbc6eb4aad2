import { createLocalJWKSet, errors, type JWTVerifyGetKey, type LocalJWKSet } from 'jose'
import { z } from 'zod'
import type { Environment } from '../core/settings.ts'
import { unreachable, type Asker } from './ask.ts'

/** Milliseconds after which the keys are asked for again. */
const FRESH_FOR = 10 * 60_000
/** Milliseconds that known keys are used while the address does not answer. */
const USABLE_FOR = 60 * 60_000
/** Milliseconds between two times that unknown key ids make the keys be asked for again. */
const UNKNOWN_KEY_PAUSE = 10_000
/** Milliseconds between two attempts after one that failed. */
const FAILURE_PAUSE = 3_000

export interface KeySetOptions {
  readonly url: string
  readonly asker: Asker
  readonly environment: Environment
}

const keySetSchema = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) })

/**
 * The keys at an address (RFC 7517), asked for when they are first needed, when they are old, and when a
 * token names one that is not among them.
 * @throws ChatError `auth_unreachable` when there are none to be had; jose's errors for a token that fits none
 */
export function createKeySet({ url, asker, environment }: KeySetOptions): JWTVerifyGetKey {
  let known: { readonly keys: LocalJWKSet; readonly at: number } | undefined
  let loading: Promise<void> | undefined
  /** When an unknown key id made the keys be asked for again. */
  let renewedAt = -Infinity
  let failed: { readonly error: unknown; readonly at: number } | undefined

  const ageOf = (event: { readonly at: number } | undefined) =>
    event ? environment.now() - event.at : Infinity

  const read = async () => {
    const { status, body } = await asker.ask({ method: 'GET', url, headers: {} })
    if (status !== 200) throw unreachable(new Error(`the key set answered HTTP ${status}`))
    const keySet = keySetSchema.safeParse(body)
    if (!keySet.success) throw unreachable(new Error('the key set is none'))
    return createLocalJWKSet(keySet.data)
  }

  /** One request for all that wait. @throws ChatError `auth_unreachable` */
  const load = async () => {
    if (failed && ageOf(failed) < FAILURE_PAUSE) throw failed.error
    loading ??= read()
      .then(
        (keys) => {
          known = { keys, at: environment.now() }
          failed = undefined
        },
        (error: unknown) => {
          failed = { error, at: environment.now() }
          throw error
        },
      )
      .finally(() => {
        loading = undefined
      })
    await loading
  }

  const current = async (): Promise<LocalJWKSet> => {
    if (known && ageOf(known) < FRESH_FOR) return known.keys
    try {
      await load()
    } catch (error) {
      // Signatures do not get worse while the address is down for a while.
      if (!known || ageOf(known) >= USABLE_FOR) throw error
    }
    if (!known) throw unreachable(new Error('there is no key set'))
    return known.keys
  }

  return async (header, token) => {
    const keys = await current()
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      // Others may have asked since, or be asking: what they get is as new.
      if (known?.keys === keys) {
        if (!loading) {
          if (environment.now() - renewedAt < UNKNOWN_KEY_PAUSE) throw error
          renewedAt = environment.now()
        }
        await load()
      }
      const newer = await current()
      return await newer(header, token)
    }
  }
}
