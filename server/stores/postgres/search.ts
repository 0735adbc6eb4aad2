/**
 * Finds conversations by what was said in them. A term is looked for as a part of a word, whatever the script, in texts
 * that are folded as in every other store; the index of letters in threes (pg_trgm) finds those that may have it.
 * PostgreSQL's own full-text search knows words of one language alone, and no parts of them.
 */
import {
  type ConversationQuery,
  passageOf,
  readQuery,
  textsAround,
} from '../../core/conversation-text.ts'
import type { ConversationSearch, FoundPage } from '../../core/ports/index.ts'
import { foldText } from '../../protocol/fold-text.ts'
import type { Sql } from './database.ts'
import type { Readers } from './rows.ts'

/**
 * What a term counts: as all of the title, as a word of it, as a word's beginning or a part of one; in the summary and
 * what a client keeps; in messages, more in more of them.
 */
const POINTS = { title: 70_000, word: 60_000, beginning: 50_000, part: 40_000, around: 20_000 }
const IN_MESSAGES = 8_000
/** Of all terms together, whatever there is. */
const MOST_POINTS = 1_000_000
/** Messages of a conversation in which a passage is looked for: the newest that have a term. */
const LOOKED_INTO = 30

export interface SearchPlace {
  readonly sql: Sql
  readonly readers: Readers
  /** The owner's key. */
  readonly owner: string
}

interface FoundRow {
  readonly total: number
  readonly number: number | null
  readonly body: unknown
  readonly score: number
}

export async function searchConversations(
  at: SearchPlace,
  given: ConversationSearch,
): Promise<FoundPage> {
  const query = readQuery(given.query)
  if (!query) return { found: [], hasMore: false, total: 0 }
  const { sql, readers, owner } = at
  const { limit, offset, after, modelTag, mostWords = false, snippets = true } = given
  const patterns = query.terms.map(patternOf)
  // Half of the terms will do where most of them are enough.
  const needed = mostWords ? Math.ceil(patterns.length / 2) : patterns.length
  const ofModel =
    modelTag === undefined
      ? sql``
      : sql`and (${JSON.stringify(modelTag)} = any(models) or exists (
          select 1 from messages
          where conversation = conversations.number and model = ${JSON.stringify(modelTag)}))`
  const from = after
    ? sql`where (score, updated_at, id) < (${after.score}, ${Date.parse(after.updatedAt)}, ${after.id})`
    : sql``
  const rows = await sql<FoundRow[]>`
    with hit as (${query.terms.map((term, place) => hitsOf(sql, owner, term, place)).reduce((all, one) => sql`${all} union all ${one}`)}),
    scored as (
      select conversation, least(sum(points), ${MOST_POINTS})::bigint as score
      from hit group by conversation having count(distinct term) >= ${needed}
    ),
    matched as (
      select number, id, updated_at, score
      from scored join conversations on number = conversation
      where deleted_at is null ${ofModel}
    )
    select counted.total, page.number, page.score,
      (select body from conversations where conversations.number = page.number) as body
    from (select count(*) as total from matched) as counted
    left join lateral (
      select * from matched ${from}
      order by score desc, updated_at desc, id desc limit ${limit + 1} offset ${offset}
    ) as page on true
    order by page.score desc, page.updated_at desc, page.id desc`
  const page = rows.flatMap(({ number, body, score }) => {
    if (number === null) return []
    const conversation = readers.conversation(body, { conversation: number })
    return conversation ? [{ number, conversation, score }] : []
  })
  const shown = page.slice(0, limit)
  const quoted = snippets
    ? shown.filter(({ conversation }) => !isAllInTitle(query, conversation.title ?? ''))
    : []
  const said = await textsOf(
    at,
    quoted.map(({ number }) => number),
    patterns,
  )
  const passages = new Map(
    quoted.map(({ number, conversation }) => [
      number,
      passageOf(query, [...(said.get(number) ?? []), ...textsAround(conversation)]),
    ]),
  )
  return {
    found: shown.map(({ number, conversation, score }) => ({
      conversation,
      score,
      snippet: passages.get(number) ?? null,
    })),
    hasMore: page.length > limit,
    total: rows[0]?.total ?? 0,
  }
}

/** Where a term is, and what that counts. */
const hitsOf = (sql: Sql, owner: string, term: string, place: number) => {
  const pattern = patternOf(term)
  const word = escaped(term, /[^\p{L}\p{N}\s]/gu)
  return sql`
    select conversation, ${place}::int as term, ${IN_MESSAGES} * ln(1 + count(*)) as points
    from messages where owner = ${owner} and said like ${pattern} group by conversation
    union all
    select number, ${place}::int, case
      when title = ${term} then ${POINTS.title}::int
      when title ~ ${String.raw`\m${word}\M`} then ${POINTS.word}::int
      when title ~ ${String.raw`\m${word}`} then ${POINTS.beginning}::int
      when title like ${pattern} then ${POINTS.part}::int
      else ${POINTS.around}::int end
    from conversations
    where owner = ${owner} and deleted_at is null
      and (title like ${pattern} or around like ${pattern})`
}

const escaped = (text: string, marks: RegExp) => text.replaceAll(marks, String.raw`\$&`)

const patternOf = (term: string) => `%${escaped(term, /[\\%_]/g)}%`

const isAllInTitle = ({ terms }: ConversationQuery, title: string) => {
  const folded = foldText(title)
  return terms.every((term) => folded.includes(term))
}

/** What the newest messages say that have a term, oldest first, by conversation. */
async function textsOf(
  { sql, readers }: SearchPlace,
  numbers: readonly number[],
  patterns: readonly string[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  if (numbers.length === 0) return new Map()
  const rows = await sql<{ conversation: number; body: unknown }[]>`
    select wanted.conversation, found.body
    from unnest(${[...numbers]}::bigint[]) as wanted (conversation)
    cross join lateral (
      select body, place from messages
      where conversation = wanted.conversation and said like any (${[...patterns]}::text[])
      order by place desc limit ${LOOKED_INTO}
    ) as found
    order by wanted.conversation, found.place`
  const texts = new Map<number, string[]>()
  for (const { conversation, body } of rows) {
    const message = readers.message(body, { conversation })
    if (!message) continue
    const known = texts.get(conversation) ?? []
    known.push(message.content)
    texts.set(conversation, known)
  }
  return texts
}
