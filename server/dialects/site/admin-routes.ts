/** What an admin sees of the users. */
import type { ConversationStore, OwnerTotals, UserDirectory, UserRecord } from '../../core/ports.ts'
import type { AdminUserBody, AdminUsersBody } from '../../protocol/api.ts'
import { json, type Route } from '../route.ts'
import { adminDocs } from './admin-docs.ts'

export interface AdminRoutesDependencies {
  readonly store: ConversationStore
  readonly users: UserDirectory
}

export function createAdminRoutes({ store, users }: AdminRoutesDependencies): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/admin/users',
      doc: adminDocs.users,
      role: 'admin',
      async handle() {
        const [records, totals] = await Promise.all([users.list(), store.owners()])
        return json(usersBody(records, totals))
      },
    },
  ]
}

/** Everybody who has signed in or has a conversation; who was seen last comes first. */
function usersBody(records: readonly UserRecord[], totals: readonly OwnerTotals[]): AdminUsersBody {
  const known = new Map(records.map((record) => [record.id, record]))
  const owned = new Map(totals.map((total) => [total.ownerId, total]))
  const items = [...new Set([...known.keys(), ...owned.keys()])]
    .map((id) => userBody(id, known.get(id), owned.get(id)))
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
    first_seen_at: user?.firstSeenAt ?? null,
    last_seen_at: user?.lastSeenAt ?? null,
    conversation_count: totals?.conversations ?? 0,
    message_count: totals?.messages ?? 0,
  }
}

/** Those who never signed in come last; times of one form sort as texts. */
function byLastSeen(a: AdminUserBody, b: AdminUserBody): number {
  return compare(b.last_seen_at ?? '', a.last_seen_at ?? '') || compare(a.id, b.id)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const sum = <Item>(items: readonly Item[], count: (item: Item) => number) =>
  items.reduce((total, item) => total + count(item), 0)
