/**
 * Puts the cosines of any model on the scale of the encoder that comes along, for which the weights of meaning and
 * the threshold of an answer were found: many models say .8 of texts that have nothing in common.
 */
import { keyOf } from './vector-file.ts'
import type { VectorTable } from './vector-table.ts'

/** Questions and their answers, in other words and about different things. */
const PAIRS: readonly (readonly [question: string, answer: string])[] = [
  ['When does the train to the coast leave?', 'Trains to the sea depart at ten past every hour.'],
  ['How do I water a cactus?', 'Give desert plants a little water once a month.'],
  ['May children swim alone?', 'Kids under eight need an adult with them in the pool.'],
  ['What does a haircut cost?', 'We charge thirty euros for cutting your hair.'],
  ['Can I pay by card?', 'Credit and debit cards are accepted at the till.'],
  ['Who repairs my bicycle?', 'Our mechanics fix bikes of all makes.'],
  ['Is the soup free of nuts?', 'There are no peanuts or almonds in this broth.'],
  ['How do I change my password?', 'Open the account settings to set a new password.'],
  ['Where is the museum?', 'You find the gallery of art beside the old town hall.'],
  ['What if it rains on the day of the concert?', 'In bad weather the show moves indoors.'],
  ['Do you deliver on Sundays?', 'Parcels are brought from Monday to Saturday.'],
  ['How tall is the tower?', 'The tower rises ninety metres above the square.'],
]

/** What the encoder that comes along says, on average, of a question and its answer, and of one and another's. */
const NEAR = 0.55
const FAR = 0.12
/** A model that tells them apart by less than this has no scale to go by. */
const LEAST = 0.02

/** What has to be in a table for `scaleOf`. */
export const SCALE_TEXTS: readonly string[] = PAIRS.flat()

/** A function from the table's cosines to those of the scale, -1 to 1. */
export function scaleOf(table: VectorTable): (cosine: number) => number {
  const near: number[] = []
  const far: number[] = []
  const answers = PAIRS.map(([, answer]) => table.rowOf(keyOf(answer)))
  for (const [pair, [question]] of PAIRS.entries()) {
    const row = table.rowOf(keyOf(question))
    if (row === undefined) continue
    const { values, scale } = table.at(row)
    const query = table.query(Float32Array.from(values, (value) => value * scale))
    for (const [other, answer] of answers.entries()) {
      if (answer !== undefined) (pair === other ? near : far).push(table.cosine(query, answer))
    }
  }
  const low = mean(far)
  const range = mean(near) - low
  // Also for none at all, whose mean is no number.
  if (!(range >= LEAST)) return (cosine) => cosine
  return (cosine) => {
    const scaled = FAR + ((cosine - low) / range) * (NEAR - FAR)
    return Math.max(-1, Math.min(1, scaled))
  }
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length
