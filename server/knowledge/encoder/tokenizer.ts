/** A piece of text that the model has a vector for, and the logarithm of its probability. */
export type Piece = readonly [text: string, score: number]

/** Stands for a space, and before the first word. */
const SEPARATOR = '▁'
/** The first pieces are no text: what no piece covers, and marks of the training. */
const UNKNOWN = 0
const RESERVED = 6
/** Of the beginning of a piece that is none itself. */
const NO_PIECE = -1

/**
 * Cuts texts into the most probable pieces and gives their numbers in the vocabulary: the unigram model of
 * SentencePiece (Kudo, https://arxiv.org/abs/1804.10959), in time that grows with the text's length alone.
 * Characters without a piece are unknown; a run of them is one. White space of any kind is one space, and what
 * cannot be seen (a soft hyphen, a zero-width space) is not there.
 */
export function createTokenizer(vocabulary: readonly Piece[]): (text: string) => readonly number[] {
  const idOf = new Map<string, number>()
  for (const [id, [piece]] of vocabulary.entries()) {
    if (id < RESERVED) continue
    for (let end = 1; end < piece.length; end++) {
      const beginning = piece.slice(0, end)
      if (!idOf.has(beginning)) idOf.set(beginning, NO_PIECE)
    }
    idOf.set(piece, id)
  }
  const scores = Float64Array.from(vocabulary, ([, score]) => score)

  return (text) => {
    const visible = text.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    const input = SEPARATOR + visible.trim().replaceAll(/\s+/g, SEPARATOR)
    const { length } = input
    // Viterbi: of the best way to each place, its score, and the number and the beginning of its last piece.
    const best = new Float64Array(length + 1).fill(-Infinity, 1)
    const lastId = new Uint16Array(length + 1)
    const lastStart = new Uint32Array(length + 1)
    for (let start = 0; start < length; start++) {
      const reach = (end: number, id: number, score: number) => {
        if (score < (best[end] ?? 0)) return
        best[end] = score
        lastId[end] = id
        lastStart[end] = start
      }
      const before = best[start] ?? 0
      // Every character of a piece is a piece itself, so that no other begins here. The unknown costs nothing.
      if (!idOf.has(input.charAt(start))) {
        reach(start + 1, UNKNOWN, before)
        continue
      }
      for (let end = start + 1; end <= length; end++) {
        const id = idOf.get(input.slice(start, end))
        // No piece begins like this.
        if (id === undefined) break
        if (id !== NO_PIECE) reach(end, id, before + (scores[id] ?? 0))
      }
    }
    const ids: number[] = []
    for (let end = length; end > 0; end = lastStart[end] ?? 0) {
      const id = lastId[end] ?? UNKNOWN
      if (id !== UNKNOWN || ids.at(-1) !== UNKNOWN) ids.push(id)
    }
    return ids.toReversed()
  }
}
