import { en } from '../words/en/index.ts'
import { ChatMessage } from '../conversation/chat-message.ts'
import { until } from '../testing/scripted/until.ts'
import { announce } from './announcer.ts'

describe('an answer that goes on after its length limit', () => {
  it('is said from there', async () => {
    const region = document.createElement('div')
    const message = new ChatMessage('assistant', 'streaming', 'One is said. Two is ')
    const stop = announce(region, message, () => ({ strings: en, toolTitles: new Map() }), true)
    message.append(['complete. Three.'])
    message.change({ state: 'settled', finishReason: 'stop' })
    await until(() => region.textContent !== '')
    stop()
    if (region.textContent !== 'Two is complete. Three. Answer complete.')
      throw new Error(region.textContent ?? '')
  })
})
