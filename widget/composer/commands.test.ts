import { beforeEach, describe, expect, it } from 'vitest'
import type { Settings } from '../conversation/memory.ts'
import { commandsFor, runCommand, type CommandHost } from './slash-menu.ts'
import { extrasStrings } from '../words/en/composer.ts'

let settings: Settings
let did: unknown[]

const host = (changes: Partial<CommandHost> = {}): CommandHost => ({
  strings: extrasStrings,
  settings,
  canThink: true,
  canSet: true,
  thinking: false,
  onSettings(changed) {
    settings = changed
  },
  onThink: (on) => did.push(on),
  onPerson: () => did.push('person'),
  onClear: () => did.push('clear'),
  ...changes,
})

beforeEach(() => {
  settings = {}
  did = []
})

describe('runCommand', () => {
  it.each([
    ['/temperature 0.3', { temperature: 0.3 }],
    ['/temperature 0,7', { temperature: 0.7 }],
    ['/Temperature  2', { temperature: 2 }],
    ['/temperature 0', { temperature: 0 }],
    ['/topk 1', { top_k: 1 }],
    ['/top_k 200', { top_k: 200 }],
  ])('sets what %s says', (text, expected) => {
    expect(runCommand(text, host())).toMatchObject({ kind: 'done' })
    expect(settings).toEqual(expected)
  })

  it('leads to a person where there is one, and knows no such command elsewhere', () => {
    expect(runCommand('/person', host())).toMatchObject({ kind: 'refused' })
    expect(runCommand('/person now', host({ hasPerson: true }))).toMatchObject({ kind: 'refused' })
    expect(did).toEqual([])
    expect(runCommand('/person', host({ hasPerson: true }))).toEqual({ kind: 'done', said: '' })
    expect(did).toEqual(['person'])
  })

  it('leaves the other settings as they are', () => {
    settings = { top_k: 40, force_web_search: true }
    runCommand('/temperature 1', host())
    expect(settings).toEqual({ top_k: 40, force_web_search: true, temperature: 1 })
  })

  it.each([
    ['/temperature 3', 'a number from 0 to 2'],
    ['/temperature -1', 'a number from 0 to 2'],
    ['/temperature', 'a number from 0 to 2'],
    ['/temperature warm', 'a number from 0 to 2'],
    ['/temperature 1e0', 'a number from 0 to 2'],
    ['/temperature Infinity', 'a number from 0 to 2'],
    ['/topk 0', 'a whole number from 1 to 200'],
    ['/topk 201', 'a whole number from 1 to 200'],
    ['/topk 2.5', 'a whole number from 1 to 200'],
    ['/think maybe', '“on” or “off”'],
    ['/clear everything', 'stands alone'],
    ['/frobnicate 1', 'no command /frobnicate'],
    ['/', 'no command /'],
    ['/constructor', 'no command /constructor'],
  ])('refuses %s in words, and changes nothing', (text, words) => {
    const outcome = runCommand(text, host())
    expect(outcome).toMatchObject({ kind: 'refused', said: expect.stringContaining(words) })
    expect([settings, did]).toEqual([{}, []])
  })

  it.each(['/temperature 1', '/topk 40'])(
    'knows no %s where questions carry no options',
    (text) => {
      const outcome = runCommand(text, host({ canSet: false }))
      expect(outcome).toMatchObject({
        kind: 'refused',
        said: expect.stringContaining('no command'),
      })
      expect(settings).toEqual({})
      expect(runCommand('/clear', host({ canSet: false }))).toMatchObject({ kind: 'done' })
    },
  )

  it('switches thinking, or sets it', () => {
    for (const text of ['/think', '/think off', '/think ON']) runCommand(text, host())
    runCommand('/think', host({ thinking: true }))
    expect(did).toEqual([true, false, true, false])
    expect(runCommand('/think', host({ canThink: false }))).toMatchObject({ kind: 'refused' })
  })

  it('starts over, and asks for help', () => {
    expect(runCommand('/clear', host())).toMatchObject({ kind: 'done' })
    expect(did).toEqual(['clear'])
    expect(runCommand('/help', host())).toEqual({ kind: 'help' })
  })

  it('takes two slashes for a text with one', () => {
    const text = '/etc/hosts\nis a file'
    expect(runCommand(`/${text}`, host())).toEqual({ kind: 'text', text })
  })
})

describe('commandsFor', () => {
  it('offers what begins so, and nothing for a text', () => {
    expect(commandsFor('/')).toHaveLength(6)
    expect(commandsFor('/t')).toEqual(['temperature', 'topk', 'think'])
    expect(commandsFor('/top-')).toEqual(['topk'])
    for (const text of ['', 'a', ' /t', '//', '/temperature 1', '/x', '/t\n']) {
      expect(commandsFor(text)).toEqual([])
    }
  })
})
