import { comeLate } from '../late-words.ts'

/** Words of the line on what answers, and on privacy. */
export interface DisclosureStrings {
  /** Where a law or the site wants it said. */
  readonly ai: string
  /** The link to the site's page. */
  readonly privacy: string
}

/** English. */
export const disclosureStrings: DisclosureStrings = comeLate('disclosure', {
  ai: 'You are talking to a machine. Its answers can be wrong.',
  privacy: 'Privacy',
})
