/** What every store of files promises. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AttachmentPlace, AttachmentStore, NewAttachment } from '../../core/ports/index.ts'

/** Bytes that an owner may keep in the stores of this suite. */
export const ATTACHMENT_LIMIT = 100_000

export interface AttachmentStoreUnderTest {
  readonly store: AttachmentStore
  /** Another one on what the first has kept. */
  reopen(): AttachmentStore
  /** From now on, messages of all that was saved count as stored or lost. */
  settle(): Promise<void>
  end(): Promise<void>
}

const placeOf = (ownerId = 'ann'): AttachmentPlace => ({ ownerId, conversationId: randomUUID() })

function fileOf(bytes: Uint8Array): NewAttachment {
  const { length: sizeBytes } = bytes
  return { id: randomUUID(), filename: 'a.png', contentType: 'image/png', sizeBytes, bytes }
}

const BYTES = Buffer.from([0, 255, 1, 254, 10, 13])
const forever = { signal: new AbortController().signal }

export function describeAttachmentStore(
  name: string,
  create: () => Promise<AttachmentStoreUnderTest>,
): void {
  describe(name, () => {
    let tested: AttachmentStoreUnderTest
    let store: AttachmentStore
    beforeEach(async () => {
      tested = await create()
      ;({ store } = tested)
    })
    afterEach(() => tested.end())

    const isThere = async (place: AttachmentPlace, { id }: NewAttachment) =>
      (await store.read(place, id)) !== undefined

    it('gives files back byte for byte, also when it is opened later', async () => {
      const place = placeOf('../../ann \u0000 \ud800')
      const files = [fileOf(BYTES), fileOf(Buffer.alloc(0)), fileOf(Buffer.alloc(50_000, 'समोसा'))]
      await store.save(place, files)
      const later = tested.reopen()
      for (const { id, bytes } of files) {
        const read = await later.read(place, id)
        expect(read && Buffer.from(read)).toEqual(bytes)
        expect(await later.conversationOf(place.ownerId, id)).toBe(place.conversationId)
      }
    })

    it('gives them to their own owner and conversation alone', async () => {
      const place = placeOf()
      const file = fileOf(BYTES)
      await store.save(place, [file])
      expect(await isThere(place, file)).toBe(true)
      expect(await store.read({ ...place, ownerId: 'bob' }, file.id)).toBeUndefined()
      expect(await store.read({ ...place, conversationId: randomUUID() }, file.id)).toBeUndefined()
      expect(await store.conversationOf('bob', file.id)).toBeUndefined()
      expect(await store.conversationOf('ann', randomUUID())).toBeUndefined()
      expect(await store.read({ ...place, conversationId: '../x' }, file.id)).toBeUndefined()
    })

    it('erases one by one, by conversation, and all of an owner at once', async () => {
      const [first, second, others] = [placeOf(), placeOf(), placeOf('bob')]
      const [one, other, third, fourth] = [0, 1, 2, 3].map(() => fileOf(BYTES))
      if (!one || !other || !third || !fourth) throw new Error('four files were made')
      await store.save(first, [one, other])
      await store.save(second, [third])
      await store.save(others, [fourth])
      const left = async () => [
        await isThere(first, one),
        await isThere(first, other),
        await isThere(second, third),
        await isThere(others, fourth),
      ]
      await store.remove(first, [])
      expect(await left()).toEqual([true, true, true, true])
      await store.remove(first, [one.id, randomUUID()])
      expect(await left()).toEqual([false, true, true, true])
      await store.remove(first)
      expect(await left()).toEqual([false, false, true, true])
      await store.removeOwner('ann')
      await store.removeOwner('ann')
      expect(await left()).toEqual([false, false, false, true])
      await store.save(first, [one])
      expect(await left()).toEqual([true, false, false, true])
    })

    it('takes no more than an owner may keep, whoever asks at once', async () => {
      const place = placeOf()
      const half = () => [fileOf(Buffer.alloc(60_000))]
      const saved = await Promise.allSettled([store.save(place, half()), store.save(place, half())])
      expect(saved.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      await expect(store.save(place, half())).rejects.toMatchObject({ code: 'too_large' })
      await store.save(placeOf('bob'), half())
      await store.remove(place)
      await store.save(place, half())
      const many = Array.from({ length: 25 }, () => fileOf(Buffer.alloc(1)))
      await expect(store.save(place, many)).rejects.toMatchObject({ code: 'too_large' })
    })

    it('keeps none of those that come together when they are too many', async () => {
      const place = placeOf()
      const files = [fileOf(Buffer.alloc(60_000)), fileOf(Buffer.alloc(60_000))]
      await expect(store.save(place, files)).rejects.toMatchObject({ code: 'too_large' })
      for (const file of files) expect(await isThere(place, file)).toBe(false)
    })

    it('sweeps what nothing wants, asked about a place at a time', async () => {
      const [kept, gone] = [placeOf(), placeOf('bob \ud800')]
      const [wanted, unwanted, lost] = [fileOf(BYTES), fileOf(BYTES), fileOf(BYTES)]
      await store.save(kept, [wanted, unwanted])
      await store.save(gone, [lost])
      await tested.settle()
      const asked: string[] = []
      await tested.reopen().sweep(async ({ ownerId, conversationId, ids }) => {
        asked.push(JSON.stringify([ownerId, conversationId, ids.length]))
        return conversationId === kept.conversationId ? new Set([wanted.id]) : new Set()
      }, forever)
      const places = [
        [kept.ownerId, kept.conversationId, 2],
        [gone.ownerId, gone.conversationId, 1],
      ]
      expect(asked.toSorted()).toEqual(places.map((place) => JSON.stringify(place)).toSorted())
      expect(await isThere(kept, wanted)).toBe(true)
      expect(await isThere(kept, unwanted)).toBe(false)
      expect(await isThere(gone, lost)).toBe(false)
    })

    it('leaves alone what comes while it sweeps, although no message has it yet', async () => {
      const place = placeOf()
      const [old, coming] = [fileOf(BYTES), fileOf(BYTES)]
      await store.save(place, [old])
      await tested.settle()
      await store.sweep(async () => {
        await store.save(place, [coming])
        return new Set()
      }, forever)
      expect(await isThere(place, old)).toBe(false)
      expect(await isThere(place, coming)).toBe(true)
    })

    it('sweeps nothing any more once it is told to end', async () => {
      const place = placeOf()
      const file = fileOf(BYTES)
      await store.save(place, [file])
      await tested.settle()
      await store.sweep(async () => new Set(), { signal: AbortSignal.abort() })
      expect(await isThere(place, file)).toBe(true)
    })
  })
}
