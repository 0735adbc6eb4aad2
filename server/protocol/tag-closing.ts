/** What must stand behind a text so that a tag after it is a tag. */
import { CodeTracker } from './code-tracker.ts'
import { DEEPEST_FENCE } from './fences.ts'
import { THINK_END, TOOL_CALL_END, TOOL_RESULT_END, TOOL_RESULT_START } from './tag-names.ts'
import { parseTagged } from './tags.ts'

/** Marks of the fences that are tried first; nobody uses longer ones, but a model may. */
const USUAL_FENCES = [3, 4, 5, 6, 7, 8]
const LONGEST_FENCE = 900

/** Ends the code block or code span that prose without tags leaves open; empty when it leaves none. */
export function sealCode(text: string): string {
  if (!text.includes('`') && !text.includes('~~~')) return ''
  const tracker = new CodeTracker()
  tracker.read(text)
  return sealsOf(text).find((seal) => endsCode(tracker, seal)) ?? ''
}

function endsCode(tracker: CodeTracker, seal: string): boolean {
  const ahead = tracker.fork()
  ahead.read(seal)
  return ahead.state() === 'text'
}

/** What may end the code in a text, the least first. */
function sealsOf(text: string): readonly string[] {
  // A tag that is dropped joins the marks around it: no run is longer than all marks together.
  const longest = text.replaceAll(/[^`~]/g, '').length
  const lengths = [...USUAL_FENCES, Math.min(longest, LONGEST_FENCE)]
  const fences = ['`', '~'].flatMap((mark) =>
    lengths.flatMap((length) => {
      const fence = `${mark.repeat(length)}\n`
      return Array.from({ length: DEEPEST_FENCE }, (_, inner) => `\n${fence.repeat(inner + 1)}`)
    }),
  )
  return ['', '\n\n', ...fences]
}

const ENDS = ['', THINK_END, TOOL_CALL_END, TOOL_RESULT_END]

/**
 * Ends whatever tagged text leaves open, be it a tag or code; empty when it leaves nothing open. What comes
 * next can decide whether a tag was one, so the closings are tried.
 */
export function closeTagged(text: string): string {
  if (makesTags(text)) return ''
  const seals = sealsOf(text)
  const closings = ENDS.flatMap((end) => seals.map((seal) => seal + end))
  return closings.find((closing) => makesTags(text + closing)) ?? ''
}

const PROBE = `${TOOL_RESULT_START}probe${TOOL_RESULT_END}`

/** Whether a tag that follows is one. */
function makesTags(text: string): boolean {
  const last = parseTagged(text + PROBE).at(-1)
  return last?.kind === 'tool_result' && last.content === 'probe'
}
