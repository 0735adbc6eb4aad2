import { expect, it, onTestFinished } from 'vitest'
import type { WidgetConfigBody } from './protocol/api.ts'
import { startTestServer } from './testing/start-test-server.ts'

async function configOf(environment: Readonly<Record<string, string>>): Promise<WidgetConfigBody> {
  const server = await startTestServer(environment)
  onTestFinished(() => server.close())
  const response = await fetch(`${server.url}/api/widget-config`)
  return (await response.json()) as WidgetConfigBody
}

it('tells the element what the owner says, for all and for single languages', async () => {
  const config = await configOf({
    WIDGET_TITLE: 'Fern & Leaf',
    WIDGET_TITLE_DE: 'Farn & Blatt',
    WIDGET_STARTERS_DE: 'Wann liefern Sie?|Wie oft gieße ich?',
    WIDGET_GREETING_PT_BR: 'Oi!',
    WIDGET_CONTACT_PHONE: '+49 30 123456',
    WIDGET_CONTACT_HOURS: 'Mon–Fri, 9–17 h',
    WIDGET_CONTACT_HOURS_DE: 'Mo–Fr, 9–17 Uhr',
    WIDGET_NOTICE: 'ai',
    WIDGET_PRIVACY_URL: 'https://shop.example/privacy',
    WIDGET_PRIVACY_URL_DE: 'https://shop.example/de/datenschutz',
  })
  expect(config).toMatchObject({
    title: 'Fern & Leaf',
    greeting: '',
    notice: 'ai',
    privacy_url: 'https://shop.example/privacy',
  })
  expect(config.by_language).toEqual({
    de: {
      title: 'Farn & Blatt',
      starters: ['Wann liefern Sie?', 'Wie oft gieße ich?'],
      privacy_url: 'https://shop.example/de/datenschutz',
      contact_hours: 'Mo–Fr, 9–17 Uhr',
    },
    'pt-BR': { greeting: 'Oi!' },
  })
})

it('switches off what the owner does not want, and never on what the server cannot do', async () => {
  const config = await configOf({
    WIDGET_FEATURES: '-attachments -microphone -feedback model_settings search',
  })
  expect(config.features).toMatchObject({
    attachments: false,
    microphone: false,
    feedback: false,
    model_settings: true,
    list: true,
    // There is nothing to search the web with.
    search: false,
  })
  expect(config.attachments).toBeNull()
})
