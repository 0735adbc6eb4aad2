/** One piece of work for all who ask for the same while it is being done. */
export function createSharedWork<Value>() {
  const underWay = new Map<string, Promise<Value>>()

  return async (name: string, work: () => Promise<Value>): Promise<Value> => {
    const known = underWay.get(name)
    if (known) return await known
    const begun = work()
    underWay.set(name, begun)
    try {
      return await begun
    } finally {
      underWay.delete(name)
    }
  }
}
