import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { createAddressReader, networkOf } from './address.ts'

/** A request that came over a connection from `peer`. */
function requestFrom(peer: string, headers: Readonly<Record<string, string>> = {}) {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  const request = new IncomingMessage(socket)
  Object.assign(request.headers, headers)
  return request
}

function addressOf(trusted: readonly string[], peer: string, forwarded?: string) {
  const reader = createAddressReader(trusted, createRecordingLogger())
  return reader.address(
    requestFrom(peer, forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
    'trace',
  )
}

describe('the address of a caller', () => {
  it('is the connection’s own, whatever the caller writes, when no proxy is trusted', () => {
    expect(addressOf([], '203.0.113.9')).toBe('203.0.113.9')
    expect(addressOf([], '203.0.113.9', '198.51.100.1')).toBe('203.0.113.9')
    expect(addressOf([], '127.0.0.1', '198.51.100.1')).toBe('127.0.0.1')
    expect(addressOf([], '10.0.0.1', '198.51.100.1')).toBe('10.0.0.1')
  })

  it('is the connection’s own when another than a trusted proxy names one', () => {
    expect(addressOf(['10.0.0.0/8'], '203.0.113.9', '198.51.100.1')).toBe('203.0.113.9')
    expect(addressOf(['loopback'], '10.0.0.1', '198.51.100.1')).toBe('10.0.0.1')
  })

  it('is what a trusted proxy saw', () => {
    expect(addressOf(['loopback'], '127.0.0.1', '198.51.100.1')).toBe('198.51.100.1')
    expect(addressOf(['loopback'], '::1', '198.51.100.1')).toBe('198.51.100.1')
    expect(addressOf(['private'], '::ffff:10.1.2.3', '198.51.100.1')).toBe('198.51.100.1')
    expect(addressOf(['192.0.2.7'], '192.0.2.7', '2001:db8::1')).toBe('2001:db8::1')
    expect(addressOf(['2001:db8:f::/48'], '2001:db8:f::2', '198.51.100.1')).toBe('198.51.100.1')
  })

  it('is the last one that no trusted proxy has: what stands before it, the caller wrote', () => {
    expect(addressOf(['private'], '10.0.0.1', '1.1.1.1, 198.51.100.1')).toBe('198.51.100.1')
    expect(addressOf(['private'], '10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2')).toBe(
      '198.51.100.1',
    )
    expect(addressOf(['private'], '10.0.0.1', '10.0.0.3, 198.51.100.1, 10.0.0.2')).toBe(
      '198.51.100.1',
    )
  })

  it('is the farthest proxy’s when all are trusted', () => {
    expect(addressOf(['private'], '10.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3')
  })

  it('is never nonsense that a caller wrote', () => {
    for (const nonsense of ['unknown', '', ',', '198.51.100.999', "' or 1=1", '1.2.3', '::g']) {
      expect(addressOf(['private'], '10.0.0.1', nonsense)).toBe('10.0.0.1')
      expect(addressOf(['private'], '10.0.0.1', `${nonsense}, 198.51.100.1`)).toBe('198.51.100.1')
    }
  })

  it('has no port, brackets or zone', () => {
    expect(addressOf(['private'], '10.0.0.1', '198.51.100.1:4711')).toBe('198.51.100.1')
    expect(addressOf(['private'], '10.0.0.1', '[2001:DB8::1]:4711')).toBe('2001:db8::1')
    expect(addressOf([], 'fe80::1%eth0')).toBe('fe80::1')
    expect(addressOf([], '::ffff:203.0.113.9')).toBe('203.0.113.9')
  })
})

describe('a network', () => {
  it('is a /64 for IPv6, because that much one household has, and the address for IPv4', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:0db8:1:2::9')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8::9')).toBe('2001:db8:0:0::/64')
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    expect(networkOf('203.0.113.9')).toBe('203.0.113.9')
  })
})

describe('a secure request', () => {
  const isSecure = (trusted: readonly string[], peer: string, proto: string) =>
    createAddressReader(trusted, createRecordingLogger()).isSecure(
      requestFrom(peer, { 'x-forwarded-proto': proto }),
    )

  it('is one that a trusted proxy got by https', () => {
    expect(isSecure(['loopback'], '127.0.0.1', 'https')).toBe(true)
    expect(isSecure(['loopback'], '127.0.0.1', 'HTTPS, http')).toBe(true)
    expect(isSecure(['loopback'], '127.0.0.1', 'http')).toBe(false)
    expect(isSecure(['loopback'], '203.0.113.9', 'https')).toBe(false)
    expect(isSecure([], '127.0.0.1', 'https')).toBe(false)
  })
})

describe('the path below which a caller reached us', () => {
  const pathOf = (
    prefix: string | undefined,
    own?: string,
    trusted: readonly string[] = ['private'],
  ) =>
    createAddressReader(trusted, createRecordingLogger(), own).basePath(
      requestFrom('10.0.0.1', prefix === undefined ? {} : { 'x-forwarded-prefix': prefix }),
    )

  it('is what a trusted proxy has taken off, or several one behind the other', () => {
    expect(pathOf('/chat')).toBe('/chat')
    expect(pathOf('/chat/')).toBe('/chat')
    expect(pathOf('/')).toBe('')
    expect(pathOf('/desk, /chat')).toBe('/desk/chat')
    expect(pathOf(undefined)).toBe('')
    expect(pathOf('/chat', undefined, [])).toBe('')
  })

  it('is the operator’s before a proxy’s', () => {
    expect(pathOf('/desk', '/chat')).toBe('/chat')
  })

  it('is never something else than a path', () => {
    for (const nonsense of [
      'chat',
      '//evil.example',
      '/../x',
      '/a?b',
      '/a b',
      'https://x',
      '/a/./b',
      '/"',
    ]) {
      expect(pathOf(nonsense)).toBe('')
    }
  })
})

describe('a proxy that nobody trusts', () => {
  const warned = (trusted: readonly string[], peer: string) => {
    const logger = createRecordingLogger()
    const reader = createAddressReader(trusted, logger)
    for (let count = 0; count < 3; count += 1) {
      reader.address(requestFrom(peer, { 'x-forwarded-for': '198.51.100.1' }), 'trace')
    }
    return logger.lines.map(({ message }) => message)
  }

  it('is pointed out once, when it stands next to the server', () => {
    for (const peer of ['127.0.0.1', '::1', '172.17.0.1']) {
      expect(warned([], peer)).toEqual([expect.stringContaining('TRUSTED_PROXIES')])
    }
  })

  it('is none when it is far away, or when the operator has said who is trusted', () => {
    expect(warned([], '203.0.113.9')).toEqual([])
    expect(warned(['10.0.0.0/8'], '127.0.0.1')).toEqual([])
  })
})
