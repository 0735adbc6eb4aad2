/** What the API's description says of the admin's routes, and what these answer. */
import { z } from 'zod'
import type { AdminUsersBody } from '../../protocol/api.ts'
import type { RouteDoc } from '../route.ts'

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

const adminUsersSchema = z
  .object({
    items: z.array(adminUserSchema).describe('Who was seen last comes first.'),
    totals: z.object({ users: z.int(), conversations: z.int(), messages: z.int() }),
  })
  .meta({ id: 'AdminUsers' }) satisfies z.ZodType<AdminUsersBody>

export const adminDocs = {
  users: {
    name: 'listUsers',
    chapter: 'Operation',
    summary: 'Lists everybody who has an account, has signed in or has a conversation.',
    responses: { 200: { description: 'The users.', schema: adminUsersSchema } },
  },
} satisfies Readonly<Record<string, RouteDoc>>
