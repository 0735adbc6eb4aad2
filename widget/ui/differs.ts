/** Whether a view says something else than the one before it; for `hasChanged`. */
export const differs = (now: object, before: object | undefined): boolean =>
  before === undefined ||
  Object.entries(now).some(([name, value]) => Reflect.get(before, name) !== value)
