/**
 * Folders of owners, in `conversations` and in `attachments`: made, told apart, erased. The name of one is a hash, and
 * `owner.json` in it says whose it is. An id may be an e-mail address, and names get about: they stand in log lines, in
 * lists of copies, in what other programs print. The file is as private as what lies beside it.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { parseJson, type StoreContext } from './atomic-file.ts'
import { type OwnerRef, ownerRef, type StorePaths } from './paths.ts'

const OWNER_FILE = 'owner.json'

const ownerFileSchema = z.object({ ownerId: z.string() })

/**
 * Whose folder it is, by its own word; `undefined` where there is none, as in folders of earlier versions, and where
 * the folder is another's by its name. @throws what the disk throws
 */
export async function readOwnerFile(
  { files }: Pick<StoreContext, 'files'>,
  parent: string,
  folder: string,
): Promise<OwnerRef | undefined> {
  const found = await files.read(join(parent, folder, OWNER_FILE))
  const named = found && parseJson(found.bytes, ownerFileSchema).value
  const owner = named && ownerRef(named.ownerId)
  return owner?.folder === folder ? owner : undefined
}

/**
 * Resolves when the folder is there, would survive a power cut, and says whose it is. Where that file comes to nothing
 * half way, it is written again the next time: it is not worth more waiting for the disk.
 * @throws what the disk throws
 */
export async function makeOwnerFolder(
  { files }: Pick<StoreContext, 'files'>,
  parent: string,
  owner: OwnerRef,
): Promise<void> {
  if (await readOwnerFile({ files }, parent, owner.folder)) return
  const folder = join(parent, owner.folder)
  await files.makeFolder(folder)
  // First, since the file is what tells that this need not be done again.
  await files.syncFolder(parent)
  await files.write(join(folder, OWNER_FILE), `${JSON.stringify({ ownerId: owner.id }, null, 2)}\n`)
}

/**
 * Erases the folder, if there is one. `onGone` is called as soon as nothing in it can come back.
 * @throws what the disk throws; before `onGone` was called, everything is as it was
 */
export async function eraseOwnerFolder(
  context: StoreContext,
  { erased }: StorePaths,
  { parent, owner }: { readonly parent: string; readonly owner: OwnerRef },
  onGone: () => void = () => {},
): Promise<void> {
  const { files, temporaryPath } = context
  const folder = join(parent, owner.folder)
  if ((await files.stamp(folder)) === undefined) return onGone()
  await files.makeFolder(erased)
  const doomed = temporaryPath(join(erased, owner.folder))
  // One rename takes everything away at once; a crash after it cannot bring half of it back.
  await files.rename(folder, doomed)
  onGone()
  await files.syncFolder(parent)
  await files.removeFolder(doomed)
}
