/** What the element is told at its start. */
import type { Config } from './config/index.ts'
import { MOST_FILE_BYTES, MOST_FILES, type Attachments } from './core/attachments.ts'
import { longestMessage } from './core/turn/user-message.ts'
import type { Inference } from './core/ports/index.ts'
import { MAX_MESSAGE_LENGTH } from './dialects/conversations/schemas.ts'
import type { LoadedKnowledge } from './knowledge/index.ts'
import type {
  AttachmentLimitsBody,
  ContactWaysBody,
  SiteTextsBody,
  Switch,
  WidgetConfigBody,
} from './protocol/api.ts'

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
  const { title, greeting, starters, notice, privacyUrl, byLanguage, switches } = config.widget
  const searches =
    inference.kind === 'nanochat' || (inference.callsTools && config.webSearch.apiKey !== undefined)
  // What this server cannot do, no switch turns on.
  const cannot: { readonly [Name in Switch]?: boolean } = {
    search: !searches,
    attachments: !attachments.takesFiles,
  }
  const isOn = (name: Switch) => !cannot[name] && (switches[name] ?? name !== 'model_settings')
  return {
    title: title ?? '',
    greeting: greeting ?? '',
    starters: starters ?? (knowledge.isStandIn ? DEMO_STARTERS : []),
    logo: config.widget.logo ?? null,
    notice: notice ?? null,
    privacy_url: privacyUrl ?? null,
    by_language: textsByLanguage(byLanguage),
    features: {
      think: isOn('think'),
      search: isOn('search'),
      attachments: isOn('attachments'),
      feedback: isOn('feedback'),
      commands: isOn('commands'),
      model_settings: isOn('model_settings'),
      microphone: isOn('microphone'),
      list: isOn('list'),
      copy: isOn('copy'),
      regenerate: isOn('regenerate'),
      edit: isOn('edit'),
      download: isOn('download'),
      accounts: config.auth.mode === 'local',
      knowledge: inference.kind === 'builtin' && knowledge.size.documents > 0,
    },
    attachments: isOn('attachments') ? limitsOf(attachments) : null,
    contact: contactWaysOf(config),
    stand_in: knowledge.isStandIn,
    auth_mode: config.auth.mode,
    max_message_length: Math.min(
      MAX_MESSAGE_LENGTH,
      longestMessage(inference, config.turns.prompts),
    ),
    locale: 'en',
  }
}

/** Each language with what is set for it. */
function textsByLanguage(
  byLanguage: Config['widget']['byLanguage'],
): Readonly<Record<string, SiteTextsBody>> {
  const found: Record<string, SiteTextsBody> = {}
  for (const [name, values] of Object.entries(byLanguage)) {
    for (const [language, value] of values) {
      found[language] = { ...found[language], [name]: value }
    }
  }
  return found
}

function limitsOf({ takesFiles, takesImages, takesPdf }: Attachments): AttachmentLimitsBody | null {
  if (!takesFiles) return null
  const limits = { max_files: MOST_FILES, max_bytes: MOST_FILE_BYTES }
  return { images: takesImages, text: true, pdf: takesPdf, ...limits }
}

/** The ways to a person; with a language, the hours are what is said in it. */
export function contactWaysOf(
  { contact, widget }: Config,
  language?: string,
): ContactWaysBody | null {
  const { email = null, url = null, phone = null, form } = contact
  const ofLanguage =
    language === undefined ? undefined : widget.byLanguage.contact_hours.get(language)
  const hours = ofLanguage ?? contact.hours ?? null
  const isReachable = form || [email, url, phone].some((way) => way !== null)
  return isReachable ? { email, url, phone, hours, form } : null
}
