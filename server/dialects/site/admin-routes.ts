/** What an admin sees of the users. */
import { ADMIN } from '../../core/accounts.ts'
import type { Contacts } from '../../core/contacts.ts'
import type {
  Account,
  Accounts,
  Contact,
  ConversationStore,
  NotedAnswer,
  OwnerTotals,
  UserDirectory,
  UserRecord,
} from '../../core/ports/index.ts'
import { json, type Route, type RouteDoc } from '../route.ts'
import { z } from 'zod'
import { ANSWER_OUTCOMES } from '../../protocol/events.ts'
import { queryNumber } from '../fields.ts'

// What the API's description says of the admin's routes, and what these answer.

const adminUserSchema = z
  .object({
    id: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    is_admin: z.boolean(),
    first_seen_at: z.iso.datetime().nullable().describe('UTC; `null` for who never signed in.'),
    last_seen_at: z.iso.datetime().nullable(),
    conversation_count: z.int(),
    message_count: z.int(),
    provider: z
      .string()
      .nullable()
      .describe('`local` for an account of this server, else what the auth service says.'),
    created_at: z.iso.datetime().nullable().describe('When the account was made.'),
    last_login_at: z.iso.datetime().nullable(),
    username: z.exactOptional(z.string().nullable()).describe('Where the server has accounts.'),
  })
  .meta({ id: 'AdminUser' })

type AdminUserBody = z.infer<typeof adminUserSchema>

const adminUsersSchema = z
  .object({
    items: z.array(adminUserSchema).describe('Who was seen last comes first.'),
    totals: z.object({ users: z.int(), conversations: z.int(), messages: z.int() }),
  })
  .meta({ id: 'AdminUsers' })

export type AdminUsersBody = z.infer<typeof adminUsersSchema>

/** Of every list for admins. */
const pageQuerySchema = z.object({
  limit: queryNumber(1, 200, 50).describe('So many at most.'),
  offset: queryNumber(0, 1_000_000_000, 0).describe('So many are passed over first.'),
})

const personSchema = z
  .object({ id: z.string(), email: z.string().nullable(), name: z.string().nullable() })
  .meta({ id: 'Person' })

type PersonBody = z.infer<typeof personSchema>

const adminContactSchema = z
  .object({
    id: z.uuid(),
    created_at: z.iso.datetime(),
    message: z.string(),
    email: z.string().describe('Where the visitor awaits the answer.'),
    user: personSchema,
    conversation: z
      .object({
        id: z.string(),
        title: z.string().nullable(),
        question: z.string().nullable().describe('What the visitor had asked last, cut.'),
        message_id: z.string().nullable().describe('The answer that the visitor came from.'),
      })
      .nullable()
      .describe(
        'What it is about, as it was then; the title and the question go with their conversation.',
      ),
    delivery: z
      .object({
        state: z.enum(['pending', 'delivered', 'failed']),
        attempts: z.int(),
        last_attempt_at: z.iso.datetime().nullable(),
        problem: z.string().nullable().describe('Why the last try failed.'),
      })
      .nullable()
      .describe('How far it has come on its way to the webhook; `null` where there was none.'),
  })
  .meta({ id: 'AdminContact' })

const pageFields = {
  total: z.int().describe('How many there are in all.'),
  limit: z.int(),
  offset: z.int(),
}

const adminContactsSchema = z
  .object({ items: z.array(adminContactSchema).describe('Newest first.'), ...pageFields })
  .meta({ id: 'AdminContacts' })

export type AdminContactsBody = z.infer<typeof adminContactsSchema>

const yes = z.exactOptional(z.literal('true', 'must be true, or left out'))

const moment = z.union(
  [z.iso.date(), z.iso.datetime({ offset: true })],
  'must be a day or a time such as 2026-05-01T09:00:00Z',
)

const answersQuerySchema = pageQuerySchema.extend({
  rated: z.enum(['up', 'down'], 'must be up or down').optional().describe('Only with this rating.'),
  unanswered: yes.describe('Only those that say that there is no answer, or were withheld.'),
  wants_person: yes.describe(
    'Only where the visitor asks for a human. With `unanswered`, either of the two will do.',
  ),
  since: moment
    .optional()
    .describe('Only answers that are not older. A day, or a time with its zone.'),
  until: moment.optional().describe('Only answers that are older.'),
})

