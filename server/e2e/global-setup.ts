/** Vitest calls `setup` once before the end-to-end tests. */
export { ensureBuilt as setup } from '../scripts/ensure-built.ts'
