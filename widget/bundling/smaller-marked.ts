/**
 * Of marked the element needs what cuts GitHub's Markdown into tokens. The rest turns tokens into strings
 * of HTML, or reads other dialects; what marked makes at its end keeps all of it in a bundle.
 */

/** Settings that never change here. */
const SETTLED: Readonly<Record<string, string>> = {
  'this.options.pedantic': '!1',
  'this.options.gfm': '!0',
  'this.options.breaks': '!1',
  'this.options.silent': '!1',
}
const NEEDED = /as (?:Lexer|Tokenizer)$/
const END = /^([^]*?;)var \w+=new \w+;function [^]*export\{([^}]*)\};/
const RULE_SETS = /\{normal:\w+,gfm:\w+,(?:breaks:(\w+),)?pedantic:(\w+)\}/g

/** Empties the object that a variable is set to. */
function emptied(code: string, name: string): string {
  const from = code.search(new RegExp(`[,;\\s]${name}=\\{`))
  const open = code.indexOf('{', from)
  let depth = 0
  let at = open
  do {
    if (code[at] === '{') depth += 1
    else if (code[at] === '}') depth -= 1
    at += 1
  } while (depth > 0 && at < code.length)
  if (from < 0 || depth > 0) throw new Error(`marked has changed: there is no object ${name}`)
  return `${code.slice(0, open)}{}${code.slice(at)}`
}

/**
 * The part of marked's own module that is needed.
 * @throws Error when marked is no longer written as this expects
 */
export function smallerMarked(code: string): string {
  const [, kept = '', exported = ''] = END.exec(code) ?? []
  const names = exported.split(',').filter((name) => NEEDED.test(name))
  const unused = [...kept.matchAll(RULE_SETS)].flatMap((sets) => sets.slice(1).filter(Boolean))
  if (names.length !== 2 || unused.length !== 3) throw new Error('marked has changed')
  let smaller = kept
  for (const name of unused) smaller = emptied(smaller, name)
  for (const [setting, value] of Object.entries(SETTLED)) {
    if (!smaller.includes(setting)) throw new Error(`marked has changed: no ${setting}`)
    smaller = smaller.replaceAll(setting, value)
  }
  return `${smaller}export{${names.join(',')}}`
}
