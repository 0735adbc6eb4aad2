/** Networks by their usual names. */
import { isIP } from 'node:net'

const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128']

/** Networks that no caller from outside is in. */
const PRIVATE: readonly string[] = [
  ...LOOPBACK,
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fe80::/10',
]

const NAMED: ReadonlyMap<string, readonly string[]> = new Map([
  ['loopback', LOOPBACK],
  ['private', PRIVATE],
])

/** Whether a text is an address, a network such as `10.0.0.0/8`, `loopback` or `private`. */
export function isNetwork(text: string): boolean {
  if (NAMED.has(text)) return true
  const [address = '', prefix, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  if (prefix === undefined) return true
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128)
}

/** The same networks, names replaced by what they stand for. */
export function plainNetworks(networks: readonly string[]): readonly string[] {
  return networks.flatMap((network) => NAMED.get(network) ?? [network])
}
