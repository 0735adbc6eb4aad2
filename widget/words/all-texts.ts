/** Every text of the chat in every language, by its place: for the list that the build writes, and for tests. */
import { isObject } from '../api/check.ts'
import { refusalStrings } from '../api/refusal.ts'
import { accountStrings } from '../accounts/strings.ts'
import { editorStrings, feedbackStrings } from '../answer/form-strings.ts'
import { sizeStrings } from '../panel/size-switch.ts'
import { soundStrings } from '../ui/sound-switch.ts'
import { turnStrings } from '../answer/turn-strings.ts'
import { contactStrings } from '../contact/strings.ts'
import { extrasStrings } from '../composer/strings.ts'
import { drawerStrings } from '../conversations/strings.ts'
import { earlierStrings } from '../panel/history.ts'
import { disclosureStrings } from '../owner/strings.ts'
import { sourceStrings } from '../answer/source-strings.ts'
import { toolStrings } from '../answer/tool-strings.ts'
import { transcriptStrings } from '../transcript/strings.ts'
import { storedHintStrings } from '../conversation/stored.ts'
import { ar } from './ar/index.ts'
import type { Catalogue } from './catalogue.ts'
import { de } from './de/index.ts'
import { en } from './en.ts'
import { es } from './es/index.ts'
import { fr } from './fr/index.ts'
import { hi } from './hi/index.ts'
import { ja } from './ja/index.ts'

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
