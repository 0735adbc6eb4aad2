import { describe, expect, it } from 'vitest'
import { queryTermsOf, stemOf, termsOf, wordsOf } from './words.ts'

describe('wordsOf', () => {
  it('cuts identifiers into the words a person would type', () => {
    expect(wordsOf('Set KNOWLEDGE_DIR or `--samosa-accent` in embed.js')).toEqual(
      'set knowledge dir or samosa accent in embed js'.split(' '),
    )
  })

  it('folds case, accents and contractions', () => {
    expect(wordsOf("Déjà-vu: what's the café’s WLAN?")).toEqual([
      'deja',
      'vu',
      'what',
      'the',
      'cafe',
      'wlan',
    ])
  })

  it('keeps the vowel signs of Hindi and drops those of Arabic', () => {
    expect(wordsOf('हिन्दी में')).toEqual(['हिन्दी', 'में'])
    expect(wordsOf('كِتَاب')).toEqual(['كتاب'])
  })

  it.each([
    ['東京の天気はどうですか', '天気'],
    ['营业时间是几点', '时间'],
    ['ร้านเปิดกี่โมง', 'ร้าน'],
  ])('finds the words of %s, written without spaces', (text, word) => {
    expect(wordsOf(text)).toContain(word)
  })

  it('finds one word however its letters are typed', () => {
    expect(wordsOf('Die Straße')).toEqual(wordsOf('die strasse'))
    expect(wordsOf('J’ai besoin d’une œuvre')).toEqual(wordsOf("j'ai besoin d'une oeuvre"))
    expect(wordsOf('Smørrebrød')).toEqual(['smorrebrod'])
  })

  it('reads any text, however broken', () => {
    expect(wordsOf('\uD800\uDC00\uDFFF \u0000 �')).toBeInstanceOf(Array)
    expect(wordsOf('')).toEqual([])
  })
})

describe('stemOf', () => {
  it.each([
    ['install', 'installing', 'installed', 'installation', 'installs'],
    ['embed', 'embedding', 'embedded', 'embeds'],
    ['store', 'stored', 'storing', 'stores'],
    ['colour', 'color', 'colours', 'colors'],
    ['reply', 'replies'],
    ['configure', 'configuration', 'configuring'],
    ['box', 'boxes'],
    ['theme', 'themes', 'theming'],
  ])('gives %s one stem in all its forms', (...forms) => {
    expect(new Set(forms.map(stemOf)).size).toBe(1)
  })

  it('leaves short, foreign and mixed words alone', () => {
    expect(['is', 'css', 'bus', 'naïve', 'http2', '東京'].map(stemOf)).toEqual([
      'is',
      'css',
      'bus',
      'naïve',
      'http2',
      '東京',
    ])
  })
})

describe('queryTermsOf', () => {
  it('drops the filler of a question and keeps each term once', () => {
    expect(queryTermsOf('How do I install it, and how does installing work?')).toEqual([
      { word: 'install', term: 'install' },
    ])
  })

  it('finds nothing to search for in filler alone', () => {
    expect(queryTermsOf('What is it about, please?')).toEqual([])
  })

  it('uses the terms that documents are found under', () => {
    expect(termsOf('Deleting cookies')).toEqual(
      queryTermsOf('deleted cookie').map(({ term }) => term),
    )
  })
})
