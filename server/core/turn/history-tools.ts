/** Earlier answers in several lengths, so that what tools gave does not crowd out what was said. */
import {
  TOOL_CALL_END,
  TOOL_CALL_START,
  TOOL_RESULT_END,
  TOOL_RESULT_START,
} from '../../protocol/tag-names.ts'
import { parseTagged, withoutThinking, type Segment } from '../../protocol/tags.ts'
import { writeToolResult } from '../../protocol/tool-result.ts'

/** UTF-16 units of a result that is cut: enough to know what it was about. */
const HEAD = 300

/** An answer as it may go to a model, without its thinking. */
export interface HistoryAnswer {
  /** With its tools, the longest first. None when it has called none. */
  readonly withTools: readonly string[]
  /** What it says by itself. */
  readonly text: string
}

/** The lengths in which an earlier answer may be sent. */
export function historyAnswer(stored: string): HistoryAnswer {
  const content = withoutThinking(stored)
  // Most answers have called nothing, and need not be taken apart.
  if (!content.includes(TOOL_CALL_START) && !content.includes(TOOL_RESULT_START)) {
    return { withTools: [], text: content }
  }
  const segments = parseTagged(content)
  const short = segments.map(written).join('').trim()
  const text = segments
    .map((segment) => (segment.kind === 'text' ? segment.content : ''))
    .join('')
    .trim()
  return { withTools: [content, short], text }
}

/** A segment as it stood in the text, a tool's result cut. */
function written({ kind, content }: Segment): string {
  if (kind === 'tool_call') return TOOL_CALL_START + content + TOOL_CALL_END
  return kind === 'tool_result' ? cutResult(content) : content
}

function cutResult(json: string): string {
  const whole = TOOL_RESULT_START + json + TOOL_RESULT_END
  if (json.length <= HEAD) return whole
  const { tool, text } = readResult(json)
  // Never half a surrogate pair.
  const head = text.slice(0, HEAD).replace(/[\ud800-\udbff]$/, '')
  const output = `${head}\n[cut here; the whole has ${text.length} characters]`
  return writeToolResult(tool, { success: true, output })
}

/** What a tool gave, as text. */
function readResult(json: string): { readonly tool: string; readonly text: string } {
  try {
    const result: unknown = JSON.parse(json)
    const { tool, output, error }: Partial<Record<'tool' | 'output' | 'error', unknown>> =
      typeof result === 'object' && result !== null ? result : {}
    const given = output ?? error ?? result
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    return { tool: typeof tool === 'string' ? tool : '', text }
  } catch {
    // A server may have written anything between the tags.
    return { tool: '', text: json }
  }
}
