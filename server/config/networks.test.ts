import { describe, expect, it } from 'vitest'
import { readConfig } from './index.ts'
import { isNetwork, plainNetworks } from './networks.ts'

const read = (environment: Readonly<Record<string, string>>) =>
  readConfig(environment, { directory: '/', demoKnowledge: '/' })

describe('a network', () => {
  it('is an address, a prefix, or a word that stands for several', () => {
    for (const text of ['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', 'loopback', 'private']) {
      expect(isNetwork(text)).toBe(true)
    }
    for (const text of [
      '',
      '*',
      'all',
      '10.0.0',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/8/8',
      '/8',
      '10.0.0.0/',
    ]) {
      expect(isNetwork(text)).toBe(false)
    }
    expect(plainNetworks(['loopback', '10.0.0.1'])).toEqual(['127.0.0.0/8', '::1/128', '10.0.0.1'])
  })
})

describe('TRUSTED_PROXIES', () => {
  it('takes several, and nobody is trusted without it', () => {
    expect(read({}).trustedProxies).toEqual([])
    expect(read({ TRUSTED_PROXIES: 'Loopback, 10.0.0.0/8,, ::1' }).trustedProxies).toEqual([
      'loopback',
      '10.0.0.0/8',
      '::1',
    ])
  })

  it('stops the start when one of them is none', () => {
    expect(() => read({ TRUSTED_PROXIES: 'loopback, *' })).toThrow(
      /^TRUSTED_PROXIES takes addresses and networks .*; it got "loopback, \*"\.$/,
    )
  })
})
