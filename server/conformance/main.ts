/**
 * `npm run conformance -- <corpora folder>`: runs recorded answers of real model servers and tagged
 * texts against this server's own readers, and Markdown and hostile texts against the element in
 * Chromium. The corpora are not part of the project.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { runMarkdown } from './run-markdown.ts'
import { runStreams } from './run-streams.ts'
import { runTags } from './run-tags.ts'
import { loadStreamCases } from './stream-corpus.ts'
import { createTally } from './tally.ts'

const print = (line: string) => process.stdout.write(`${line}\n`)

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}

async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined) {
    process.stderr.write('Which corpora? Say: npm run conformance -- <corpora folder>\n')
    return 1
  }
  const streams = join(folder, 'streams')
  const tags = join(folder, 'tag-streams.json')
  if (!(await exists(streams)) || !(await exists(tags))) {
    process.stderr.write(`There is no streams/ or no tag-streams.json in ${folder}.\n`)
    return 1
  }
  const tally = createTally(print)
  await runStreams(await loadStreamCases(streams), tally)
  await runTags(tags, tally)
  await runMarkdown(folder, tally)
  print(tally.summary())
  return tally.failed > 0 ? 1 : 0
}

process.exitCode = await main(process.argv[2])
