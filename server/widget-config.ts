/** What the element is told at its start. */
import type { Config } from './config.ts'
import { MOST_FILE_BYTES, MOST_FILES, type Attachments } from './core/attachments.ts'
import { longestMessage } from './core/message-length.ts'
import type { Inference } from './core/ports.ts'
import { MAX_MESSAGE_LENGTH } from './dialects/conversations/schemas.ts'
import type { LoadedKnowledge } from './knowledge/index.ts'
import type { AttachmentLimitsBody, ContactWaysBody, WidgetConfigBody } from './protocol/api.ts'

const DEMO_STARTERS = [
  'How do I add the chat to my site?',
  'What does it store about my visitors?',
  'How do I change the colours?',
  'What is 18% of 250?',
]

export interface WidgetConfigParts {
  readonly inference: Inference
  readonly knowledge: LoadedKnowledge
  readonly attachments: Attachments
}

export function widgetConfigOf(
  config: Config,
  { inference, knowledge, attachments }: WidgetConfigParts,
): WidgetConfigBody {
  return {
    title: config.widget.title ?? 'Samosa Chat',
    greeting: config.widget.greeting ?? '',
    starters: config.widget.starters ?? (knowledge.isStandIn ? DEMO_STARTERS : []),
    features: {
      think: true,
      search:
        inference.kind === 'nanochat' ||
        (inference.callsTools && config.webSearch.apiKey !== undefined),
      attachments: attachments.takesFiles,
      feedback: true,
      accounts: config.auth.mode === 'local',
      knowledge: inference.kind === 'builtin' && knowledge.size.documents > 0,
    },
    attachments: limitsOf(attachments),
    contact: contactWaysOf(config),
    auth_mode: config.auth.mode,
    max_message_length: Math.min(
      MAX_MESSAGE_LENGTH,
      longestMessage(inference, config.turns.prompts),
    ),
    locale: 'en',
  }
}

function limitsOf({ takesFiles, takesImages, takesPdf }: Attachments): AttachmentLimitsBody | null {
  if (!takesFiles) return null
  const limits = { max_files: MOST_FILES, max_bytes: MOST_FILE_BYTES }
  return { images: takesImages, text: true, pdf: takesPdf, ...limits }
}

function contactWaysOf({ contact }: Config): ContactWaysBody | null {
  const { email = null, url = null, phone = null, hours = null, form } = contact
  const isReachable = form || [email, url, phone].some((way) => way !== null)
  return isReachable ? { email, url, phone, hours, form } : null
}
