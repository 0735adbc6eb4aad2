import type { CreateContender } from './contenders.ts'

/** The least that one can do: text is appended, with a new block at each blank line. */
export const createContender: CreateContender = (box) => {
  let text = new Text()
  const startBlock = () => {
    const block = document.createElement('p')
    text = new Text()
    block.append(text)
    box.append(block)
  }
  startBlock()
  let previous = ''
  return {
    write(token) {
      const pieces = token.split('\n\n')
      for (const [index, piece] of pieces.entries()) {
        const isCut = index === 0 && previous === '\n' && piece.startsWith('\n')
        if (index > 0 || isCut) startBlock()
        text.appendData(isCut ? piece.slice(1) : piece)
      }
      previous = token.at(-1) ?? ''
    },
    end() {},
  }
}
