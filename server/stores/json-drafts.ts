import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Draft, DraftStore, Logger } from '../core/ports.ts'
import { messageSchema } from './records.ts'
import { canonicalId } from './store-paths.ts'

const draftSchema = z.object({ ownerId: z.string(), message: messageSchema })

/**
 * Drafts as one file each in `<directory>/drafts`. Renamed into place but not synced: they are for a
 * killed process, and a disk that syncs for each would be busy with nothing else.
 */
export function createJsonDraftStore(options: {
  readonly directory: string
  readonly logger: Logger
}): DraftStore {
  const folder = join(options.directory, 'drafts')
  const fileOf = (messageId: string) => join(folder, `${canonicalId(messageId) ?? 'none'}.json`)
  let folderMade: Promise<unknown> | undefined

  const read = async (name: string): Promise<Draft | undefined> => {
    try {
      return draftSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))
    } catch (cause) {
      options.logger.warn({ file: name, cause }, 'a draft cannot be read and is left out')
      return undefined
    }
  }

  return {
    async save(draft) {
      folderMade ??= mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
        folderMade = undefined
        throw error
      })
      await folderMade
      const file = fileOf(draft.message.id)
      await writeFile(`${file}.tmp`, JSON.stringify(draft), { mode: 0o600 })
      await rename(`${file}.tmp`, file)
    },
    async remove(messageId) {
      await rm(fileOf(messageId), { force: true })
    },
    async all() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const found: Draft[] = []
      for (const name of await readdir(folder)) {
        if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true })
        else if (name.endsWith('.json')) {
          const draft = await read(name)
          if (draft) found.push(draft)
        }
      }
      return found
    },
  }
}
