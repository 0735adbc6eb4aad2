/**
 * What is left of a line, with the column it starts at: a tab reaches to the next multiple of four.
 * However many containers ask, its white space is looked at once.
 */
export class Line {
  readonly #text: string
  /** From here on there is only white space. */
  readonly #blankFrom: number
  #at = 0
  #column = 0
  /** Columns that are left of a tab that was cut in two. */
  #cut = 0
  /** Where the white space in front ends, and the column there; known once it was looked for. */
  #inkAt = -1
  #inkColumn = 0

  constructor(text: string) {
    this.#text = text
    this.#blankFrom = text.trimEnd().length
  }

  /** What has not been taken yet. */
  get rest(): string {
    return ' '.repeat(this.#cut) + this.#text.slice(this.#at)
  }

  get isBlank(): boolean {
    return this.#at >= this.#blankFrom
  }

  /** Columns of white space in front. */
  get indent(): number {
    this.#findInk()
    return this.#inkColumn - this.#column
  }

  /** The character behind them. */
  get first(): string {
    this.#findInk()
    return this.#text.charAt(this.#inkAt)
  }

  #findInk(): void {
    if (this.#inkAt >= this.#at) return
    let at = this.#at
    let column = this.#column + this.#cut
    for (; ; at += 1) {
      const character = this.#text.charAt(at)
      if (character === '\t') column += 4 - (column % 4)
      else if (character === ' ') column += 1
      else break
    }
    this.#inkAt = at
    this.#inkColumn = column
  }

  /** Takes up to so many columns of white space; a tab that is cut in two becomes spaces. */
  skip(columns: number): void {
    for (let left = columns; left > 0;) {
      if (this.#cut === 0) {
        const character = this.#text.charAt(this.#at)
        if (character !== ' ' && character !== '\t') return
        this.#cut = character === ' ' ? 1 : 4 - (this.#column % 4)
        this.#at += 1
      }
      const taken = Math.min(this.#cut, left)
      this.#cut -= taken
      this.#column += taken
      left -= taken
    }
  }

  /** Takes characters that are no tabs. */
  take(length: number): void {
    this.#at += length
    this.#column += length
  }
}
