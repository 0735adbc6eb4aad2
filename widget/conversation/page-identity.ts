interface Kept {
  readonly claimant: string
  readonly begun: readonly string[]
}

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' &&
  value !== null &&
  'claimant' in value &&
  typeof value.claimant === 'string' &&
  'begun' in value &&
  Array.isArray(value.begun)

function read(text: string | undefined): Kept | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return isKept(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Who this page is when it takes on a call, and which calls it has begun; outlives a reload. */
export class PageIdentity {
  /** Names the page to the server. */
  readonly claimant: string
  /** Calls that change something and whose result the server does not have. */
  readonly #begun: Set<string>

  /** `kept`: what the page before this one left. */
  constructor(kept: string | undefined, newId: () => string) {
    const earlier = read(kept)
    this.claimant = earlier?.claimant ?? newId()
    this.#begun = new Set(earlier?.begun)
  }

  /** For the next page in this tab. */
  get kept(): string {
    return JSON.stringify({ claimant: this.claimant, begun: [...this.#begun] } satisfies Kept)
  }

  hasBegun(callId: string): boolean {
    return this.#begun.has(callId)
  }

  begin(callId: string): void {
    this.#begun.add(callId)
  }

  end(callId: string): void {
    this.#begun.delete(callId)
  }
}
