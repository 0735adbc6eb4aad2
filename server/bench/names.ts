/** What `npm run bench` can measure in the page; the server's measurements are in measurements.ts. */
export const WIDGET_MEASUREMENTS = [
  'stream-1000',
  'stream-4000',
  'stream-16000',
  'stream-48000',
  'stream-at-once',
  'stream-slow',
  'history',
  'host-page',
  'first-paint',
] as const

export type WidgetMeasurement = (typeof WIDGET_MEASUREMENTS)[number]
