import { createElement, createRef } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'
import type { SamosaChat as SamosaChatElement } from '../index.ts'
import { SamosaChat } from './index.ts'

it('renders the tag on a server, where there is no window', () => {
  expect(globalThis.window).toBeUndefined()
  const props = { endpoint: 'https://chat.example', className: 'help' }
  expect(renderToString(createElement(SamosaChat, props))).toBe(
    '<samosa-chat class="help"></samosa-chat>',
  )
})

it('knows the types of props, events and the ref', () => {
  const contents: string[] = []
  const element = createElement(SamosaChat, {
    mode: 'inline',
    conversationId: null,
    ref: createRef<SamosaChatElement>(),
    onSamosaMessage: ({ detail }) => contents.push(detail.message.content),
    onSamosaConversation: ({ detail }) => contents.push(detail.id ?? 'a new one'),
    onSamosaSignIn: ({ detail }) => contents.push(detail.user.username),
  })
  expect(element.type).toBe(SamosaChat)
  const plain = createElement('samosa-chat', { mode: 'page', 'conversation-id': '7' })
  expect(plain.props.mode).toBe('page')
})
