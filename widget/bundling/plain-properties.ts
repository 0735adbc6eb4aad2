/**
 * Writes Lit's decorators out as the static properties and getters that they stand for: each decorator
 * would cost every page a call and a description.
 */

const REACTIVE =
  /@(property|state)\(([^()]*)\)\s+((?:(?:private|protected|override|readonly)\s+)*)(\w+)/g
const QUERY = /@query\(('[^']*')\)\s+(?:(?:private|protected|readonly)\s+)*(\w+)!:[^\n]*\n/g
const CLASS = /class \w+ extends LitElement[^{]*\{/g
const IMPORT = /import \{[^}]*\} from 'lit\/decorators\.js'\n/

/**
 * Writes out the decorators of a source with at most one element.
 * @throws Error when there is something about them that it does not know
 */
export function plainProperties(code: string): string {
  if (!IMPORT.test(code)) return code
  const properties: string[] = []
  const written = code
    .replace(IMPORT, '')
    .replaceAll(
      REACTIVE,
      (_all, kind: string, options: string, modifiers: string, name: string) => {
        properties.push(`${name}: ${kind === 'state' ? '{ state: true }' : options || '{}'}`)
        return `${modifiers}${name}`
      },
    )
    .replaceAll(QUERY, (_all, selector: string, name: string) => {
      return `get ${name}() { return this.renderRoot?.querySelector(${selector}) ?? null }\n`
    })
  const classes = [...written.matchAll(CLASS)]
  const isUnknown =
    /@(?:property|state|query)\w*\(/.test(written) || /static properties\b/.test(code)
  if (classes.length !== 1 || isUnknown) throw new Error('There is a decorator of another form')
  const list = properties.join(', ')
  return written.replaceAll(CLASS, (head) => `${head} static properties = { ${list} };`)
}
