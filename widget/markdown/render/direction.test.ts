import { describe, expect, it } from 'vitest'
import { directionOf } from './direction.ts'

describe('the direction of a text', () => {
  it.each([
    ['مرحبا بك', 'rtl'],
    ['שלום עולם', 'rtl'],
    ['سلام دنیا', 'rtl'],
    ['آپ کیسے ہیں', 'rtl'],
    ['ܫܠܡܐ ܥܠܡܐ', 'rtl'],
    ['ދިވެހިރާއްޖެ', 'rtl'],
    ['𞤀𞤣𞤤𞤢𞤥 𞤆𞤵𞤤𞤢𞤪', 'rtl'],
    ['Plain words', 'ltr'],
    ['日本語と한국어', 'ltr'],
  ])('of %j is that of its script', (text, direction) => {
    expect(directionOf(text)).toBe(direction)
  })

  it('is that of most of its words where it begins with a Latin one', () => {
    expect(directionOf('Kubernetes هو نظام لإدارة الحاويات')).toBe('rtl')
    expect(directionOf('Python היא שפה נוחה ללמידה')).toBe('rtl')
    expect(directionOf('The word שלום means peace')).toBe('ltr')
    expect(directionOf('Salam (سلام) is a greeting.')).toBe('ltr')
  })

  it('is that of its first word where that is written from the right', () => {
    expect(directionOf('شغّل npm install --save-dev typescript eslint prettier')).toBe('rtl')
  })

  it('does not come from code and addresses', () => {
    expect(directionOf('`docker compose up --build` يبني')).toBe('rtl')
    expect(directionOf('https://example.org/a/very/long/address/of/a/page انظر هنا')).toBe('rtl')
    expect(directionOf('Use `"مرحبا بالعالم يا صديقي"` here')).toBe('ltr')
  })

  it('does not come from digits and marks', () => {
    expect(directionOf('1. (2024) – مثال')).toBe('rtl')
    expect(directionOf('5 + 3 = 8')).toBe('ltr')
    expect(directionOf('٤٢')).toBeUndefined()
    expect(directionOf('42%')).toBeUndefined()
    expect(directionOf('')).toBeUndefined()
  })
})
