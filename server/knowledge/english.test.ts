import { describe, expect, it } from 'vitest'
import { mayBeEnglish } from './embedder.ts'

describe('what may be English', () => {
  it.each([
    'How long does delivery take?',
    'refund policy',
    'SSO',
    '14 × 3?',
    '',
    'do you have wifi in the café on Königsallee',
    'What does "der Hund" mean?',
    'Is there a doppelgänger of the naïve fiancé?',
    'npm install --save-dev vitest',
    'can i pay in € or £',
    'What’s the opening time in São Paulo?',
    'The 😀 button is greyed out',
  ])('%s', (text) => {
    expect(mayBeEnglish(text)).toBe(true)
  })

  it.each([
    'Was kostet die Zehnerkarte für Erwachsene?',
    'wie lange dauert der versand',
    'Wo kann ich parken?',
    'Combien coûte la livraison ?',
    'Est-ce que vous livrez le dimanche ?',
    '¿Cuánto cuesta el envío?',
    'puedo devolver los zapatos',
    'Quanto costa la spedizione?',
    'Como faço para devolver um produto?',
    'Hoe lang duurt het verzenden?',
    'Hur länge är ni öppna på söndagar?',
    'Jak mogę zwrócić zamówienie?',
    'Sipariş ne kadar sürede gelir, iptal edebilir miyim?',
    'Как вернуть заказ?',
    'Πόσο κοστίζει η αποστολή;',
    'كم يستغرق التوصيل؟',
    '配送にはどのくらいかかりますか',
    'ฉันจะคืนสินค้าได้อย่างไร',
    'डिलीवरी में कितना समय लगता है?',
    'returns 返品はできますか',
  ])('is not: %s', (text) => {
    expect(mayBeEnglish(text)).toBe(false)
  })
})