const adminAnswersSchema = z
  .object({
    items: z
      .array(
        z
          .object({
            conversation_id: z.uuid(),
            title: z.string().nullable(),
            user: personSchema,
            question: z.string().nullable(),
            message_id: z.uuid(),
            answer: z.string().describe('With its tags, as it is stored.'),
            rating: z.enum(['up', 'down']).nullable(),
            comment: z.string().nullable().describe('Of the rating.'),
            outcome: z.enum(ANSWER_OUTCOMES).nullable(),
            created_at: z.iso.datetime(),
          })
          .meta({ id: 'AdminAnswer' }),
      )
      .describe('Newest first.'),
    ...pageFields,
  })
  .meta({ id: 'AdminAnswers' })

export type AdminAnswersBody = z.infer<typeof adminAnswersSchema>

const adminDocs = {
  answers: {
    name: 'listNotedAnswers',
    chapter: 'Operation',
    summary: 'Lists answers that were rated or whose question needs a way on, with the words.',
    description: 'Conditions add up. What visitors erase, edit away or ask anew is not listed.',
    query: answersQuerySchema,
    responses: { 200: { description: 'A page of them.', schema: adminAnswersSchema } },
  },
  contacts: {
    name: 'listContacts',
    chapter: 'Operation',
    summary: 'Lists what visitors wrote by the contact form.',
    query: pageQuerySchema,
    responses: { 200: { description: 'A page of it.', schema: adminContactsSchema } },
  },
  users: {
    name: 'listUsers',
    chapter: 'Operation',
    summary: 'Lists everybody who has an account, has signed in or has a conversation.',
    responses: { 200: { description: 'The users.', schema: adminUsersSchema } },
  },
} satisfies Readonly<Record<string, RouteDoc>>

export interface AdminRoutesDependencies {
  readonly store: ConversationStore
  readonly users: UserDirectory
  readonly contacts: Pick<Contacts, 'list'>
  /** Those who sign in here, where they do. */
  readonly accounts: Pick<Accounts, 'list'> | undefined
}

export function createAdminRoutes({
  store,
  users,
  contacts,
  accounts,
}: AdminRoutesDependencies): readonly Route[] {
  /** Who somebody is, as far as it is known here. */
  const people = async (): Promise<(id: string) => PersonBody> => {
    const [records, known = []] = await Promise.all([users.list(), accounts?.list()])
    const seen = new Map(records.map((record) => [record.id, record]))
    const holders = new Map(known.map((account) => [account.id, account]))
    return (id) => {
      const user = seen.get(id)
      const account = holders.get(id)
      return {
        id,
        email: account?.email ?? user?.email ?? null,
        name: account?.fullName ?? account?.username ?? user?.name ?? null,
      }
    }
  }

  return [
    {
      method: 'GET',
      path: '/api/admin/users',
      doc: adminDocs.users,
      role: 'admin',
      async handle() {
        const [records, totals, known] = await Promise.all([
          users.list(),
          store.owners(),
          accounts?.list(),
        ])
        return json(usersBody(records, totals, known))
      },
    },
    {
      method: 'GET',
      path: '/api/admin/conversations',
      doc: adminDocs.answers,
      role: 'admin',
      // The first time after an update, every conversation is looked at.
      isSlow: true,
      async handle(exchange) {
        const { limit, offset, rated, unanswered, wants_person, since, until } =
          exchange.query(answersQuerySchema)
        const outcomes = [
          ...(unanswered ? (['unanswered'] as const) : []),
          ...(wants_person ? (['wants_person'] as const) : []),
        ]
        const { items, total } = await store.notedAnswers({
          limit,
          offset,
          rating: rated,
          since: momentOf(since),
          until: momentOf(until),
          ...(outcomes.length > 0 && { outcomes }),
        })
        const person = await people()
        const listed = items.map((noted) => answerBody(noted, person(noted.conversation.ownerId)))
        return json({ items: listed, total, limit, offset } satisfies AdminAnswersBody)
      },
    },
    {
      method: 'GET',
      path: '/api/admin/contacts',
      doc: adminDocs.contacts,
      role: 'admin',
      async handle(exchange) {
        const page = exchange.query(pageQuerySchema)
        const { items, total } = await contacts.list(page)
        const person = await people()
        const listed = items.map((contact) => contactBody(contact, person(contact.ownerId)))
        return json({ items: listed, total, ...page } satisfies AdminContactsBody)
      },
    },
  ]
}

