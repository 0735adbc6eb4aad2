import { isObject, listIn, numberIn, textIn } from '../api/check.ts'
import type { PendingSend } from './memory.ts'

/** What `JSON.stringify` made of a message; nothing when it is none. */
export function decodePending(parsed: unknown): PendingSend | undefined {
  if (!isObject(parsed)) return undefined
  const key = textIn(parsed, 'key')
  const text = textIn(parsed, 'text')
  const at = numberIn(parsed, 'at')
  if (key === undefined || text === undefined || at === undefined) return undefined
  const replaces = textIn(parsed, 'replaces')
  const repeats = textIn(parsed, 'repeats')
  const keep = listIn(parsed, 'keep').filter((id) => typeof id === 'string')
  const is = (name: string) => parsed[name] === true
  return {
    ...{ key, text, at, think: is('think'), files: is('files') },
    ...{ offline: is('offline'), failed: is('failed') },
    ...(replaces !== undefined && { replaces }),
    ...(repeats !== undefined && { repeats }),
    ...('keep' in parsed && { keep }),
  }
}
