/** A part that is loaded when it is first needed; a failure is forgotten, so that the next need asks again. */
export class Late<Part> {
  /** The part, once it is there. */
  part: Part | undefined
  readonly #load: () => Promise<Part>
  #loading: Promise<Part> | undefined

  constructor(load: () => Promise<Part>) {
    this.#load = load
  }

  /** The part, or `undefined` when it cannot be had now. */
  async get(): Promise<Part | undefined> {
    this.#loading ??= this.#load()
    try {
      this.part ??= await this.#loading
    } catch {
      // No network, or a new version on the server.
      this.#loading = undefined
    }
    return this.part
  }
}
