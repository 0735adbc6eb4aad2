import type { Knowledge, Logger } from '../core/ports.ts'
import { readDirectory } from './read-directory.ts'
import { createKnowledge } from './search-index.ts'

/** Reads and indexes the documents of a directory; documents that cannot be read are logged and left out. */
export async function loadKnowledge(
  directory: string,
  { logger }: { readonly logger: Logger },
): Promise<Knowledge> {
  return createKnowledge(await readDirectory(directory, { logger }))
}
