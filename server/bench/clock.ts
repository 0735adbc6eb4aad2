/** Microseconds of a clock that all processes of this machine share; only differences mean something. */
export function microseconds(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000_000 + nanoseconds / 1_000
}
