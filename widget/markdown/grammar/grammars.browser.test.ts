/** Grammars that come after the text that needs them, or not at all. */
import { answerStrings } from '../../words/en/answer.ts'
import { until } from '../../testing/scripted/until.ts'
import { formulas, markup } from './grammars.ts'
import { lazy } from '../../ui/lazy.ts'
import { sanitizer } from '../render/raw-html.ts'
import { SAMPLES } from '../testing/samples.ts'
import { createMarkdownStream, longBlocks } from '../stream/stream.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const modules = await Promise.all([import('./math.ts'), import('./markup.ts')])

/** Takes the grammars away until they are let through; without network who asks before that is refused. */
function takeAway(hasNetwork = true) {
  let isOnline = hasNetwork
  let arrive = () => {}
  const arrival = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const loading = async <Module>(module: Module): Promise<Module> => {
    if (!isOnline) throw new Error('no network')
    await arrival
    return module
  }
  Object.assign(
    formulas,
    lazy(async () => loading(modules[0])),
  )
  Object.assign(
    markup,
    lazy(async () => loading(modules[1])),
  )
  return () => {
    isOnline = true
    arrive()
    dispatchEvent(new Event('online'))
  }
}

const start = () => {
  const container = document.createElement('div')
  return { container, stream: createMarkdownStream(container, { strings: answerStrings.markdown }) }
}

/** What has been promised and needs no time has come about. */
const tick = async () => new Promise((resolve) => setTimeout(resolve))

const TEXTS = [
  ...SAMPLES.filter((text) => /[<$]/.test(text)),
  'Dear <First Name>, <b>x</b> $a^2$\n\n- <i>a</i> $x$\n- \\(b\\)\n\n| <b>c</b> | $|x|$ |\n|-|-|\n| d | $e$ |\n\n```html\n<b>$x$\n```\n\n$$\nx = 1\n$$\n\n<details>\n<summary>s</summary>\n\n- a\n\n</details>\n\nEnd [^1] [a].\n\n[^1]: <b>n</b>\n\n[a]: /x',
  `- <b>a</b>\n${'- some words of $x$\n'.repeat(80)}\nend`,
  `| <b>a</b> | b |\n|-|-|\n${'| some words of $|x|$ | c |\n'.repeat(60)}\nend`,
  `\`\`\`html\n${'<b>some code</b>\n'.repeat(80)}\`\`\`\n\nend <b>x</b>`,
  `<div>\n\n- a\n- b\n\n</div>\n\n$$\na\n\nb\n$$\nc`,
]

describe('a grammar that comes late', () => {
  before(async function () {
    this.timeout(20_000)
    takeAway()()
    await Promise.all([sanitizer.load(), longBlocks.load()])
    const { container, stream } = start()
    stream.append('$x$\n\n<b>a</b> &auml;')
    stream.end()
    await until(() => container.querySelector('math'))
  })

  it('leaves what it would have read from the start, whenever it comes', async function () {
    this.timeout(110_000)
    for (const text of TEXTS) {
      takeAway()()
      await Promise.all([formulas.load(), markup.load()])
      const whole = start()
      whole.stream.append(text)
      whole.stream.end()
      whole.container.normalize()
      const pieces = text.match(/[^]{1,19}/g) ?? []
      const step = Math.ceil(pieces.length / 4)
      for (let at = 0; at <= pieces.length + step; at += step) {
        const arrive = takeAway()
        const { container, stream } = start()
        for (const [index, piece] of pieces.entries()) {
          if (index === at) {
            arrive()
            await tick()
          }
          stream.append(piece)
          stream.render()
        }
        stream.end()
        arrive()
        await tick()
        container.normalize()
        const isSame = container.isEqualNode(whole.container)
        assert(isSame, `at ${at}\n${container.innerHTML}\n${whole.container.innerHTML}`)
      }
    }
  })

  it('leaves no text in angle brackets hidden when it cannot be had', async () => {
    takeAway(false)
    const { container, stream } = start()
    stream.append('Dear <First Name>,\n\n- cd <dir>\n\nlast <line>')
    stream.render()
    await tick()
    await tick()
    const shown = container.textContent ?? ''
    assert(/<First Name>.*<dir>.*<line>/s.test(shown), shown)
    stream.append(' <more>')
    stream.render()
    stream.end()
    assert(
      /<First Name>.*<dir>.*<line> <more>/s.test(container.textContent ?? ''),
      container.innerHTML,
    )
  })

  it('is read with once it can be had, also when the answers have ended', async () => {
    const arrive = takeAway(false)
    const answers = ['one', 'another'].map((name) => {
      const { container, stream } = start()
      stream.append(`<b>${name}</b>\n\n$a^2$\n\nso.`)
      stream.render()
      return { container, stream }
    })
    await tick()
    answers.push(start())
    answers[2]?.stream.append('<b>a third</b>, $b^2$')
    for (const { stream } of answers) stream.end()
    await tick()
    for (const { container } of answers) {
      assert(container.textContent?.includes('</b>') ?? false, container.innerHTML)
    }
    arrive()
    await tick()
    for (const { container } of answers) {
      assert(container.querySelector('b') !== null, container.innerHTML)
      assert(container.querySelector('math') !== null, container.innerHTML)
    }
  })
})
