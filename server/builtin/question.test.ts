import { describe, expect, it } from 'vitest'
import { fits, readQuestion, tellsOfOtherCases } from './question.ts'

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
    ['How hot is the pool?', 'temperature'],
    ['What does the bench weigh?', 'weight'],
    ['How wide is the gate?', 'length'],
    ['What colour is the door?', 'colour'],
    ['When was the shop founded?', 'year'],
    ['What is your phone number?', 'phone'],
    ['What is your e-mail address?', 'e-mail'],
    ['Who owns the shop?', 'name'],
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
    ['How much is a ticket?', 'Buying a ticket costs you nothing but a click.', true],
    ['How much is a ticket?', 'The price is on the ticket.', false],
    ['How much is a ticket?', 'A ticket is forty euros for adults.', true],
    ['What about the fee?', 'The organiser pays all fees.', true],
    ['Is there a fee for tickets?', 'The organiser pays all fees.', true],
    ['How hot is the pool?', 'The pool is heated from 9 am.', false],
    ['How hot is the pool?', 'The pool has 29 °C.', true],
    ['What does the bench weigh?', 'The bench of oak is 2 m long.', false],
    ['What does the bench weigh?', 'It weighs 38 kg.', true],
    ['What does the bench weigh?', 'The bench has forty kilos.', true],
    ['How wide is the gate?', 'It is two metres wide.', true],
    ['How wide is the gate?', 'The gate is open from 8 am to 6 pm.', false],
    ['How wide is the gate?', 'Cars of up to 2.4 metres fit through.', true],
    ['What colour is the door?', 'The door is painted every 3 years.', false],
    ['What colour is the door?', 'The door is dark green.', true],
    ['When was the shop founded?', 'The shop is open on 6 days.', false],
    ['When was the shop founded?', 'We opened in 1987.', true],
    ['What is your phone number?', 'We answer the phone until 6 pm.', false],
    ['What is your phone number?', 'Ring 0117 496 0000.', true],
    ['What is your e-mail address?', 'We answer e-mail within 2 days.', false],
    ['What is your e-mail address?', 'Write to hello@shop.example.', true],
    ['Who owns the shop?', 'We close the shop on Mondays.', false],
    ['Who owns the shop?', 'The shop belongs to the town.', true],
    ['How long is it valid?', 'It is valid for a year.', true],
    ['How many people fit in?', 'The hall is large.', false],
    ['How many people fit in?', 'The hall is £40 from 9 am to 5 pm.', false],
    ['How many people fit in?', 'The hall has 120 seats.', true],
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
