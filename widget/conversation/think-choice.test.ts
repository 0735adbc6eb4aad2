import { expect, it } from 'vitest'
import { chooseThink } from './memory.ts'

it('remembers the visitor on auto, where the server offers it', () => {
  expect(chooseThink('auto', true, true)).toEqual({ canThink: true, thinking: true })
  expect(chooseThink('auto', true, undefined)).toEqual({ canThink: true, thinking: false })
  expect(chooseThink('auto', false, true)).toEqual({ canThink: false, thinking: false })
})

it('follows the attribute otherwise', () => {
  expect(chooseThink('on', false, false)).toEqual({ canThink: true, thinking: true })
  expect(chooseThink('off', true, true)).toEqual({ canThink: true, thinking: false })
  expect(chooseThink('hidden', true, true)).toEqual({ canThink: false, thinking: false })
})
