import { expect, it } from 'vitest'
import { targetOf, TypeAhead } from './rows.ts'

const items = ['Ab', 'Cab', 'Cacti', 'Café', 'New pots'].map((title) => ({ id: title, title }))
const after = (key: string, active: string) => targetOf(key, items, active)?.id

it('moves by one, by page and to the ends, and stays in the list', () => {
  expect(after('ArrowDown', 'Ab')).toBe('Cab')
  expect(after('ArrowUp', 'Ab')).toBe('Ab')
  expect(after('ArrowDown', 'New pots')).toBe('New pots')
  expect(after('PageDown', 'Ab')).toBe('New pots')
  expect(after('Home', 'Café')).toBe('Ab')
  expect(after('End', 'Ab')).toBe('New pots')
  expect(after('x', 'Ab')).toBeUndefined()
  expect(targetOf('ArrowDown', [], undefined)).toBeUndefined()
  expect(targetOf('ArrowDown', items, 'gone')?.id).toBe('Ab')
})

it('goes through titles with a letter, and to one with a word', () => {
  const letters = new TypeAhead()
  const find = (letter: string, active: string, now: number) =>
    letters.find(letter, items, active, now)?.id
  expect(find('c', 'Ab', 0)).toBe('Cab')
  expect(find('c', 'Cab', 5_000)).toBe('Cacti')
  expect(find('C', 'Cacti', 10_000)).toBe('Café')
  expect(find('c', 'Café', 15_000)).toBe('Cab')
  expect(find('a', 'Cab', 15_100)).toBe('Cab')
  expect(find('f', 'Cab', 15_200)).toBe('Café')
  expect(find('z', 'Café', 20_000)).toBeUndefined()
})

it('takes a space for part of a word only while one is typed', () => {
  const letters = new TypeAhead()
  expect(letters.isTyping(0)).toBe(false)
  for (const [index, letter] of [...'new'].entries()) letters.find(letter, items, 'Ab', index)
  expect(letters.isTyping(100)).toBe(true)
  expect(letters.isTyping(5_000)).toBe(false)
})
