import { default_renderer, parser, parser_end, parser_write } from 'streaming-markdown'
import type { CreateContender } from './contenders.ts'

/** Each token is written as it comes, as the package's own page shows it. */
export const createContender: CreateContender = (box) => {
  const writer = parser(default_renderer(box))
  return {
    write: (token) => parser_write(writer, token),
    end: () => parser_end(writer),
  }
}
