/** One name for all chunks of a build: each with a hash of its own would make the element's file longer. */
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the widget's scripts are made of, and what makes them. */
const SOURCES = [
  'widget/**/*.ts',
  'server/protocol/*.ts',
  'server/scripts/{bundle,delivery,late-files}.ts',
  'vite.config.ts',
  'package-lock.json',
]

/** Paths of everything that a build in this folder is made of, tests left out. */
export const buildSources = (directory: string): readonly string[] =>
  globSync(SOURCES, { cwd: directory, exclude: ['**/*.test.ts'] }).toSorted()

/** Eight characters that change when anything changes that a build in this folder is made of. */
export function buildName(directory: string): string {
  const hash = createHash('sha256')
  for (const file of buildSources(directory)) {
    hash.update(file.replaceAll('\\', '/')).update(readFileSync(join(directory, file)))
  }
  return hash.digest('base64url').slice(0, 8)
}
