/** Where a visitor writes to a person: `POST /api/contact`. */
import { z } from 'zod'
import type { Contacts } from '../../core/contacts.ts'
import { isEmailAddress } from '../../text/email-address.ts'
import type { ContactCreatedBody, NewContactBody } from '../../protocol/api.ts'
import { object, optional, text, requestKeyOf } from '../fields.ts'
import { json, type Route, type RouteDoc } from '../route.ts'

const LONGEST_MESSAGE = 4_000

const bodySchema = object({
  message: text(1, LONGEST_MESSAGE).refine(
    // One complaint about nothing at all is enough.
    (value) => value === '' || value.trim() !== '',
    'must not be blank',
  ),
  email: z
    .string('must be a text')
    // Blanks around it are what completing a field leaves; a line break is somebody's attempt at a second address.
    .transform((value) => value.replaceAll(/^[ \u00a0]+|[ \u00a0]+$/g, ''))
    .refine(isEmailAddress, 'must be one e-mail address')
    .meta({ type: 'string', format: 'idn-email', maxLength: 254 })
    .describe('Where the visitor awaits the answer.'),
  consent: z
    .literal(true, 'must be true: without consent nothing is kept')
    .describe('That the owner may keep the message and answer it.'),
  conversation_id: optional(z.string('must be a text')).describe(
    'Of the caller: what it is about.',
  ),
  message_id: optional(z.string('must be a text')).describe(
    'The answer that the visitor came from; only with its conversation.',
  ),
  website: optional(z.string('must be a text')).describe(
    'A field that people do not see, and leave empty. What robots fill in is not kept.',
  ),
}).refine(
  ({ conversation_id, message_id }) => message_id === undefined || conversation_id !== undefined,
  { path: ['conversation_id'], error: 'is missing: a message belongs to its conversation' },
) satisfies z.ZodType<unknown, NewContactBody>

const createdSchema = z
  .object({ id: z.uuid(), created_at: z.iso.datetime().describe('UTC.') })
  .meta({ id: 'ContactCreated' }) satisfies z.ZodType<ContactCreatedBody>

const doc: RouteDoc = {
  name: 'writeToOwner',
  chapter: 'Session and settings',
  summary: 'Leaves a message for the people behind the site.',
  description:
    'It is kept until the caller erases everything, listed for admins, and sent to the webhook of the owner, if there is one. Of a conversation, the title and the last question go along.',
  headers: {
    'Idempotency-Key':
      'The same key again, by the same caller, gives the entry that there is: nothing is kept or sent twice.',
  },
  body: bodySchema,
  responses: {
    201: { description: 'It is kept.', schema: createdSchema },
    404: {
      description:
        'This site has no form, or there is no such conversation or message of the caller.',
    },
  },
}

export function createContactRoute(contacts: Pick<Contacts, 'checkOpen' | 'submit'>): Route {
  return {
    method: 'POST',
    path: '/api/contact',
    takes: 'contacts',
    doc,
    async handle(exchange) {
      contacts.checkOpen()
      const body = await exchange.json(bodySchema)
      const contact = await contacts.submit(
        {
          ownerId: exchange.identity.userId,
          message: body.message,
          email: body.email,
          conversationId: body.conversation_id,
          messageId: body.message_id,
          key: requestKeyOf(exchange.header('idempotency-key')),
          isByRobot: (body.website ?? '').trim() !== '',
        },
        () => exchange.admit(),
      )
      return json(
        { id: contact.id, created_at: contact.createdAt } satisfies ContactCreatedBody,
        201,
      )
    },
  }
}
