/**
 * The conversation that the theme editor shows: what a chat may hold, from a server that lives in this page.
 * Nothing that is written into it leaves the page.
 */
import { createClient } from './samosa-chat.js'

const CONVERSATION = '00000000-0000-4000-8000-000000000001'
/** Milliseconds between two pieces of an answer. */
const PACE = 45

const CONFIG = {
  title: 'Ask us',
  greeting: 'Hello! What are you looking for?',
  starters: ['Which plant needs little light?', 'How do you deliver?', 'What is 15% of 34?'],
  features: { think: true, search: false, attachments: false, feedback: true, accounts: false },
  auth_mode: 'visitor',
  max_message_length: 2000,
  locale: 'en',
}

const SOURCES = [
  {
    number: 1,
    title: 'Plants for dark rooms',
    url: '',
    creator: null,
    section: 'Snake plant',
    snippet: 'The snake plant lives in half shade and wants water every third week.',
    score: 1,
  },
  {
    number: 2,
    title: 'Delivery',
    url: '',
    creator: null,
    section: 'When it comes',
    snippet: 'Orders before noon are with you in two working days.',
    score: 0.8,
  },
]

const ANSWER = `<think>The room is dark, so light comes first. Both plants are in stock.</think>Two plants do well in a **dark room**[1]:

| Plant | Light | Water | Price |
| :--- | :--- | :--- | ---: |
| Snake plant | half shade | every third week | €22.50 |
| Rubber plant | bright, no sun | weekly | €34.00 |

1. Put it where you can *read without a lamp*.
2. Water it when the soil is dry.

> Orders before noon come in two working days[2].`

const SUM = `<|python_start|>{"tool":"calculator","arguments":{"expression":"22.50 * 0.85"}}<|python_end|><|output_start|>{"tool":"calculator","success":true,"output":{"expression":"22.50 * 0.85","value":19.125},"error":null}<|output_end|>With 15 % off it is **€19.13**. The code at the till is \`SHADE15\`:

\`\`\`sh
shop order snake-plant --code SHADE15
\`\`\``

const ECHO =
  'This is how an answer looks *while it is written*: with **bold** words, a [link](https://example.com/), and\n\n- a list\n- of two things.\n\nYour own chat answers here once it is on your page.'

/**
 * @param {string} role
 * @param {string} content
 * @param {object} more
 */
const message = (role, content, more = {}) => ({
  id: crypto.randomUUID?.() ?? String(Math.random()),
  conversation_id: CONVERSATION,
  role,
  content,
  token_count: null,
  model_tag: null,
  inference_time_ms: null,
  finish_reason: role === 'user' ? null : 'stop',
  feedback: null,
  created_at: new Date().toISOString(),
  ...more,
})

const MESSAGES = [
  message('user', 'Which of your plants can stand a dark room?'),
  message('assistant', ANSWER, { sources: SOURCES }),
  message('user', 'And the snake plant with 15 % off?'),
  message('assistant', SUM, { feedback: { rating: 'up', comment: null } }),
]

/**
 * @param {unknown} body
 * @param {number} status
 */
const json = (body, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

/** An answer as a server writes it: one event after the other. */
function stream() {
  const encoder = new TextEncoder()
  const turn = String(Date.now())
  const pieces = ECHO.match(/\S+\s*/g) ?? []
  const events = [
    { turn_id: turn, user_message_id: `${turn}u`, message_id: `${turn}a` },
    ...pieces.map((token) => ({ token })),
    { done: true, message_id: `${turn}a`, finish_reason: 'stop', token_count: pieces.length },
  ]
  let sent = 0
  const body = new ReadableStream({
    async pull(controller) {
      const event = events[sent]
      if (!event) return controller.close()
      await new Promise((resolve) => setTimeout(resolve, sent === 0 ? 900 : PACE))
      const text = `id: ${turn}.${sent}\ndata: ${JSON.stringify(event)}\n\n`
      controller.enqueue(encoder.encode(text))
      sent += 1
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** @param {string} id */
const conversation = (id) => ({
  id,
  user_id: '',
  title: 'Plants for a dark room',
  model_tag: 'default',
  is_favorited: false,
  created_at: new Date().toISOString(),
  updated_at: new Date().toISOString(),
})

/** @type {typeof fetch} */
const answer = async (input, init) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input)
  const method = init?.method ?? 'GET'
  if (pathname.endsWith('/widget-config')) return json(CONFIG)
  if (pathname.endsWith('/session')) return json({ token: 'sample', expires_in: 86_400 }, 201)
  if (pathname.endsWith('/messages')) return stream()
  if (pathname.endsWith('/regenerate')) return stream()
  if (pathname.endsWith('/stream')) return new Response(null, { status: 204 })
  if (pathname.endsWith('/feedback')) return json({})
  if (pathname.endsWith('/conversations')) {
    const one = conversation(CONVERSATION)
    return method === 'POST'
      ? json(conversation(crypto.randomUUID?.() ?? String(Date.now())), 201)
      : json({ items: [one], grouped: {}, limit: 50, offset: 0 })
  }
  const id = pathname.split('/').at(-1) ?? ''
  const messages = id === CONVERSATION ? MESSAGES : []
  return json({ ...conversation(id), messages, has_more: false })
}

/** What is kept of the sample is kept nowhere. */
function memory() {
  /** @type {Map<string, string>} */
  const values = new Map()
  return {
    get: (/** @type {string} */ key) => values.get(key),
    set: (/** @type {string} */ key, /** @type {string} */ value) => void values.set(key, value),
    remove: (/** @type {string} */ key) => void values.delete(key),
  }
}

/**
 * A chat that shows the sample: what it holds (`conversation`), how it begins (`greeting`), or how it stands in
 * the corner of a page (`bubble`).
 *
 * @param {string} view
 */
export function sampleChat(view) {
  const chat = document.createElement('samosa-chat')
  // No server: what the browser remembers of a sample is for that one alone.
  const endpoint = `https://sample.invalid/${view}`
  chat.endpoint = endpoint
  chat.client = createClient({ endpoint, fetch: answer, store: memory() })
  chat.mode = view === 'bubble' ? 'bubble' : 'inline'
  chat.open = view === 'bubble'
  if (view !== 'greeting') chat.conversationId = CONVERSATION
  return chat
}
