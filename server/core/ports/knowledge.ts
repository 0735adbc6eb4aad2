import type { CascadeTier } from '../../protocol/events.ts'

export interface Passage {
  readonly id: string
  readonly documentTitle: string
  readonly url: string | null
  readonly creator: string | null
  readonly domain: string | null
  /** What its document is tagged with. */
  readonly tags?: readonly string[]
  /** It is found only where its creator is named. */
  readonly isSeparate?: boolean
  /** Heading path below the document's title, ` › ` between levels; `null` above the first heading. */
  readonly section: string | null
  /**
   * Where the passage stands in the page at `url`: the id of its heading there, without `#`; `null` when the
   * page has none, and a link finds it by its words.
   */
  readonly anchor: string | null
  /** The page of a PDF, counted from 1. */
  readonly page: number | null
  /**
   * Plain text in a little Markdown: paragraphs with an empty line between them; `- ` or `3. ` before an item
   * of a list; a table as lines of cells between `|`, the second one `| --- |`; code in fences or backticks.
   */
  readonly text: string
}

/** Documents that a search is restricted to; without a creator, to those that stand for themselves. Names are compared without case, accents and hyphens. */
export interface KnowledgeScope {
  readonly creator?: string | undefined
  /** Documents of any of these. */
  readonly domains?: readonly string[] | undefined
}

export interface KnowledgeHit {
  readonly passage: Passage
  /** 0–1, comparable within one query. */
  readonly score: number
  /** Words of the query that the passage has. */
  readonly matchedTerms: readonly string[]
  /** How near it is to the query in meaning: the cosine, -1 to 1; absent where only words were compared. */
  readonly meaning?: number | undefined
}

/** Whether meaning is compared, or words alone. */
export type MeaningStatus =
  /** `waiting`: words alone, until somebody asks. */
  | { readonly kind: 'off' | 'on' | 'waiting' }
  /** Words alone, until the pieces of the documents that are new have their vectors. */
  | { readonly kind: 'preparing'; readonly done: number; readonly of: number }
  /** Words alone, for a reason that anybody may read. */
  | { readonly kind: 'unavailable'; readonly because: string }

/** What of the documents an answer may rest on. */
export interface Grounding extends Retrieval {
  readonly tier: CascadeTier
  /** Whose documents were looked into first. */
  readonly creator: string | undefined
  /** Whether what the documents do not say may be answered without them. */
  readonly isOptional: boolean
}

export interface RetrievedTerm {
  readonly word: string
  readonly term: string
  /** From the questions before this one. */
  readonly context: boolean
}

/** What was found for a question. */
export interface Retrieval {
  readonly terms: readonly RetrievedTerm[]
  /** Best first; those at or above `MIN_SCORE` of retrieval.ts can be answered from. */
  readonly hits: readonly KnowledgeHit[]
}

export interface SearchOptions extends KnowledgeScope {
  readonly limit: number
  /** Words alone decide, as they are written, although meaning could be compared: it costs next to nothing. */
  readonly byWords?: boolean
}

export interface Knowledge {
  /** Best first. Never rejects: where meaning cannot be compared, words alone decide. */
  search(query: string, options: SearchOptions): Promise<readonly KnowledgeHit[]>
  /** Domains of a creator's documents; none for a creator without any. */
  domainsOf(creator: string): readonly string[]
  /** Titles of a creator's documents. */
  titlesOf(creator: string): readonly string[]
  /** How a creator speaks, in prose for a model; no source of anything. */
  personalityOf(creator: string): string | undefined
  /** Headings of other sections of the passage's document, the next ones first. */
  headingsNear(passage: Passage): readonly string[]
  /**
   * How near each text is to the question in meaning: the cosine, -1 to 1. Pieces of the documents cost next
   * to nothing. `undefined` while meaning is not compared; never rejects.
   */
  compare(question: string, texts: readonly string[]): Promise<readonly number[] | undefined>
  meaning(): MeaningStatus
  /** Resolves when there is nothing to wait for: meaning is compared, or cannot be. Never rejects. */
  settled(): Promise<void>
  /** Of those that are found without naming a creator. */
  readonly documentTitles: readonly string[]
  readonly size: { readonly documents: number; readonly passages: number }
}
