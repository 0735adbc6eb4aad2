/**
 * Brings the files of conversations up to date with the journal, a moment after they changed, and then
 * removes what the journal says of them.
 */
import type { Logger } from '../core/ports.ts'
import { forEachOf } from './for-each-of.ts'
import type { Journal } from './journal.ts'

/** Few: those who wait for a line of the journal wait for the same disk. */
const FILES_AT_ONCE = 2

/** Milliseconds until it is tried again after the disk failed. */
const RETRY_DELAY = 10_000

/** Bytes of journal that are not waited with. */
const LONG_JOURNAL = 8 * 1024 * 1024

/** Something that is ahead of its file. */
export interface Unsaved {
  readonly isUnsaved: boolean
  /** @throws what the disk throws. */
  save(): Promise<void>
}

export interface Checkpoints {
  /** Files could not be written the last time; the journal has what they lack. */
  readonly isFailing: boolean
  /** To be called before a line goes to the journal. */
  expect(file: Unsaved): void
  /** Saves everything that has changed until now, and forgets the journal of it. Never rejects. */
  saveAll(): Promise<void>
  /** No more by itself. */
  close(): Promise<void>
}

export function createCheckpoints(options: {
  readonly journal: Journal
  readonly logger: Logger
  /** Milliseconds in which changes are collected. */
  readonly delay: number
}): Checkpoints {
  const { journal, logger, delay } = options
  const unsaved = new Set<Unsaved>()
  let isFailing = false
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let following: Promise<void> | undefined

  const saveFiles = async () => {
    const removeOlder = await journal.rotate()
    const failures: unknown[] = []
    await forEachOf([...unsaved], FILES_AT_ONCE, async (file) => {
      try {
        await file.save()
        if (!file.isUnsaved) unsaved.delete(file)
      } catch (error) {
        failures.push(error)
      }
    })
    if (failures.length > 0) throw failures[0]
    await removeOlder()
  }

  const run = async () => {
    clearTimeout(timer)
    timer = undefined
    try {
      await saveFiles()
      isFailing = false
    } catch (error) {
      isFailing = true
      logger.error(
        { err: error },
        'files of conversations could not be written; they are in the journal',
      )
    }
    running = undefined
    if (unsaved.size > 0 || isFailing) schedule()
  }

  const schedule = () => {
    if (closed) return
    if (journal.length > LONG_JOURNAL && !isFailing) running ??= run()
    if (!running)
      timer ??= setTimeout(() => void saveAll(), isFailing ? RETRY_DELAY : delay).unref()
  }

  /** After the one that runs: it may have passed by what has changed since. */
  const follow = async (before: Promise<void>) => {
    await before
    following = undefined
    running ??= run()
    await running
  }

  const saveAll = async () => {
    if (running) following ??= follow(running)
    else running = run()
    await (following ?? running)
  }

  return {
    get isFailing() {
      return isFailing
    },
    expect(file) {
      unsaved.add(file)
      schedule()
    },
    async saveAll() {
      // What came after the end has nothing to go to.
      if (!closed) await saveAll()
    },
    async close() {
      closed = true
      await saveAll()
      clearTimeout(timer)
    },
  }
}
