/** Works on all items, on at most `atOnce` of them at a time. Rejects as soon as one fails. */
export async function forEachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items.values()
  const worker = async () => {
    for (const item of iterator) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
