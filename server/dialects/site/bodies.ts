/** What the routes that belong to no dialect answer, for the API's description. */
import { z } from 'zod'
import { SWITCHES, type SessionBody, type WidgetConfigBody } from '../../protocol/api.ts'

export const healthSchema = z
  .object({
    status: z.literal('ok'),
    ready: z.boolean().describe('What `GET /ready` has found last.'),
    service: z.literal('chat-api'),
    version: z.string(),
  })
  .meta({ id: 'Health' })

export const readinessSchema = z
  .object({
    ready: z.boolean().describe('Both of the next two.'),
    store: z.boolean(),
    inference: z.boolean(),
    meaning: z
      .string()
      .describe(
        '`on`, `off`, `preparing 12 of 340` while pieces of documents get their vectors, or `lexical only: ` and why. Changes nothing about `ready`.',
      ),
  })
  .meta({ id: 'Readiness' })

export const sessionSchema = z
  .object({
    token: z.string().describe('For `Authorization: Bearer`.'),
    expires_in: z.int().describe('Seconds.'),
    visitor_id: z.uuid(),
  })
  .meta({ id: 'Session' }) satisfies z.ZodType<SessionBody>

export const widgetConfigSchema = z
  .object({
    title: z.string().describe('Empty: the element has a title in the visitor’s language.'),
    greeting: z.string().describe('Empty: the element greets in the visitor’s language.'),
    logo: z
      .exactOptional(z.string().nullable())
      .describe('Address of a picture in place of our mark; null: ours.'),
    starters: z.array(z.string()).describe('Questions that an empty chat offers.'),
    notice: z
      .exactOptional(z.string().nullable())
      .describe(
        'What to tell visitors before they write; `ai`: that they talk to a machine, in their language.',
      ),
    privacy_url: z.exactOptional(z.string().nullable()).describe('The page on privacy.'),
    by_language: z
      .exactOptional(
        z.record(
          z.string(),
          z.object({
            title: z.exactOptional(z.string()),
            greeting: z.exactOptional(z.string()),
            starters: z.exactOptional(z.array(z.string())),
            notice: z.exactOptional(z.string()),
            privacy_url: z.exactOptional(z.string()),
            contact_hours: z.exactOptional(z.string()),
          }),
        ),
      )
      .describe('What of it single languages have in place of that, by their tags (BCP 47).'),
    features: z
      .record(z.enum([...SWITCHES, 'accounts', 'knowledge']), z.boolean())
      .describe('What this server can do, and what of it the chat offers.'),
    attachments: z
      .exactOptional(
        z
          .object({
            images: z.boolean(),
            text: z.boolean(),
            pdf: z.boolean().describe('For their text.'),
            max_files: z.int(),
            max_bytes: z.int().describe('Of all files of a message together.'),
          })
          .nullable(),
      )
      .describe('Which files a message may carry; `null` for none.'),
    contact: z
      .exactOptional(
        z
          .object({
            email: z.string().nullable(),
            url: z.string().nullable().describe('Of a page.'),
            phone: z.string().nullable(),
            hours: z.string().nullable().describe('When somebody can be reached.'),
            form: z.boolean().describe('Whether `POST /api/contact` takes messages.'),
          })
          .nullable(),
      )
      .describe('How visitors reach a person; `null` where they cannot.'),
    stand_in: z
      .exactOptional(z.boolean())
      .describe('Whether the documents of the demo answer, as there are no others yet.'),
    auth_mode: z.enum(['visitor', 'local', 'service', 'jwt']),
    max_message_length: z.int().describe('Unicode code points.'),
    locale: z.string(),
  })
  .meta({ id: 'WidgetConfig' }) satisfies z.ZodType<WidgetConfigBody>
