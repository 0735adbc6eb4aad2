/** Resolves when the condition holds; looks after every task, and leaves it to the test to time out. */
export async function until(condition: () => unknown): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve))
}
