import '../answer/answer.ts'

/** The answer in a page with a strict policy: a frame of its own, as a policy cannot be taken back. */

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

interface Frame {
  readonly shown: Element
  readonly violations: readonly string[]
}

async function renderUnder(policies: string, markdown: string): Promise<Frame> {
  const frame = document.createElement('iframe')
  const policy = [
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
    `require-trusted-types-for 'script'; trusted-types ${policies}`,
  ].join('; ')
  frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">
    <script type="module" src="/widget/answer/answer.ts"></script>`
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
  document.body.append(frame)
  await loaded
  const inside = frame.contentDocument
  const view = frame.contentWindow
  if (!inside || !view) throw new Error('no frame')
  const violations: string[] = []
  inside.addEventListener('securitypolicyviolation', (event) => {
    violations.push(`${event.violatedDirective} ${event.sourceFile} ${event.sample}`)
  })
  await view.customElements.whenDefined('samosa-answer')
  const answer = inside.createElement('samosa-answer')
  answer.chunks = [markdown]
  inside.body.append(answer)
  await answer.updateComplete
  const shown = answer.shadowRoot?.querySelector('.segments')
  if (!shown) throw new Error('nothing shown')
  return { shown, violations }
}

/** Looks again in each frame: the sanitiser is loaded when it is needed. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => requestAnimationFrame(resolve))
}

describe('under a strict Content-Security-Policy with Trusted Types', () => {
  it('renders Markdown and raw HTML without a violation', async () => {
    const { shown, violations } = await renderUnder(
      'samosa-chat lit-html',
      '**bold** &copy; <kbd>Esc</kbd>\n\n<details><summary>s</summary>\n\n*x*\n\n</details>\n\n```js\n1\n```',
    )
    await until(() => shown.querySelector('kbd') !== null)
    assert(violations.length === 0, violations.join('; '))
    assert(shown.querySelector('strong') !== null, shown.innerHTML)
    assert(shown.querySelector('kbd')?.textContent === 'Esc', shown.innerHTML)
    assert(shown.querySelector('details em') !== null, shown.innerHTML)
    assert((shown.textContent ?? '').includes('©'), shown.innerHTML)
  })

  it('shows raw HTML as text where the page does not allow the policy', async () => {
    const { shown } = await renderUnder('lit-html', '**bold** <T> & <kbd>Esc</kbd>\n\n**more**')
    await until(() => shown.textContent?.includes('<kbd>') ?? false)
    assert(shown.querySelector('kbd') === null, shown.innerHTML)
    assert((shown.textContent ?? '').includes('bold <T> & <kbd>Esc</kbd>'), shown.innerHTML)
    assert(shown.querySelectorAll('strong').length === 2, shown.innerHTML)
  })
})
