import type { Logger, TurnObserver } from '../ports/index.ts'

/** Tells every observer; what one throws is logged, and reaches neither the turn nor the others. */
export function tellObservers(
  { observers = [], logger }: { observers?: readonly TurnObserver[]; logger: Logger },
  names: object,
  tell: (observer: TurnObserver) => void,
): void {
  for (const observer of observers) {
    try {
      tell(observer)
    } catch (error) {
      logger.error({ ...names, err: error }, 'an observer of turns broke')
    }
  }
}
