/**
 * Ends the process with one sentence where Node is too old. Whoever imports this imports it first, and what
 * an old Node cannot read later, by `import()`; that is why this file is plain JavaScript, too.
 */
import { readFileSync } from 'node:fs'

/**
 * The oldest Node that this package runs on, such as "22.19".
 *
 * @returns {string}
 */
function oldestNode() {
  // This runs in server/config and in dist/server/config.
  for (const above of ['../../package.json', '../../../package.json']) {
    try {
      const text = readFileSync(new URL(above, import.meta.url), 'utf8')
      return /"node": ">=([\d.]+)"/.exec(text)?.[1] ?? '0'
    } catch {
      // It is the other one.
    }
  }
  return '0'
}

/** @param {string} version */
const numbers = (version) => version.split('.').map(Number)

const oldest = oldestNode()
const [oldestMajor = 0, oldestMinor = 0] = numbers(oldest)
const [major = 0, minor = 0] = numbers(process.versions.node)

if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  console.error(
    `Samosa Chat needs Node ${oldest} or newer, and this is Node ${process.versions.node}: install a newer one from https://nodejs.org and try again.`,
  )
  process.exit(1)
}
