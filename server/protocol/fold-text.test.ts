import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldText } from './fold-text.ts'

describe('foldText', () => {
  it.each([
    ['sharp s', 'Fußgängerstraße', 'FUSSGANGERSTRASSE', 'FUẞGÄNGERSTRAẞE'],
    ['Polish', 'Łódź', 'lodz'],
    ['Danish and Norwegian', 'Rødgrød på Færøerne', 'rodgrod pa faeroerne'],
    ['French', 'Cœur et sœur, Lætitia', 'coeur et soeur, laetitia'],
    ['Icelandic', 'Þórður Guðni', 'thordur gudni'],
    ['Croatian and Vietnamese', 'Đakovo, Đà Nẵng', 'dakovo, da nang'],
    ['Turkish', 'IĞDIR İstanbul ılık', 'igdir istanbul ilik'],
    ['Maltese, Sami, Hausa', 'Ħamrun Ŧ Ɓauna', 'hamrun t bauna'],
    ['apostrophes', "it's", 'it’s', 'itʼs', 'it＇s', 'it‘s', 'it´s', 'it′s'],
    ['quotes', '"so"', '“so”', '„so“', '＂so＂'],
    ['hyphens', 'e-mail 9-5', 'e‑mail 9–5', 'e‐mail 9−5'],
    ['full width', 'Wi-Fi 6', 'Ｗｉ－Ｆｉ　６'],
    ['half width', 'ガーデン', 'ｶﾞｰﾃﾞﾝ'],
    ['ligatures', 'office waffle first', 'oﬃce waﬄe ﬁrst'],
    ['what cannot be seen', 'Gartenschere', 'Garten\u00adschere', 'Garten\u200bschere\ufeff'],
    ['Greek', 'ΟΔΟΣ', 'οδός', 'οδοσ'],
    ['Russian', 'Ещё ёлка', 'еще елка'],
    ['Arabic hamzas', 'أحمد إلى آخر', 'احمد الى اخر'],
    ['Arabic vowels and lines', 'مُحَمَّدٌ', 'محمد', 'محـــمد'],
    ['Arabic and Persian letters', 'مكتبة على كبير', 'مکتبه علی کبیر'],
    ['Hebrew points', 'שָׁלוֹם', 'שלום'],
    ['Hebrew abbreviations', 'צה״ל ג׳ירפה', `צה"ל ג'ירפה`],
    ['Hindi', 'ज़रूर क़लम', 'जरूर कलम'],
    ['Hindi nasals', 'कहाँ', 'कहां'],
    ['digits', '٢٠٢٥', '۲۰۲۵', '२०२५', '２０２５', '2025'],
  ])('makes one of what people do not keep apart: %s', (_, ...spellings) => {
    expect(new Set(spellings.map(foldText)).size).toBe(1)
  })

  it('keeps apart what is not the same', () => {
    for (const [one, other] of [
      ['के', 'का'],
      ['சுடு', 'சூடு'],
      ['は', 'ば'],
      ['σοφία', 'σοφός'],
    ] as const) {
      expect(foldText(one)).not.toBe(foldText(other))
    }
  })

  it('takes no more marks on a letter than any language has', () => {
    expect(foldText(`க${'\u0bcd'.repeat(8_000)}ங`)).toBe(`க${'\u0bcd'.repeat(30)}ங`)
  })

  it('leaves what is folded as it is', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('ß', 'İ', '´', 'ŉ', 'ﷺ', 'ς', 'Σ', '\u0301', 'ٱ', 'ﾞ'),
    )
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const folded = foldText(units.join(''))
        expect(foldText(folded)).toBe(folded)
      }),
    )
  })
})
