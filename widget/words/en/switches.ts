import { comeLate } from '../late-words.ts'

/** English words on the switch for sounds. */
export const soundStrings = comeLate('sound', {
  mute: 'Turn sound off',
  unmute: 'Turn sound on',
})

/** English words on the switch for the size of the bubble. */
export const sizeStrings = comeLate('size', { enlarge: 'Enlarge chat', reduce: 'Reduce chat' })
