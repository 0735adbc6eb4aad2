import { expect, it } from 'vitest'
import { withoutForeignCitations } from './marks.ts'

it.each([
  [
    'So \ue200cite\ue202turn0search1\ue202turn2view0\ue201, and so\ue200filecite\ue202turn0',
    'So, and so',
  ],
  ['So 【4:0†source】.【12:3†plan.pdf】', 'So.'],
  ['So【4†source】 and 【12†L3-L9】.', 'So[4] and [12].'],
  ['【重要】 [4] 【4:30】', '【重要】 [4] 【4:30】'],
  [`So \ue200${'x '.repeat(300)}`, `So${'x '.repeat(300).slice(1)}`],
])('takes out what only another page can follow: %j', (text, expected) => {
  expect(withoutForeignCitations(text)).toBe(expected)
})
