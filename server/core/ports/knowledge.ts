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

export interface KnowledgeHit {
  readonly passage: Passage
  /** 0–1, comparable within one query. */
  readonly score: number
  /** Words of the query that the passage has. */
  readonly matchedTerms: readonly string[]
}

export interface Knowledge {
  /** Best first. */
  search(query: string, options: { readonly limit: number }): readonly KnowledgeHit[]
  /** Headings of other sections of the passage's document, the next ones first. */
  headingsNear(passage: Passage): readonly string[]
  readonly documentTitles: readonly string[]
  readonly size: { readonly documents: number; readonly passages: number }
}
