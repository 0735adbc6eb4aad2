/** A conversation as a Markdown file, message by message, so that a long one is never whole in memory twice. */
import { closingOf } from '../core/markdown-pieces.ts'
import type { ExportedConversation } from '../core/ports/index.ts'
import { entryOf, headOf, type Link } from './document.ts'

/** Text that is to stand in Markdown as it is. */
const literal = (text: string) =>
  text.replaceAll(/[\\`*_{}[\]<>#|~&]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ')

/** In pointed brackets an address may hold whatever an address may. */
const linkOf = ({ text, url }: Link) =>
  url === undefined
    ? literal(text)
    : `[${literal(text)}](<${url.replaceAll(/[<>\n\\]/g, encodeURIComponent)}>)`

const listOf = (name: string, links: readonly Link[]) =>
  links.length === 0 ? [] : [`**${name}**`, links.map((link) => `- ${linkOf(link)}`).join('\n')]

/** Text that closes what it leaves open: what follows is not part of it. */
function closed(text: string): string {
  const end = closingOf(text)
  return end === '' ? text : `${text}\n${end}`
}

/** The file, piece by piece. */
export function* markdownOf(exported: ExportedConversation): Generator<string> {
  const { title, facts, metadata } = headOf(exported.conversation)
  const head = [
    `# ${literal(title)}`,
    facts.map(({ name, value }) => `- **${name}:** ${literal(value)}`).join('\n'),
    ...(metadata === undefined ? [] : ['**Metadata**', `\`\`\`json\n${metadata}\n\`\`\``]),
  ]
  yield `${head.join('\n\n')}\n`
  for (const message of exported.messages) {
    const { sender, time, text, note, files, sources } = entryOf(message, exported)
    const parts = [
      '---',
      `## ${literal(sender)} · ${time}`,
      ...(text.trim() === '' ? [] : [closed(text.replace(/^(?:[ \t]*\r?\n)+/, '').trimEnd())]),
      ...(note === undefined ? [] : [`*${literal(note)}*`]),
      ...listOf('Attachments', files),
      ...listOf('Sources', sources),
    ]
    yield `\n${parts.join('\n\n')}\n`
  }
}
