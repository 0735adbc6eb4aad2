import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createRecordingLogger } from '../../testing/stores/testing.ts'
import { type Checkpoints, createCheckpoints } from './checkpoints.ts'

const DELAY = 1_000

let unsavedLength = 0
let noted = 0
let checkpoints: Checkpoints

beforeEach(() => {
  vi.useFakeTimers()
  unsavedLength = 0
  noted = 0
  checkpoints = createCheckpoints({
    journal: {
      get unsavedLength() {
        return unsavedLength
      },
      beginSaving: async () => async () => {
        noted += 1
      },
      forget: async () => {},
      makeRoom: async () => {},
    },
    logger: createRecordingLogger(),
    delay: DELAY,
    saveIndex: async () => true,
    forgetWords: async () => {},
  })
})
afterEach(async () => {
  await checkpoints.close()
  vi.useRealTimers()
})

/** Of a conversation, with a turn or without. */
function createFile(isInTurn: boolean) {
  const file = { isUnsaved: true, isInTurn, saved: 0 }
  const save = async () => {
    file.saved += 1
    file.isUnsaved = false
  }
  return Object.assign(file, { save })
}

it('saves a file once the turn has ended that it is in, and others a moment after they changed', async () => {
  const [other, asked] = [createFile(false), createFile(true)]
  checkpoints.expect(other)
  checkpoints.expect(asked)
  await vi.advanceTimersByTimeAsync(DELAY * 5)
  expect([other.saved, asked.saved]).toEqual([1, 0])
  // Lines of the one that waits are among those that the next start is to read.
  expect(noted).toBe(0)
  asked.isInTurn = false
  await vi.advanceTimersByTimeAsync(DELAY)
  expect([other.saved, asked.saved, noted]).toEqual([1, 1, 1])
})

it('waits a minute for the end of a turn, and no longer', async () => {
  const asked = createFile(true)
  checkpoints.expect(asked)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked.saved).toBe(0)
  await vi.advanceTimersByTimeAsync(2 * DELAY)
  expect([asked.saved, noted]).toEqual([1, 1])
})

it('waits for no turn while the journal is long, nor at the end', async () => {
  const asked = createFile(true)
  checkpoints.expect(asked)
  await vi.advanceTimersByTimeAsync(DELAY)
  expect(asked.saved).toBe(0)
  unsavedLength = 9 * 1024 * 1024
  checkpoints.expect(asked)
  await vi.advanceTimersByTimeAsync(0)
  expect(asked.saved).toBe(1)
  unsavedLength = 0
  asked.isUnsaved = true
  checkpoints.expect(asked)
  await checkpoints.close()
  expect(asked.saved).toBe(2)
})
