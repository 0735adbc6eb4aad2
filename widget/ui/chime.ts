/** Two soft notes, each a little under a third of a second: frequency in hertz, start in seconds. */
const NOTES = [
  [659.25, 0],
  [987.77, 0.13],
] as const
const LENGTH_S = 0.3
const LOUDNESS = 0.08
const SILENCE = 0.0001

let context: AudioContext | undefined

/** Plays the sound of a new message; made here, as no file need come from anywhere. */
export async function chime(): Promise<void> {
  context ??= new AudioContext()
  await context.resume()
  for (const [frequency, at] of NOTES) {
    const start = context.currentTime + at
    const volume = context.createGain()
    volume.gain.setValueAtTime(SILENCE, start)
    volume.gain.exponentialRampToValueAtTime(LOUDNESS, start + 0.02)
    volume.gain.exponentialRampToValueAtTime(SILENCE, start + LENGTH_S)
    volume.connect(context.destination)
    const note = context.createOscillator()
    note.frequency.value = frequency
    note.connect(volume)
    note.start(start)
    note.stop(start + LENGTH_S)
  }
}
