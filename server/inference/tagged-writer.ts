import { closeTagged, sealCode } from '../protocol/tag-closing.ts'
import { THINK_END, THINK_START, TOOL_CALL_END, TOOL_CALL_START } from '../protocol/tags.ts'
import { parseJson } from './json.ts'

/** A call as the model wrote it. */
interface CalledTool {
  readonly name: string
  /** JSON text, or empty. */
  readonly arguments: string
}

/** Writes reasoning, text and tool calls as one tagged text. */
export interface TaggedWriter {
  reasoning(text: string): void
  text(text: string): void
  toolCall(call: CalledTool): void
  /** Closes what is open. */
  end(): void
}

/** `emit` gets one piece of text for each thing written; a tag travels with the text that follows it. */
export function createTaggedWriter(emit: (text: string) => void): TaggedWriter {
  let thinking = false
  /** What was written since the last tag. */
  let written: string[] = []
  /** The end of the reasoning so far, where it may be the beginning of an end tag. */
  let held = ''

  const endTag = () => {
    const sealed = sealCode(written.join('')) + THINK_END
    written = []
    return sealed
  }

  /** What the model has opened in its own text is closed before a tag of ours. */
  const startTag = (text: string) => {
    const closed = closeTagged(written.join('')) + text
    written = []
    return closed
  }

  const closeThinking = () => {
    if (!thinking) return ''
    thinking = false
    const rest = held
    held = ''
    written.push(rest)
    return rest + endTag()
  }

  return {
    reasoning(text) {
      const opening = thinking ? '' : startTag(THINK_START)
      thinking = true
      const clean = withoutEndTags(held + text)
      held = startOfEndTag(clean)
      const ready = clean.slice(0, clean.length - held.length)
      written.push(ready)
      if (opening + ready !== '') emit(opening + ready)
    },
    text(text) {
      const closing = closeThinking()
      written.push(text)
      emit(closing + text)
    },
    toolCall(call) {
      emit(closeThinking() + startTag(TOOL_CALL_START + toolCallJson(call) + TOOL_CALL_END))
    },
    end() {
      const closing = closeThinking()
      if (closing !== '') emit(closing)
    },
  }
}

/** Reasoning that a server marks by itself needs no tag, and an end tag inside it would end it too soon. */
function withoutEndTags(text: string): string {
  return text.includes('<') ? text.replaceAll(THINK_END, '') : text
}

/** What of the text's end could be the first part of `</think>`. */
function startOfEndTag(text: string): string {
  const at = text.lastIndexOf('<')
  if (at < 0) return ''
  const tail = text.slice(at)
  return THINK_END.startsWith(tail) ? tail : ''
}

/**
 * The call as JSON without changing the arguments' text: numbers keep their digits. An end tag inside a
 * string is escaped, arguments that are not JSON become a string.
 */
function toolCallJson({ name, arguments: text }: CalledTool): string {
  const given = text.trim() === '' ? '{}' : text.trim()
  const json = parseJson(given) === undefined ? JSON.stringify(text) : given
  return `{"tool":${JSON.stringify(name)},"arguments":${json}}`.replaceAll('<|', '\\u003c|')
}
