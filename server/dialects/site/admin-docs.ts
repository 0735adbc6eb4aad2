/** What the API's description says of the admin's routes, and what these answer. */
import { z } from 'zod'
import type { AdminAnswersBody, AdminContactsBody, AdminUsersBody } from '../../protocol/api.ts'
import { ANSWER_OUTCOMES } from '../../protocol/events.ts'
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
  .meta({ id: 'AdminContacts' }) satisfies z.ZodType<AdminContactsBody>

const yes = z.exactOptional(z.literal('true', 'must be true, or left out'))

const moment = z.union(
  [z.iso.date(), z.iso.datetime({ offset: true })],
  'must be a day or a time such as 2026-05-01T09:00:00Z',
)

export const answersQuerySchema = pageQuerySchema.extend({
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
  .meta({ id: 'AdminAnswers' }) satisfies z.ZodType<AdminAnswersBody>

export const adminDocs = {
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
