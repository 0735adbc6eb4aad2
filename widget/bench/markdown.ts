/** Answers as models write them, the same at every run. */

/** What stands at the end of an answer and of no other, so that one can tell when all of it is on the screen. */
export const lastWords = (seed: number) => `And that is the whole of answer ${seed}.`

/** Characters of a token. */
const TOKEN = 4

const WORDS =
  'the oven heats each samosa until its crust turns golden while the filling of potato and peas stays soft so a good cook waits for oil that is hot enough and keeps every batch small because crowded pans cool down and leave pastry heavy with fat which nobody enjoys at a table where tea is poured and stories are told about markets trains festivals and the people who first folded dough around spice'.split(
    ' ',
  )

const CODE = [
  'export function bake(batch: readonly Samosa[], minutes: number): Plate {',
  '  const oven = createOven({ temperature: 180, fan: true })',
  '  for (const samosa of batch) oven.add(samosa)',
  '  // Turning them once keeps both sides crisp.',
  '  const half = Math.floor(minutes / 2)',
  "  oven.onMinute((minute) => minute === half && oven.turn('all'))",
  '  return oven.finish().filter((piece) => !piece.isBurnt)',
  '}',
  '',
  'const plate = bake(await kitchen.fold(24), 35)',
  'console.log(`${plate.length} of 24 are ready`)',
]

/** Numbers from 0 to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Writes one block after another. */
function createWriter(random: () => number) {
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  const times = <Value>(count: number, make: (index: number) => Value) =>
    Array.from({ length: count }, (_, index) => make(index))
  const word = () => WORDS[between(0, WORDS.length - 1)] ?? ''
  const words = (least: number, most: number) => times(between(least, most), word).join(' ')

  const dressed = () => {
    const text = words(1, 3)
    const kind = random()
    if (kind < 0.4) return `**${text}**`
    if (kind < 0.6) return `*${text}*`
    if (kind < 0.85) return `\`${text.replaceAll(' ', '_')}()\``
    return `[${text}](https://example.com/${text.replaceAll(' ', '-')})`
  }
  const sentence = () => {
    const inner = random() < 0.45 ? ` ${dressed()} ${words(2, 6)}` : ''
    const text = `${words(6, 14)}${inner}`
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
  }
  const paragraph = () => times(between(2, 5), sentence).join(' ')
  const code = () => {
    const language = random() < 0.7 ? 'ts' : 'python'
    const lines = times(between(5, 22), (index) => CODE[index % CODE.length] ?? '')
    return `\`\`\`${language}\n${lines.join('\n')}\n\`\`\``
  }
  const list = () => {
    const isNumbered = random() < 0.4
    const items = times(between(3, 7), (index) => {
      const marker = isNumbered ? `${index + 1}.` : '-'
      const nested = random() < 0.2 ? `\n   - ${words(3, 8)}\n   - ${words(3, 8)}` : ''
      return `${marker} **${words(1, 3)}**: ${sentence()}${nested}`
    })
    return items.join('\n')
  }
  const table = () => {
    const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
    const rows = times(between(3, 7), () => row([words(1, 2), words(2, 5), `${between(1, 400)}`]))
    return [row(['Name', 'What it does', 'Grams']), '| --- | --- | ---: |', ...rows].join('\n')
  }
  const heading = () => `${random() < 0.5 ? '##' : '###'} ${words(2, 5)}`
  const quote = () => `> ${sentence()}\n> ${sentence()}`

  return () => {
    const kind = random()
    if (kind < 0.5) return paragraph()
    if (kind < 0.62) return heading()
    if (kind < 0.79) return list()
    if (kind < 0.91) return code()
    if (kind < 0.96) return table()
    return quote()
  }
}

/** An answer of exactly so many tokens of four characters. */
export function writeAnswer(tokens: number, seed = 1): string {
  const ending = `\n\n${lastWords(seed)}`
  const room = tokens * TOKEN - ending.length
  const write = createWriter(createRandom(seed))
  let text = ''
  for (let block = write(); text.length + block.length + 2 < room; block = write()) {
    text += `${block}\n\n`
  }
  // What is left has no room for a block of any kind.
  const rest = WORDS.join(' ')
    .repeat(4)
    .slice(0, room - text.length)
  return `${text}${rest.padEnd(room - text.length, '.')}${ending}`
}

/** A text in tokens. */
export function tokensOf(text: string): readonly string[] {
  const tokens: string[] = []
  for (let at = 0; at < text.length; at += TOKEN) tokens.push(text.slice(at, at + TOKEN))
  return tokens
}
