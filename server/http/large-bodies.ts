/** Counts the bytes of bodies that are larger than usual, so that together they stay within memory. */
export interface LargeBodies {
  /** `undefined`: with so many bytes more there would be too many. To be left once. */
  enter(bytes: number): { leave(): void } | undefined
}

export function createLargeBodies(most: number): LargeBodies {
  let sum = 0
  return {
    enter(bytes) {
      if (sum + bytes > most) return undefined
      sum += bytes
      return {
        leave() {
          sum -= bytes
        },
      }
    },
  }
}
