import type { ContactStrings, Strings } from '../strings.ts'
import { comeLate } from '../late-words.ts'
import { formatsIn } from '../formats.ts'

const { count, number } = formatsIn('en')

/** English. */
export const contactStrings: ContactStrings = comeLate('contact', {
  title: 'Talk to a person',
  lead: 'Would you rather ask a person?',
  email: 'E-mail',
  phone: 'Telephone',
  page: 'Contact page',
  newTab: 'opens in a new tab',
  write: 'Write a message',
  form: {
    message: 'Your message',
    email: 'Your e-mail address',
    consent: 'You may keep my message and my e-mail address to answer me.',
    privacy: 'Privacy',
    send: 'Send message',
    close: 'Close the form',
    sending: 'Sending…',
    noMessage: 'Write your message.',
    tooLong: (over, limit) =>
      `The message is ${count(over, { one: '# character', other: '# characters' })} too long: ${number(limit)} fit.`,
    badMessage: 'This message was not accepted. Please change it.',
    noEmail: 'Enter your e-mail address, so that we can answer.',
    badEmail: 'Enter one e-mail address, such as name@example.com.',
    noConsent: 'Tick this, so that we may keep your message and answer it.',
    unsent: (sentence) => `Your message was not sent. What you wrote is kept here. ${sentence}`,
    tooMany: 'That was a lot of messages in a short time.',
    closed: 'No messages are taken here at the moment. Please try again later.',
  },
  sent: (email) => `Your message has been sent. The answer comes to ${email}.`,
})

/** The words in a language. */
export const contactWords = ({ contact }: Strings): ContactStrings => contact ?? contactStrings
