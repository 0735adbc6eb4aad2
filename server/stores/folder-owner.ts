/** Who a folder belongs to. Its name is a hash, so what lies in it has to tell. */
import { join } from 'node:path'
import { z } from 'zod'
import type { FileSystem } from './disk/file-system.ts'
import { conversationIdOf, type OwnerRef, ownerRef } from './disk/store-paths.ts'

const owned = z.object({ conversation: z.object({ ownerId: z.string() }) })

function ownerIn(bytes: Uint8Array): string | undefined {
  try {
    return owned.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data?.conversation.ownerId
  } catch {
    // Damaged files are the business of whoever reads the conversation; another file may tell as well.
    return undefined
  }
}

/**
 * Resolves to `undefined` when nothing in the folder tells, as in one without conversations.
 * @throws what the disk throws.
 */
export async function findFolderOwner(
  files: FileSystem,
  conversations: string,
  folder: string,
): Promise<OwnerRef | undefined> {
  for (const name of await files.list(join(conversations, folder))) {
    if (conversationIdOf(name) === undefined) continue
    const found = await files.read(join(conversations, folder, name))
    const ownerId = found && ownerIn(found.bytes)
    // A file that was put into the wrong folder says nothing about this one.
    if (ownerId !== undefined && ownerRef(ownerId).folder === folder) return ownerRef(ownerId)
  }
  return undefined
}
