import 'axe-core/axe.min.js'
import { mount, type Mounted } from '../scripted/mount.ts'
import { ScriptedServer } from '../scripted/scripted-server.ts'
import { assertAccessible } from '../scripted/visitor.ts'
import { STATES } from './states.ts'

const THEMES = ['light', 'dark'] as const
const DIRECTIONS = ['ltr', 'rtl'] as const

/** WCAG 2.2 asks for it; axe leaves it out by itself. */
const RULES = { rules: { 'target-size': { enabled: true } } }

/** Colours are checked as they are in the end, not on their way there; what never ends, where it is faintest. */
function settle({ chat, findAll }: Mounted): void {
  for (const element of [chat, ...findAll('*')]) {
    for (const animation of element.getAnimations({ subtree: true })) {
      const { iterations, duration } = animation.effect?.getComputedTiming() ?? {}
      if (iterations === 1) animation.finish()
      else {
        animation.pause()
        animation.currentTime = Number(duration) / 2
      }
    }
  }
}

const browserFetch = window.fetch

afterEach(() => {
  window.fetch = browserFetch
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
  document.documentElement.dir = ''
  document.body.style.background = ''
})

describe('is fit for everybody, in both themes and directions:', () => {
  for (const { name, mode = 'inline', attributes, config, enter } of STATES) {
    it(name, async () => {
      const server = new ScriptedServer()
      server.config = { ...server.config, ...config }
      const mounted = await mount({ mode, ...attributes }, server)
      await enter(mounted)
      for (const theme of THEMES) {
        for (const direction of DIRECTIONS) {
          mounted.chat.theme = theme
          document.documentElement.dir = direction
          document.body.style.background = theme === 'dark' ? '#111' : '#fff'
          await mounted.chat.updateComplete
          settle(mounted)
          await assertAccessible(mounted.chat, RULES).catch((error: unknown) => {
            throw new Error(`${theme}, ${direction}: ${String(error)}`, { cause: error })
          })
        }
      }
    })
  }
})
