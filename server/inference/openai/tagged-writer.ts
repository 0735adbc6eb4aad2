import { closeTagged, sealCode } from '../../protocol/tag-closing.ts'
import { THINK_END, THINK_START, TOOL_CALL_END, TOOL_CALL_START } from '../../protocol/tag-names.ts'
import { parseJson } from '../json.ts'

/** A call as the model wrote it. */
interface CalledTool {
  readonly name: string
  /** JSON text, or empty. */
  readonly arguments: string
}

/**
 * Writes reasoning, text and tool calls as one tagged text. Each gives the piece of text that is written for
 * it, which may be empty; a tag travels with the text that follows it.
 */
export class TaggedWriter {
  #isThinking = false
  /** What was written since the last tag. */
  #written: string[] = []
  /** The end of the reasoning so far, where it may be the beginning of an end tag. */
  #held = ''

  reasoning(text: string): string {
    const opening = this.#isThinking ? '' : this.#startTag(THINK_START)
    this.#isThinking = true
    const clean = withoutEndTags(this.#held + text)
    this.#held = startOfEndTag(clean)
    const ready = clean.slice(0, clean.length - this.#held.length)
    this.#written.push(ready)
    return opening + ready
  }

  text(text: string): string {
    const closing = this.end()
    this.#written.push(text)
    return closing + text
  }

  toolCall(call: CalledTool): string {
    const closing = this.end()
    return closing + this.#startTag(TOOL_CALL_START + toolCallJson(call) + TOOL_CALL_END)
  }

  /** Makes thinking of all that was written so far. */
  turnIntoThinking(): string {
    return `${this.end()}${this.#endTag()}\n\n`
  }

  /** Closes what is open. */
  end(): string {
    if (!this.#isThinking) return ''
    this.#isThinking = false
    const rest = this.#held
    this.#held = ''
    this.#written.push(rest)
    return rest + this.#endTag()
  }

  #endTag(): string {
    const sealed = sealCode(this.#written.join('')) + THINK_END
    this.#written = []
    return sealed
  }

  /** What the model has opened in its own text is closed before a tag of ours. */
  #startTag(text: string): string {
    const closed = closeTagged(this.#written.join('')) + text
    this.#written = []
    return closed
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