/** A day stands for its first moment, UTC. */
const momentOf = (given: string | undefined) => given && new Date(given).toISOString()

function answerBody(
  { conversation, answer, question }: NotedAnswer,
  user: PersonBody,
): AdminAnswersBody['items'][number] {
  return {
    conversation_id: conversation.id,
    title: conversation.title,
    user,
    question: question?.content ?? null,
    message_id: answer.id,
    answer: answer.content,
    rating: answer.feedback?.rating ?? null,
    comment: answer.feedback?.comment ?? null,
    outcome: answer.outcome ?? null,
    created_at: answer.createdAt,
  }
}

function contactBody(contact: Contact, user: PersonBody): AdminContactsBody['items'][number] {
  const { id, createdAt, message, email, about, delivery } = contact
  return {
    id,
    created_at: createdAt,
    message,
    email,
    user,
    conversation: about && {
      id: about.conversationId,
      title: about.title,
      question: about.question,
      message_id: about.messageId,
    },
    delivery: delivery && {
      state: delivery.state,
      attempts: delivery.attempts,
      last_attempt_at: delivery.lastAttemptAt,
      problem: delivery.problem,
    },
  }
}

/**
 * Everybody who has an account, has signed in or has a conversation; who was seen last comes first.
 * `accounts`: undefined where there are none.
 */
function usersBody(
  records: readonly UserRecord[],
  totals: readonly OwnerTotals[],
  accounts: readonly Account[] | undefined,
): AdminUsersBody {
  const seen = new Map(records.map((record) => [record.id, record]))
  const owned = new Map(totals.map((total) => [total.ownerId, total]))
  const holders = new Map(accounts?.map((account) => [account.id, account]))
  const items = [...new Set([...holders.keys(), ...seen.keys(), ...owned.keys()])]
    .map((id) => ({
      ...userBody(id, seen.get(id), owned.get(id)),
      ...(accounts && accountFields(holders.get(id))),
    }))
    .toSorted(byLastSeen)
  return {
    items,
    totals: {
      users: items.length,
      conversations: sum(totals, (total) => total.conversations),
      messages: sum(totals, (total) => total.messages),
    },
  }
}

function userBody(
  id: string,
  user: UserRecord | undefined,
  totals: OwnerTotals | undefined,
): AdminUserBody {
  return {
    id,
    email: user?.email ?? null,
    name: user?.name ?? null,
    is_admin: user?.isAdmin ?? false,
    provider: user?.account?.provider ?? null,
    created_at: user?.account?.createdAt ?? null,
    last_login_at: user?.account?.lastLoginAt ?? null,
    first_seen_at: user?.firstSeenAt ?? null,
    last_seen_at: user?.lastSeenAt ?? null,
    conversation_count: totals?.conversations ?? 0,
    message_count: totals?.messages ?? 0,
  }
}

/** What an account knows better than who has seen its user. */
function accountFields(account: Account | undefined) {
  return {
    ...(account && {
      email: account.email,
      name: account.fullName ?? account.username,
      is_admin: account.roles.includes(ADMIN),
      provider: 'local',
      created_at: account.createdAt,
      last_login_at: account.lastLoginAt,
    }),
    username: account?.username ?? null,
  }
}

/** Those who never signed in come last; times of one form sort as texts. */
function byLastSeen(a: AdminUserBody, b: AdminUserBody): number {
  return compare(b.last_seen_at ?? '', a.last_seen_at ?? '') || compare(a.id, b.id)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const sum = <Item>(items: readonly Item[], count: (item: Item) => number) =>
  items.reduce((total, item) => total + count(item), 0)
