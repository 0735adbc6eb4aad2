/** Who is at the other end: an address that a caller cannot choose. */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { plainNetworks } from '../config/networks.ts'
import type { Logger } from '../core/ports/index.ts'

export interface AddressReader {
  /**
   * The caller's IP address: the connection's own, unless that is a trusted proxy's; then what the nearest
   * proxies say, up to the first that is not trusted.
   */
  address(request: IncomingMessage, traceId: string): string
  /** Whether the caller reached us, or a trusted proxy, by https. */
  isSecure(request: IncomingMessage): boolean
  /**
   * `https://chat.example`: how the caller reached us. `undefined` when a proxy stands between that is not
   * trusted to say it, or when the request names no host that could be one.
   */
  origin(request: IncomingMessage): string | undefined
  /** `/chat`: below which path of its host the caller reached us, as far as we know; empty for the root. */
  basePath(request: IncomingMessage): string
}

/** A name or an address, and perhaps a port. */
const HOST = /^(?:[\w-]+(?:\.[\w-]+)*\.?|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/** What a proxy says that it has taken off the path; several of them say it one behind the other. */
const PREFIX = /^(?:\/[\w~-][\w.~-]*)+$/

/** What `trusted` may hold: see isNetwork. `basePath` is the operator's word, which counts before a proxy's. */
export function createAddressReader(
  trusted: readonly string[],
  logger: Logger,
  basePath = '',
): AddressReader {
  const proxies = blockListOf(trusted)
  const neighbours = blockListOf(['private'])
  let isHinted = trusted.length > 0

  const hint = (peer: string, traceId: string) => {
    if (isHinted || !isIn(neighbours, peer)) return
    isHinted = true
    logger.warn(
      { proxy: peer, traceId },
      'requests come through a proxy, so all visitors share one address and its limits: set TRUSTED_PROXIES',
    )
  }

  const isSecure = (request: IncomingMessage) => {
    const proto = headerOf(request, 'x-forwarded-proto')
    if (proto === undefined) return false
    const peer = plainAddress(request.socket.remoteAddress ?? '')
    return isIn(proxies, peer) && /^\s*https\s*(?:,|$)/i.test(proto)
  }

  return {
    isSecure,
    basePath(request) {
      const told = headerOf(request, 'x-forwarded-prefix')
      if (basePath !== '' || told === undefined) return basePath
      const path = told.replaceAll(/\/?\s*(?:,\s*|$)/g, '')
      const peer = plainAddress(request.socket.remoteAddress ?? '')
      return isIn(proxies, peer) && PREFIX.test(path) ? path : ''
    },
    address(request, traceId) {
      const peer = plainAddress(request.socket.remoteAddress ?? '')
      const forwarded = headerOf(request, 'x-forwarded-for')
      if (forwarded === undefined || peer === '') return peer
      hint(peer, traceId)
      let nearest = peer
      for (const entry of forwarded.split(',').toReversed()) {
        if (!isIn(proxies, nearest)) return nearest
        const named = plainAddress(entry.trim())
        // Nobody that we trust writes nonsense: it, and all before it, is a caller's invention.
        if (isIP(named) === 0) return nearest
        nearest = named
      }
      return nearest
    },
    origin(request) {
      const { host = '' } = request.headers
      if (!HOST.test(host)) return undefined
      const peer = plainAddress(request.socket.remoteAddress ?? '')
      const isForwarded = ['x-forwarded-for', 'x-forwarded-proto', 'forwarded'].some(
        (name) => headerOf(request, name) !== undefined,
      )
      if (isForwarded && !isIn(proxies, peer)) return undefined
      return `${isSecure(request) ? 'https' : 'http'}://${host.toLowerCase()}`
    },
  }
}

/** The network that one caller has at hand: for IPv6 the usual /64, else the address itself. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const groups = wholeGroups(address)
  return `${groups.slice(0, 4).join(':')}::/64`
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of plainNetworks(networks)) {
    const [address = '', prefix] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

const isIn = (list: BlockList, address: string) =>
  isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

/** Without port, brackets, zone, and the IPv6 dress that IPv4 wears on some sockets. */
function plainAddress(text: string): string {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  const address = bare.replace(/%.*$/, '').toLowerCase()
  return /^::ffff:([\d.]+)$/.exec(address)?.[1] ?? address
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/** The eight groups of an IPv6 address. */
function wholeGroups(address: string): readonly string[] {
  const [head = '', tail] = address.split('::')
  const parts = (text: string) =>
    text === '' ? [] : text.split(':').map((part) => Number.parseInt(part, 16).toString(16))
  const before = parts(head)
  if (tail === undefined) return before
  const after = parts(tail)
  const width = after.length + (tail.includes('.') ? 1 : 0)
  return [...before, ...Array.from({ length: 8 - before.length - width }, () => '0'), ...after]
}
