/**
 * Which addresses a crawl may connect to. A name is looked up, each of its addresses is checked, and the
 * connection goes to what was checked: a name that means something else a moment later gains nothing.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'

/** Why nothing on the open internet has such an address (IANA's special-purpose registries, RFC 6890). */
const SPECIAL: Readonly<Record<string, readonly string[]>> = {
  'an address of this machine itself': ['127.0.0.0/8', '::1/128'],
  'an address of a private network': [
    ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
    ...['fc00::/7', 'fec0::/10'],
  ],
  // Clouds tell their machines' secrets at 169.254.169.254.
  'a link-local address': ['169.254.0.0/16', 'fe80::/10'],
  'an address for many receivers': ['224.0.0.0/4', '255.255.255.255/32', 'ff00::/8'],
  'a reserved address': [
    ...['0.0.0.0/8', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15'],
    ...['198.51.100.0/24', '203.0.113.0/24', '240.0.0.0/4'],
    ...['::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
    ...['3fff::/20', '5f00::/16'],
  ],
}

const LISTS = Object.entries(SPECIAL).map(([reason, networks]) => {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return { reason, list }
})

/** Why an address is not one of the open internet; `undefined` when it is one. */
export function specialAddress(address: string): string | undefined {
  const family = isIP(address)
  if (family === 0) return 'no address'
  const plain = family === 6 ? (embeddedIPv4(address) ?? address) : address
  const type = isIPv6(plain) ? 'ipv6' : 'ipv4'
  return LISTS.find(({ list }) => list.check(plain, type))?.reason
}

/** The IPv4 address that a mapped one (::ffff:0:0/96) or one of NAT64 (64:ff9b::/96, RFC 6052) leads to. */
function embeddedIPv4(address: string): string | undefined {
  // URL writes an IPv6 address in its shortest form, without a dotted end.
  const [withoutZone = ''] = address.split('%')
  const host = URL.parse(`http://[${withoutZone}]/`)?.hostname.slice(1, -1) ?? ''
  const end = /^(?:::ffff:(?:0:)?|64:ff9b::)(?:([\da-f]{1,4}):)?([\da-f]{1,4})$/.exec(host)
  if (!end) return host === '64:ff9b::' ? '0.0.0.0' : undefined
  const [high, low] = [end[1], end[2]].map((group) => Number.parseInt(group ?? '0', 16))
  return [high, low].flatMap((group = 0) => [group >> 8, group & 255]).join('.')
}

/** An address that nothing may be fetched from. */
export class ForbiddenAddressError extends Error {
  constructor(host: string, address: string, reason: string) {
    const what =
      host === address ? `${address} is ${reason}` : `${host} is at ${address}, ${reason}`
    super(`${what} (--allow-private allows it)`)
    this.name = 'ForbiddenAddressError'
  }
}

export interface AddressRules {
  /** Why an address may not be connected to; `undefined` when it may. */
  readonly refuse: (address: string) => string | undefined
  /** The system's when it is not given. */
  readonly lookup?: Lookup
}

/** Resolves a name to all of its addresses, as `dns.lookup` with `all`. */
export type Lookup = (
  hostname: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void

const lookUpAll: Lookup = (hostname, done) => {
  systemLookup(hostname, { all: true }, (error, addresses) => done(error, addresses))
}

/** For the connections themselves: gives them only addresses that are allowed, and none when one is not. */
export function createGuardedLookup({ refuse, lookup = lookUpAll }: AddressRules): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, (error, found) => {
      if (error) return done(error, [])
      for (const { address } of found) {
        const reason = refuse(address)
        if (reason !== undefined)
          return done(new ForbiddenAddressError(hostname, address, reason), [])
      }
      const wanted = found.filter(
        ({ family }) =>
          options.family === undefined || options.family === 0 || options.family === family,
      )
      const [first] = wanted
      if (!first) return done(new Error(`${hostname} has no address`), [])
      return options.all === true
        ? done(null, [...wanted])
        : done(null, first.address, first.family)
    })
  }
}

/** A host that is written as an address is never looked up. @throws ForbiddenAddressError */
export function checkWrittenAddress({ hostname }: URL, { refuse }: AddressRules): void {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  const reason = isIP(address) === 0 ? undefined : refuse(address)
  if (reason !== undefined) throw new ForbiddenAddressError(address, address, reason)
}
