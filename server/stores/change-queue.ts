/** Changes of one record that wait for the disk. Those that have piled up are stored together. */
import type { Change } from './journal/record-changes.ts'
import type { ConversationRecord } from './records.ts'

export interface ChangeQueue {
  /** True while a change waits. */
  readonly busy: boolean
  /** Resolves when the change is stored. @throws what the change throws, or the storing. */
  change<T>(change: Change<T>, onWritten?: (result: T) => void): Promise<T>
  /** Resolves when nothing waits any more. Never rejects. */
  idle(): Promise<void>
}

export interface ChangeQueueOptions {
  readonly load: () => Promise<ConversationRecord | undefined>
  /** May call `onWritten` before it is done. */
  readonly store: (
    before: ConversationRecord | undefined,
    next: ConversationRecord | undefined,
    onWritten: () => void,
  ) => Promise<void>
}

interface WaitingChange {
  apply(current: ConversationRecord | undefined): ConversationRecord | undefined
  written(): void
  succeed(): void
  fail(error: unknown): void
}

export function createChangeQueue({ load, store }: ChangeQueueOptions): ChangeQueue {
  let waiting: WaitingChange[] = []
  let working: Promise<void> | undefined

  const applyAll = (before: ConversationRecord | undefined) => {
    const batch = waiting
    waiting = []
    const applied: WaitingChange[] = []
    let next = before
    for (const change of batch) {
      try {
        next = change.apply(next)
        applied.push(change)
      } catch (error) {
        change.fail(error)
      }
    }
    return { applied, next }
  }

  const work = async () => {
    while (waiting.length > 0) {
      let batch = waiting
      try {
        const before = await load()
        const { applied, next } = applyAll(before)
        batch = applied
        await store(before, next, () => {
          for (const change of batch) change.written()
        })
        for (const change of batch) change.succeed()
      } catch (error) {
        waiting = waiting.filter((change) => !batch.includes(change))
        for (const change of batch) change.fail(error)
      }
    }
    working = undefined
  }

  return {
    get busy() {
      return working !== undefined
    },
    change<T>(change: Change<T>, onWritten?: (result: T) => void) {
      return new Promise<T>((resolve, reject) => {
        let outcome: { readonly result: T } | undefined
        waiting.push({
          apply(current) {
            const { next, result } = change(current)
            outcome = { result }
            return next
          },
          written() {
            if (outcome) onWritten?.(outcome.result)
          },
          succeed() {
            if (outcome) resolve(outcome.result)
          },
          fail: reject,
        })
        working ??= work()
      })
    },
    async idle() {
      await working
    },
  }
}
