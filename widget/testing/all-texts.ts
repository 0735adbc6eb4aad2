/** Every text of the chat in every language, by its place: for the list that the build writes, and for tests. */
import { earlierStrings } from '../words/en/earlier.ts'
import { refusalStrings } from '../words/en/refusals.ts'
import { sizeStrings, soundStrings } from '../words/en/switches.ts'
import { storedHintStrings } from '../words/en/hints.ts'
import { isObject } from '../api/check.ts'
import { accountStrings } from '../words/en/account.ts'
import { editorStrings, feedbackStrings } from '../words/en/forms.ts'
import { statusStrings } from '../words/en/status.ts'
import { ratingStrings, turnStrings } from '../words/en/turns.ts'
import { contactStrings } from '../words/en/contact.ts'
import { extrasStrings } from '../words/en/composer.ts'
import { drawerStrings } from '../words/en/conversations.ts'
import { disclosureStrings } from '../words/en/owner.ts'
import { sourceStrings } from '../words/en/sources.ts'
import { toolStrings } from '../words/en/tools.ts'
import { transcriptStrings } from '../words/en/transcript.ts'
import { ar } from '../words/ar.ts'
import type { Catalogue } from '../words/strings.ts'
import { de } from '../words/de.ts'
import { en } from '../words/en/index.ts'
import { es } from '../words/es.ts'
import { fr } from '../words/fr.ts'
import { hi } from '../words/hi.ts'
import { ja } from '../words/ja.ts'

/** English with all that comes late, and with sentences where the server's own are shown. */
export const english: Catalogue = {
  ...en,
  errors: {
    ...en.errors,
    ...refusalStrings,
    inference_misconfigured: 'The assistant is not set up right yet. Please try again later.',
    inference_length: 'The length limit was used up before an answer came. Please ask for less.',
    inference_filtered: 'A content filter withheld the answer. Please ask in other words.',
    unreadable_file: 'That file cannot be read.',
  },
  hints: { ...en.hints, ...storedHintStrings },
  account: accountStrings,
  earlier: earlierStrings,
  transcript: transcriptStrings,
  sound: soundStrings,
  size: sizeStrings,
  answer: { ...en.answer, tools: toolStrings, cited: sourceStrings },
  extras: extrasStrings,
  contact: contactStrings,
  drawer: drawerStrings,
  editor: editorStrings,
  feedback: feedbackStrings,
  disclosure: disclosureStrings,
  turns: turnStrings,
  ratings: ratingStrings,
  status: statusStrings,
}

/** What stands in for what a text is told, in its order. */
const TOLD: readonly number[] = [7, 8, 9, 11]
const KINDS = { images: true, text: true }

/** What a text is told that is no number and no name. */
const TOLD_OTHERWISE: Readonly<Record<string, readonly unknown[]>> = {
  'drawer.month': [new Date(2024, 4, 5), false],
  'extras.files.hint': [KINDS, TOLD[1], TOLD[2]],
  'extras.refused.kind': [TOLD[0], KINDS],
}

const isFunction = (value: unknown): value is (...told: readonly unknown[]) => unknown =>
  typeof value === 'function'

/** Texts by their place, with `{1}`, `{2}` where they say what they are told. */
export function listTexts(words: object, group = ''): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {}
  const entries: readonly (readonly [string, unknown])[] = Object.entries(words)
  for (const [key, word] of entries) {
    const place = group === '' ? key : `${group}.${key}`
    if (place === 'language' || place === 'direction') continue
    if (typeof word === 'string') texts[place] = word
    else if (isFunction(word)) {
      const told = TOLD_OTHERWISE[place] ?? TOLD
      const said = String(Reflect.apply(word, undefined, told))
      texts[place] =
        place === 'drawer.month'
          ? said
          : said.replaceAll(/\b(?:7|8|9|11)\b/g, (mark) => `{${TOLD.indexOf(Number(mark)) + 1}}`)
    } else if (isObject(word)) Object.assign(texts, listTexts(word, place))
  }
  return texts
}

/** All of them, by language. */
export const allTexts = (): Readonly<Record<string, Readonly<Record<string, string>>>> =>
  Object.fromEntries(
    [english, ar, de, es, fr, hi, ja].map((words) => [words.language, listTexts(words)]),
  )
