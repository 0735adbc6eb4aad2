/** What the API's description says of the admin's routes, and what these answer. */
import { z } from 'zod'
import type { AdminContactsBody, AdminUsersBody } from '../../protocol/api.ts'
import { queryNumber } from '../fields.ts'
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

/** Of every list for admins. */
export const pageQuerySchema = z.object({
  limit: queryNumber(1, 200).default(50).describe('So many at most.'),
  offset: queryNumber(0, 1_000_000_000).default(0).describe('So many are passed over first.'),
})

const personSchema = z
  .object({ id: z.string(), email: z.string().nullable(), name: z.string().nullable() })
  .meta({ id: 'Person' })

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
      .describe('What it is about, as it was then.'),
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
  .meta({ id: 'AdminContacts' }) satisfies z.ZodType<AdminContactsBody>

export const adminDocs = {
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
