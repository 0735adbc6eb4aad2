/** Ports of documents and of what finds their passages, by words and by meaning. */
import type { CascadeTier } from '../../protocol/events.ts'
import type { Cancellable } from './system.ts'
import type { Conversation } from './conversations.ts'

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

/** Turns texts into vectors that are near each other where the texts mean the same. */
export interface Embedder {
  /** Names what the vectors come from: those of two names cannot be compared. */
  readonly name: string
  /**
   * One vector of length 1 a text, all of one dimension. Many at once are cheaper than one by one; a
   * visitor's question goes before texts that wait.
   * @throws when the encoder or its service does not answer, or `signal` is aborted
   */
  embed(
    texts: readonly string[],
    options: Cancellable & { readonly urgent?: boolean },
  ): Promise<readonly Float32Array[]>
  close(): Promise<void>
}

/** Finds texts by a regular expression, in a time that no pattern can stretch. */
export interface Patterns {
  /**
   * Which of the entries have a text that the pattern matches, whatever the case of letters; `^` and `$` are
   * beginnings and ends of lines. @throws ChatError 400 when it is no pattern, or takes too long
   */
  find<Id>(
    pattern: string,
    entries: AsyncIterable<{ readonly id: Id; readonly texts: readonly string[] }>,
  ): Promise<readonly Id[]>
}

/** Compares conversations with questions by their meaning, as far as that is prepared. */
export interface ChatMeaning {
  /**
   * How near the owner's conversations are to a question, as cosines by their ids; `undefined` when that cannot be
   * told now. What the owner has said is prepared from then on. Never rejects.
   */
  near(ownerId: string, question: string): Promise<ReadonlyMap<string, number> | undefined>
  /** Something of the conversation is new; it is prepared in the background, if meaning is compared at all. */
  changed(ownerId: string, conversation: Pick<Conversation, 'id'>): void
  /** Resolves when nothing of the conversation, or of all the owner has, is kept any more. @throws when it cannot be erased */
  forget(ownerId: string, conversationId?: string): Promise<void>
  close(): Promise<void>
}
