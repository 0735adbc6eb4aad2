/** Takes one server-sent event, without the fields that nothing here uses; most have no name. */
type OnEvent = (id: string | undefined, data: string, name: string | undefined) => void

const FIELD = /^([^:]+)(?:: ?(.*))?$/s

/**
 * Reads server-sent events (WHATWG HTML, "Parsing an event stream") from text that may be cut anywhere.
 * Only `id`, `event` and `data` count; an event without `data` is none.
 */
export function createEventReader(onEvent: OnEvent): (piece: string) => void {
  let rest = ''
  /** The last piece ended between the two characters of a line break, or so it may be. */
  let isCut = false
  let id: string | undefined
  let data: string | undefined
  let name: string | undefined

  const readLine = (line: string) => {
    if (line === '') {
      if (data !== undefined) onEvent(id, data, name)
      id = undefined
      data = undefined
      name = undefined
      return
    }
    const [, field, value = ''] = FIELD.exec(line) ?? []
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (field === 'event') name = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }

  return (piece) => {
    if (piece === '') return
    const lines = (rest + (isCut && piece.startsWith('\n') ? piece.slice(1) : piece)).split(
      /\r\n?|\n/,
    )
    isCut = piece.endsWith('\r')
    rest = lines.pop() ?? ''
    for (const line of lines) readLine(line)
  }
}
