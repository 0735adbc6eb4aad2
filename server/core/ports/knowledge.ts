import type { CascadeTier } from '../../protocol/events.ts'

export interface Passage {
  readonly id: string
  readonly documentTitle: string
  readonly url: string | null
  readonly creator: string | null
  readonly domain: string | null
  /** Heading path below the document's title, ` › ` between levels; `null` above the first heading. */
  readonly section: string | null
  /** Plain text; only code keeps its marks, and list items their `- ` at the start of a line. */
  readonly text: string
}

/** Documents that a search is restricted to; names are compared without case, accents and hyphens. */
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
}

/** What of the documents an answer may rest on. */
export interface Grounding extends Retrieval {
  readonly tier: CascadeTier
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

export interface Knowledge {
  /** Best first. */
  search(
    query: string,
    options: { readonly limit: number } & KnowledgeScope,
  ): readonly KnowledgeHit[]
  /** Domains of a creator's documents; none for a creator without any. */
  domainsOf(creator: string): readonly string[]
  /** How a creator speaks, in prose for a model; no source of anything. */
  personalityOf(creator: string): string | undefined
  /** Headings of other sections of the passage's document, the next ones first. */
  headingsNear(passage: Passage): readonly string[]
  readonly documentTitles: readonly string[]
  readonly size: { readonly documents: number; readonly passages: number }
}
