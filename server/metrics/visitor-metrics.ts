import { Counter, Gauge, type Registry } from 'prom-client'
import type { VisitorObserver } from '../core/ports/index.ts'

/** Counts what visitors say of answers and write to the owner, and what becomes of that. */
export function createVisitorMetrics(registry: Registry): VisitorObserver {
  const registers = [registry]
  const ratings = new Counter({
    name: 'samosa_ratings_total',
    help: 'Ratings that visitors gave to answers; one that is taken back stays counted.',
    labelNames: ['rating'],
    registers,
  })
  for (const rating of ['up', 'down']) ratings.inc({ rating }, 0)
  const contacts = new Counter({
    name: 'samosa_contacts_total',
    help: 'Messages to the owner by the contact form; those of robots are not kept.',
    labelNames: ['by'],
    registers,
  })
  for (const by of ['person', 'robot']) contacts.inc({ by }, 0)
  const attempts = new Counter({
    name: 'samosa_webhook_attempts_total',
    help: 'How often the receiver of the webhook was asked to take something.',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['delivered', 'failed']) attempts.inc({ outcome }, 0)
  const givenUp = new Counter({
    name: 'samosa_webhook_given_up_total',
    help: 'What the receiver of the webhook never took.',
    registers,
  })
  const waiting = new Gauge({
    name: 'samosa_webhook_waiting',
    help: 'What the receiver of the webhook is still to take.',
    registers,
  })

  return {
    answerRated: (rating) => ratings.inc({ rating }),
    contactReceived: (by) => contacts.inc({ by }),
    deliveryTried: (outcome) => attempts.inc({ outcome }),
    deliveryGivenUp: () => givenUp.inc(),
    deliveriesWaiting: (count) => waiting.set(count),
  }
}
