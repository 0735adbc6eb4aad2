const SCALE: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  lakh: 1e5,
  lakhs: 1e5,
  million: 1e6,
  crore: 1e7,
  crores: 1e7,
  billion: 1e9,
}

/** `1,250`, `5 lakh`, `.5` as numbers. */
export function readNumber(text: string): number {
  const [, digits = '', scale = ''] = /^\s*(-?[\d.,]+)\s*([a-z]*)\s*$/.exec(text) ?? []
  return Number(digits.replaceAll(',', '')) * (SCALE[scale] ?? 1)
}

const SIGNIFICANT_DIGITS = 12

/** A result as a person writes it: binary rounding errors gone, thousands apart. */
export function formatNumber(value: number): string {
  const rounded = Number(value.toPrecision(SIGNIFICANT_DIGITS))
  const size = Math.abs(rounded)
  if (size !== 0 && (size >= 1e15 || size < 1e-6)) return String(rounded)
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 10 })
}

/** An amount with two decimals. */
export function formatMoney(value: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
