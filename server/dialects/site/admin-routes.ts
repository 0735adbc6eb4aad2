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
import type {
  AdminAnswerBody,
  AdminAnswersBody,
  AdminContactBody,
  AdminContactsBody,
  AdminUserBody,
  AdminUsersBody,
  PersonBody,
} from '../../protocol/api.ts'
import { json, type Route } from '../route.ts'
import { adminDocs, answersQuerySchema, pageQuerySchema } from './admin-docs.ts'

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
): AdminAnswerBody {
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

function contactBody(contact: Contact, user: PersonBody): AdminContactBody {
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
