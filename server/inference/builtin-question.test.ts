import { describe, expect, it } from 'vitest'
import { fits, readQuestion, tellsOfOtherCases } from './builtin-question.ts'

const passage = (text: string) => ({
  id: 'a.md#1',
  documentTitle: 'A',
  url: null,
  creator: null,
  domain: null,
  section: null,
  anchor: null,
  page: null,
  text,
})

describe('a question', () => {
  it.each([
    ['How much is a ticket?', 'amount'],
    ['What is the price of a ticket?', 'amount'],
    ['How long is a ticket valid?', 'time'],
    ['When do you open?', 'time'],
    ['How many people fit in?', 'count'],
    ['How much flour goes in?', 'count'],
    ['Who runs the shop?', 'person'],
    ['Where is the shop?', 'place'],
    ['Why is it closed?', 'reason'],
    ['How do I cancel?', 'steps'],
    ['What is a voucher?', 'definition'],
    ['May I come in?', undefined],
  ])('%s asks for: %s', (question, wanted) => {
    expect(readQuestion([question]).wanted).toBe(wanted)
  })

  it('that names another case asks for what the one before asked for', () => {
    expect(readQuestion(['When does Leeds open?', 'and York?']).wanted).toBe('time')
    expect(readQuestion(['When does Leeds open?', 'May dogs come into the shop?']).wanted).toBe(
      undefined,
    )
  })

  it.each([
    ['I bought a lamp and it is too big. Can I send it back?', 'Can I send it back?'],
    ['my filling fell out, is it urgent', 'is it urgent'],
    ['opening hours', 'opening hours'],
  ])('%s is the part that asks', (question, focus) => {
    expect(readQuestion([question]).focus).toBe(focus)
  })
})

describe('what is asked for', () => {
  it.each([
    ['How much is a ticket?', 'A ticket is £4.', true],
    ['How much is a ticket?', 'Children come in free.', true],
    ['How much is a ticket?', 'Tickets are sold at the door.', false],
    ['How long is it valid?', 'It is valid for a year.', true],
    ['How many people fit in?', 'The hall is large.', false],
    ['What is a voucher?', 'A voucher is a number.', true],
    ['What is a voucher?', 'Bring the voucher.', undefined],
    ['May I come in?', 'Come in.', undefined],
  ])('%s – %s: %s', (question, text, has) => {
    expect(fits(readQuestion([question]), text)).toBe(has)
  })
})

describe('a number of a question', () => {
  it.each([
    ['What happens after 3 years?', 'After 1 year we oil it. After 2 years we clean it.', true],
    ['What happens after two years?', 'After 1 year we oil it. After 2 years we clean it.', false],
    ['What happens in the third year?', 'In the first year: tea. In the second year: cake.', true],
    ['Is version 5 supported?', 'Version 4 is supported.', true],
    ['Is delivery free for 70 pounds?', 'Delivery is free from 60 pounds.', false],
    ['May a child of 9 come?', 'Children from 6 to 12 years may come.', false],
    ['Can I return 2 pans?', 'Pans can be returned within 45 days.', false],
    ['May I come in?', 'After 1 year. After 2 years.', false],
  ])('%s – %s tells only of others: %s', (question, text, others) => {
    expect(tellsOfOtherCases(question, passage(text))).toBe(others)
  })
})
