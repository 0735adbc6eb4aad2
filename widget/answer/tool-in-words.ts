/** What is said of tools: loaded with the first answer that calls one. */
import { describeCall, readCall, readResult, summarize, type ToolSummary } from './tool-data.ts'
import type { ToolWords } from '../words/strings.ts'
import { TOOL_DENIED } from '../api/decode-event.ts'

export { toolWords } from '../words/en/tools.ts'

function summaryInWords(summary: ToolSummary, words: ToolWords): string {
  switch (summary.kind) {
    case 'none':
      return '.'
    case 'value':
      return ` = ${summary.text}.`
    case 'text':
      return `: ${summary.text}`
    case 'links':
      return `: ${words.resultCount(summary.links.length)}.`
  }
}

/** What the card of a tool says, in one sentence; `result` is absent while it runs. */
export function toolInWords(
  words: ToolWords,
  titleOf: (name: string) => string | undefined,
  call: string,
  result?: string,
): string {
  const asked = readCall(call)
  const data = result === undefined ? undefined : readResult(result)
  const name = asked.name ?? data?.name
  const title = titleOf(name ?? '')
  const tool = { ...asked, name, title }
  if (!data) return `${describeCall(tool, 'running', words)}.`
  if (data.error === TOOL_DENIED)
    return `${describeCall(tool, 'running', words)}: ${words.toolDenied}.`
  const told = describeCall(tool, data.success ? 'done' : 'failed', words)
  // A title says what the tool does, and not how it went.
  const outcome = data.success ? words.toolDone : words.toolFailed
  const state = title === undefined ? '' : `: ${outcome}`
  return told + state + summaryInWords(summarize(data), words)
}
