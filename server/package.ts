/** Where this package lies, what it brings along, and how it names itself. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the package: this file runs as server/package.ts and as dist/server/package.js. */
export function packageDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory)
  return directory
}

export function packageVersion(): string {
  const text = readFileSync(join(packageDirectory(), 'package.json'), 'utf8')
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? '0.0.0'
}

/** How this server names itself to others. */
export const userAgent = () => `samosa-chat/${packageVersion()}`

export const demoKnowledgeDirectory = () => join(packageDirectory(), 'demo', 'knowledge')

/** Documents of the demo's shop, which stand beside the manual. */
export const demoShopDirectory = () => join(packageDirectory(), 'demo', 'shop')
