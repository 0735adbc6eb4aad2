import { html, nothing } from 'lit'
import type { StepEvent } from '../api/decode-event.ts'
import type { Strings } from '../words/strings.ts'

/** How far a step is that reads something long. */
export function renderBar({ waiting }: Strings, step: string, { done = 0, total = 0 }: StepEvent) {
  if (total < 1) return nothing
  const words = waiting.readSoFar(done, total)
  return html`<progress
      max=${total}
      .value=${Math.min(Math.max(0, done), total)}
      aria-label=${step}
      aria-valuetext=${words}
    ></progress
    ><span class="elapsed" aria-hidden="true">${words}</span>`
}
