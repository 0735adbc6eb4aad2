/** Networks by their usual names, and the proxy that leads to an address. */
import { isIP, BlockList } from 'node:net'

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

// Which proxy leads to an address, by the variables that other programs of the machine read too.

interface ProxySettings {
  /** URL of the proxy for `http:`; `undefined`: none. */
  readonly http: string | undefined
  readonly https: string | undefined
  /** Where no proxy is asked: hosts, domains, addresses and networks, separated by commas or blanks; `*` for all. */
  readonly except: string
}

/** The proxy that leads to a URL; `undefined`: none. */
export type ProxyFor = (url: string | undefined) => string | undefined

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/** This machine is never behind a proxy: what a proxy calls by these names is itself. */
export function createProxyFor({ http, https, except }: ProxySettings): ProxyFor {
  const exceptions = except.split(/[,\s]+/).flatMap((entry) => exceptionOf(entry) ?? [])
  const thisMachine = [...plainNetworks(['loopback']), 'localhost'].flatMap(
    (entry) => exceptionOf(entry) ?? [],
  )
  return (url) => {
    const address = url === undefined ? null : URL.parse(url)
    if (!address) return undefined
    const { protocol, hostname, port } = address
    const proxy = protocol === 'https:' ? https : http
    if (proxy === undefined) return undefined
    const asked = { host: plainHost(hostname), port: port || (DEFAULT_PORTS[protocol] ?? '') }
    return [...thisMachine, ...exceptions].some((covers) => covers(asked)) ? undefined : proxy
  }
}

interface Asked {
  readonly host: string
  readonly port: string
}

type Exception = (asked: Asked) => boolean

/** Without the brackets of an IPv6 address, and without the dot of a full name. */
const plainHost = (host: string) =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')

/** `undefined` for an entry that says nothing. */
function exceptionOf(entry: string): Exception | undefined {
  if (entry === '*') return () => true
  const [, network, bits] = /^\[?([\da-f.:]+)\]?\/(\d{1,3})$/i.exec(entry) ?? []
  if (network !== undefined) return networkException(network, Number(bits))
  // An IPv6 address has colons of its own.
  const [, named = entry, port] =
    isIP(entry) === 6 ? [] : (/^(.*?)(?::(\d{1,5}))?$/.exec(entry) ?? [])
  const host = plainHost(named).replace(/^\*?\./, '')
  if (host === '') return undefined
  return (asked) =>
    (port === undefined || port === asked.port) &&
    (asked.host === host || (isIP(asked.host) === 0 && asked.host.endsWith(`.${host}`)))
}

function networkException(network: string, bits: number): Exception | undefined {
  const family = isIP(network)
  if (family === 0 || bits > (family === 4 ? 32 : 128)) return undefined
  const list = new BlockList()
  list.addSubnet(network, bits, family === 4 ? 'ipv4' : 'ipv6')
  return ({ host }) => isIP(host) === family && list.check(host, family === 4 ? 'ipv4' : 'ipv6')
}
