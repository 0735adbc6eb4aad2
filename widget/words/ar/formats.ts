import { formatsIn } from '../formats.ts'

/** With the digits that code, links and commands have, so that a text never mixes two kinds. */
export const LANGUAGE = 'ar-u-nu-latn'

export const { number, count } = formatsIn(LANGUAGE)

/** A time to wait, in the case that follows “after”, which Intl has no forms for. */
export function duration(seconds: number): string {
  if (seconds < 90) {
    return count(seconds, {
      one: 'ثانية واحدة',
      two: 'ثانيتين',
      few: '# ثوانٍ',
      other: '# ثانية',
    })
  }
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 90) {
    return count(minutes, { two: 'دقيقتين', few: '# دقائق', other: '# دقيقة' })
  }
  const hours = Math.ceil(minutes / 60)
  return count(hours, { two: 'ساعتين', few: '# ساعات', other: '# ساعة' })
}
