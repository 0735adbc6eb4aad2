/**
 * journal: changes of conversations as lines, which their files take in later. Begin at journal.ts.
 *
 * Brings the files of conversations up to date with the journal, a moment after they changed; in a turn, once it has
 * ended. Takes what
 * conversations have lost out of the journal and out of what searches keep, a little later.
 */
import type { Logger } from '../../core/ports/index.ts'
import { systemCode, forEachOf } from '../disk/file-system.ts'

import type { Forgotten, Journal } from './journal.ts'

/** Few: those who wait for a line of the journal wait for the same disk. */
const FILES_AT_ONCE = 2

/** Milliseconds until it is tried again after the disk failed. */
const RETRY_DELAY = 10_000

/** Bytes of journal that are not waited with. */
const LONG_JOURNAL = 8 * 1024 * 1024

/** Milliseconds that a file waits for the end of a turn: what it lacks is read again at the next start. */
const LONGEST_WAIT = 60_000

/** Milliseconds after which what stays for copies is looked through, also when nothing happens. */
const TIDY_EVERY = 60 * 60_000

/** So many times as long as changes are collected, losses are: files are written anew for them. */
const LOSS_DELAYS = 10

const STAYS = 'what was replaced stays in the journal for a day'

/** Something that is ahead of its file. */
export interface Unsaved {
  readonly isUnsaved: boolean
  /** More is to come soon, which is better saved together. */
  readonly isInTurn: boolean
  /** @throws what the disk throws. */
  save(): Promise<void>
}

/** Something of which the journal says more than there still is. */
export interface Reduced {
  /** Nothing when there is nothing to forget any more. @throws what the disk throws */
  takeForgotten(): Promise<Required<Forgotten> | undefined>
}

export interface Checkpoints {
  /** Files could not be written the last time; the journal has what they lack. */
  readonly isFailing: boolean
  /** To be called before a line goes to the journal. */
  expect(file: Unsaved): void
  /** What is gone from the file is to leave the journal too. */
  expectLoss(file: Reduced): void
  /** Saves everything that has changed until now. Never rejects. */
  saveAll(): Promise<void>
  /** No more by itself. */
  close(): Promise<void>
}

export function createCheckpoints(options: {
  readonly journal: Pick<Journal, 'unsavedLength' | 'beginSaving' | 'forget' | 'makeRoom'>
  readonly logger: Logger
  /** Milliseconds in which changes are collected. */
  readonly delay: number
  /** Saves what is made of the conversations; false: the next start is to look at what has changed all the same. */
  readonly saveIndex: () => Promise<boolean>
  /** Takes the words of conversations off the disk. @throws what the disk throws */
  readonly forgetWords: (forgotten: readonly Required<Forgotten>[]) => Promise<void>
}): Checkpoints {
  const { journal, logger, delay, saveIndex, forgetWords } = options
  const unsaved = new Set<Unsaved>()
  const reduced = new Set<Reduced>()
  let isFailing = false
  let isForgetting = false
  let closed = false
  /** Since when some file has waited for the end of a turn, by `performance.now()`. */
  let waitingSince: number | undefined
  let timer: NodeJS.Timeout | undefined
  let lossTimer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let following: Promise<void> | undefined

  const isLong = () => journal.unsavedLength > LONG_JOURNAL

  const saveFiles = async (isAll: boolean) => {
    const noteSaved = await journal.beginSaving()
    const failures: unknown[] = []
    const due = isAll ? [...unsaved] : [...unsaved].filter((file) => !file.isInTurn)
    if (due.length === unsaved.size) waitingSince = undefined
    else waitingSince ??= performance.now()
    await forEachOf(due, FILES_AT_ONCE, async (file) => {
      try {
        await file.save()
        if (!file.isUnsaved) unsaved.delete(file)
      } catch (error) {
        failures.push(error)
      }
    })
    if (failures.length > 0) throw failures[0]
    const isIndexSaved = await saveIndex()
    // What waits has lines among the others.
    if (waitingSince === undefined)
      await noteSaved(reduced.size > 0 || isForgetting || !isIndexSaved)
  }

  const forgetLosses = async () => {
    clearTimeout(lossTimer)
    lossTimer = undefined
    const losing = [...reduced]
    reduced.clear()
    isForgetting = true
    const forgotten: Required<Forgotten>[] = []
    try {
      for (const file of losing) {
        const lost = await file.takeForgotten()
        if (lost) forgotten.push(lost)
      }
    } catch (error) {
      logger.error({ err: error }, STAYS)
    }
    try {
      if (forgotten.length > 0) await journal.forget(forgotten)
    } catch (error) {
      logger.error({ err: error }, STAYS)
    }
    isForgetting = false
    if (forgotten.length === 0) return
    try {
      await forgetWords(forgotten)
    } catch (error) {
      logger.error({ err: error }, 'words of a conversation could not be erased')
    }
  }

  /** Keeping lines for copies is worth less than taking what comes. */
  const makeRoom = async (error: unknown) => {
    if (!['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')) return
    try {
      await journal.makeRoom()
    } catch (cause) {
      logger.warn({ err: cause }, 'no room could be made on the disk')
    }
  }

  const run = async (isForced: boolean) => {
    clearTimeout(timer)
    timer = undefined
    const hasWaited = performance.now() - (waitingSince ?? Infinity) > LONGEST_WAIT
    try {
      await saveFiles(isForced || hasWaited || isLong())
      isFailing = false
    } catch (error) {
      isFailing = true
      logger.error(
        { err: error },
        'files of conversations could not be written; they are in the journal',
      )
      await makeRoom(error)
    }
    running = undefined
    if (unsaved.size > 0 || isFailing) schedule()
  }

  const schedule = () => {
    if (closed) return
    if (isLong() && !isFailing) running ??= run(true)
    const saveDue = () => {
      running ??= run(false)
    }
    if (!running) timer ??= setTimeout(saveDue, isFailing ? RETRY_DELAY : delay).unref()
  }

  /** After the one that runs: it may have passed by what has changed since. */
  const follow = async (before: Promise<void>) => {
    await before
    following = undefined
    running ??= run(true)
    await running
  }

  const saveAll = async () => {
    if (running) following ??= follow(running)
    else running = run(true)
    await (following ?? running)
  }

  const tidying = setInterval(() => void saveAll(), TIDY_EVERY).unref()

  return {
    get isFailing() {
      return isFailing
    },
    expect(file) {
      unsaved.add(file)
      schedule()
    },
    expectLoss(file) {
      reduced.add(file)
      lossTimer ??= setTimeout(() => void forgetLosses(), delay * LOSS_DELAYS).unref()
    },
    async saveAll() {
      // What came after the end has nothing to go to.
      if (!closed) await saveAll()
    },
    async close() {
      closed = true
      clearInterval(tidying)
      await saveAll()
      clearTimeout(timer)
      await forgetLosses()
    },
  }
}
