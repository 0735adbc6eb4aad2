import type { Knowledge, Logger } from '../core/ports.ts'
import type { Meaning } from './meaning.ts'
import { isDocumentName, parseDocument } from './parse-document.ts'
import { readDirectory } from './read-directory.ts'
import { createKnowledge } from './search-index.ts'

/** Reads and indexes the documents of a directory; documents that cannot be read are logged and left out. */
export async function loadKnowledge(
  directory: string,
  { logger, meaning }: { readonly logger: Logger; readonly meaning?: Meaning | undefined },
): Promise<Knowledge> {
  const { documents, personalities } = await readDirectory(directory, { logger })
  return createKnowledge(documents, personalities, meaning)
}

/** Indexes files that somebody has sent; of a table or a program, each line is a paragraph. */
export async function readAttachedFiles(
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<Knowledge> {
  return createKnowledge(
    files.map(({ name, text }) =>
      parseDocument(name, isDocumentName(name) ? text : text.replaceAll('\n', '\n\n')),
    ),
  )
}
