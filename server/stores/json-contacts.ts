/**
 * What visitors wrote to the owner: `<directory>/contacts.jsonl`, a line for each entry, and one for each change of
 * how far its delivery has come. The newest line of an entry counts. Texts stay on the disk until they are asked for.
 */
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import type { Contact, ContactStore, Delivery } from '../core/ports/index.ts'
import { createStoreContext, parseJson, setAside, type StoreOptions } from './disk/atomic-file.ts'
import { createInTurn, explainFailure } from './disk/file-system.ts'
import { createCompactingLog, type LogLine } from './disk/append-log.ts'

const deliverySchema = z.looseObject({
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.number(),
  lastAttemptAt: z.string().nullable(),
  problem: z.string().nullable(),
})

export const contactSchema = z.looseObject({
  id: z.string(),
  ownerId: z.string(),
  message: z.string(),
  email: z.string(),
  about: z
    .looseObject({
      conversationId: z.string(),
      title: z.string().nullable(),
      question: z.string().nullable(),
      messageId: z.string().nullable(),
    })
    .nullable(),
  key: z.exactOptional(z.string()),
  delivery: deliverySchema.nullable(),
  createdAt: z.string(),
})

const lineSchema = z.union([
  z.object({ contact: contactSchema }),
  z.object({ id: z.string(), delivery: deliverySchema }),
])

/** What of an entry is in memory, and where the rest of it stands. */
interface Place {
  readonly id: string
  readonly ownerId: string
  readonly key: string | undefined
  readonly delivery: Delivery | null
  /** Whose words the entry has. */
  readonly conversationId: string | undefined
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** Bytes from the beginning of the file. */
  readonly start: number
  readonly length: number
}

const keyOf = (ownerId: string, key: string) => JSON.stringify([ownerId, key])

/** The folder must be there. @throws ChatError `internal` when the disk fails */
export async function createJsonContactStore(options: StoreOptions): Promise<ContactStore> {
  const context = createStoreContext(options)
  const { files, logger } = context
  const path = join(resolve(options.directory), 'contacts.jsonl')
  /** Oldest first. */
  const places = new Map<string, Place>()
  const byKey = new Map<string, string>()
  const log = createCompactingLog({ context, path, needed: () => places.size })
  /** What changes the file happens one after the other. */
  const inTurn = createInTurn()

  const note = (contact: Contact, start: number, length: number) => {
    const { id, ownerId, key, about, delivery, createdAt } = contact
    const hasWords = about !== null && (about.title ?? about.question) !== null
    const conversationId = hasWords ? about.conversationId : undefined
    places.set(id, { id, ownerId, key, delivery, conversationId, createdAt, start, length })
    if (key !== undefined) byKey.set(keyOf(ownerId, key), id)
  }

  /** Notes what the lines say; resolves to how many of them say nothing. */
  const noteLines = (lines: readonly LogLine[]) => {
    let senseless = 0
    for (const { start, bytes } of lines) {
      const line = parseJson(bytes, lineSchema).value
      if (!line) senseless += 1
      else if ('contact' in line) note(line.contact, start, bytes.length)
      else {
        const { id, delivery } = line
        const place = places.get(id)
        if (place) places.set(id, { ...place, delivery })
      }
    }
    return senseless
  }

  /** As its line says it, but for how far the delivery has come, which may be newer. */
  const contactIn = (line: Uint8Array, { delivery }: Place): Contact | undefined => {
    const entry = parseJson(line, lineSchema).value
    return entry && 'contact' in entry ? { ...entry.contact, delivery } : undefined
  }

  const readAt = async (place: Place) =>
    contactIn(await files.readPart(path, place.start, place.length), place)

  /** Writes the file anew, with what is to stay of each entry. */
  const rewrite = async (left: (contact: Contact) => Contact | undefined) => {
    const bytes = (await files.read(path))?.bytes ?? new Uint8Array()
    const written: [contact: Contact, start: number, length: number][] = []
    let size = 0
    function* lines() {
      for (const place of places.values()) {
        const { start, length } = place
        const whole = contactIn(bytes.subarray(start, start + length), place)
        const contact = whole && left(whole)
        if (!contact) continue
        const line = JSON.stringify({ contact })
        const lineLength = Buffer.byteLength(line)
        written.push([contact, size, lineLength])
        size += lineLength + 1
        yield line
      }
    }
    await log.rewrite(lines())
    places.clear()
    byKey.clear()
    for (const [contact, start, length] of written) note(contact, start, length)
  }

  /** Resolves to where the line stands, when it would survive a power cut. */
  const append = async (entry: object) => {
    if (log.isDue) await rewrite((contact) => contact)
    const line = JSON.stringify(entry)
    return { start: await log.append([line]), length: Buffer.byteLength(line) }
  }

  const load = async () => {
    const senseless = noteLines((await log.read()) ?? [])
    if (senseless === 0) return
    const bytes = (await files.read(path))?.bytes ?? new Uint8Array()
    const copy = await setAside(context, path, bytes)
    logger.error(
      { file: path, set_aside: basename(copy), lines: senseless },
      'entries of the contact form could not be understood; a copy of the file was set aside',
    )
    await rewrite((contact) => contact)
  }

  await explainFailure('The entries of the contact form could not be read', load)

  const find = async (id: string | undefined) => {
    const place = id === undefined ? undefined : places.get(id)
    return place && (await readAt(place))
  }

  return {
    add: (contact) =>
      inTurn(() =>
        explainFailure('Your message could not be saved', async () => {
          const { start, length } = await append({ contact })
          note(contact, start, length)
        }),
      ),
    find: (id) => inTurn(() => find(id)),
    findByKey: (ownerId, key) => inTurn(() => find(byKey.get(keyOf(ownerId, key)))),
    list: ({ limit, offset }) =>
      inTurn(async () => {
        const all = [...places.values()]
        const end = Math.max(0, all.length - offset)
        const page = all.slice(Math.max(0, end - limit), end).toReversed()
        const items = await Promise.all(page.map(readAt))
        return { items: items.filter((item) => item !== undefined), total: all.length }
      }),
    pending: async () =>
      [...places.values()].filter(({ delivery }) => delivery?.state === 'pending'),
    // One server at a time has the folder.
    claimDelivery: async () => true,
    setDelivery: (id, delivery) =>
      inTurn(async () => {
        if (!places.has(id)) return
        await append({ id, delivery })
        // Where it stands may have changed by that.
        const place = places.get(id)
        if (place) places.set(id, { ...place, delivery })
      }),
    forgetConversation: (conversationId) =>
      inTurn(async () => {
        const isAbout = (entry: Place) => entry.conversationId === conversationId
        if (![...places.values()].some(isAbout)) return
        await explainFailure('The entries about the conversation could not be changed', () =>
          rewrite((contact) =>
            contact.about?.conversationId === conversationId
              ? { ...contact, about: { ...contact.about, title: null, question: null } }
              : contact,
          ),
        )
      }),
    removeOwner: (ownerId) =>
      inTurn(async () => {
        if (![...places.values()].some((place) => place.ownerId === ownerId)) return
        await explainFailure('The entries could not be erased', () =>
          rewrite((contact) => (contact.ownerId === ownerId ? undefined : contact)),
        )
      }),
    removeBefore: (time) =>
      inTurn(async () => {
        const old = [...places.values()].filter(({ createdAt }) => createdAt < time)
        if (old.length === 0) return 0
        await explainFailure('The entries could not be erased', () =>
          rewrite((contact) => (contact.createdAt < time ? undefined : contact)),
        )
        return old.length
      }),
    close: () => inTurn(() => log.close()),
  }
}
