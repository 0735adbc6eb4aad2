/** What is left of a line, with the column it starts at: a tab reaches to the next multiple of four. */
export class Line {
  /** What has not been taken yet. */
  rest: string
  #column = 0

  constructor(text: string) {
    this.rest = text
  }

  get isBlank(): boolean {
    return !/\S/.test(this.rest)
  }

  /** Columns of white space in front. */
  get indent(): number {
    let column = this.#column
    for (const character of this.rest) {
      if (character === '\t') column += 4 - (column % 4)
      else if (character === ' ') column += 1
      else break
    }
    return column - this.#column
  }

  /** Takes up to so many columns of white space; a tab that is cut in two becomes spaces. */
  skip(columns: number): void {
    for (let left = columns; left > 0;) {
      const character = this.rest.charAt(0)
      if (character !== ' ' && character !== '\t') return
      const width = character === ' ' ? 1 : 4 - (this.#column % 4)
      const taken = Math.min(width, left)
      this.rest = ' '.repeat(width - taken) + this.rest.slice(1)
      this.#column += taken
      left -= taken
    }
  }

  /** Takes characters that are no tabs. */
  take(length: number): void {
    this.rest = this.rest.slice(length)
    this.#column += length
  }
}
