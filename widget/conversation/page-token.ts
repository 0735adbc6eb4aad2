import { emit } from '../chat-events.ts'

type TokenHost = HTMLElement & { token: string | undefined }

/** The token that the page gave to the element, and a new one from the page when it has expired. */
export class PageToken {
  readonly #host: TokenHost
  #renewed: string | undefined

  constructor(host: TokenHost) {
    this.#host = host
  }

  /** The present token came in answer to a question: what waits for it goes on by itself. */
  get isRenewed(): boolean {
    return this.#renewed !== undefined && this.#renewed === this.#host.token
  }

  /** Asks the page for another token; false when it has none, or fails to get one. */
  readonly renew = async (refused: string): Promise<boolean> => {
    let answer: string | Promise<string> = ''
    const respondWith = (token: string | Promise<string>) => {
      answer = token
    }
    emit(this.#host, 'samosa-token', { refused, respondWith })
    const token = await Promise.resolve(answer).catch(() => '')
    if (token !== '') this.#host.token = token
    // A listener may have set the property itself.
    if (this.#host.token === refused) return false
    this.#renewed = this.#host.token
    return this.#renewed !== undefined
  }
}
