import { describe, expect, it } from 'vitest'
import { meantBy } from './environment.ts'
import { createProxyFor } from './networks.ts'

const PLAIN = 'http://plain.example:3128/'
const SECURE = 'http://secure.example:3128/'

const withExceptions = (except: string) => createProxyFor({ http: PLAIN, https: SECURE, except })

it('a proxy for another protocol is no slip of the pen', () => {
  for (const name of ['FTP_PROXY', 'ftp_proxy', 'ALL_PROXY']) expect(meantBy(name)).toBeUndefined()
  expect(meantBy('NOPROXY')).toMatchObject({ name: 'NO_PROXY' })
})

describe('the proxy to an address', () => {
  it('is the one for its kind, and none where there is none', () => {
    const proxyFor = withExceptions('')
    expect(proxyFor('http://models.example/v1')).toBe(PLAIN)
    expect(proxyFor('https://models.example/v1')).toBe(SECURE)
    expect(proxyFor(undefined)).toBeUndefined()
    const plainAlone = createProxyFor({ http: PLAIN, https: undefined, except: '' })
    expect(plainAlone('https://models.example')).toBeUndefined()
  })

  it.each([
    ['http://localhost:11434', ''],
    ['http://models.localhost', ''],
    ['http://127.0.0.1:8000', ''],
    ['http://127.8.9.10', ''],
    ['http://[::1]:8000', ''],
    ['http://models.example', '*'],
    ['http://models.example', 'other.example, *'],
    ['http://models.example', 'models.example'],
    ['http://MODELS.example.', 'Models.Example.'],
    ['http://gpu.models.example', 'models.example'],
    ['http://gpu.models.example', '.models.example'],
    ['http://gpu.models.example', '*.models.example'],
    ['http://models.example:8000', 'a.example b.example models.example:8000'],
    ['http://models.example', 'models.example:80'],
    ['https://models.example', 'models.example:443'],
    ['http://10.1.2.3', '10.1.2.3'],
    ['http://10.1.2.3:9000', '10.0.0.0/8'],
    ['http://[fd00::1]:80', 'fd00::1'],
    ['http://[fd00::1]:9000', '[fd00::1]:9000'],
    ['http://[fd00::1]', 'fd00::/8'],
  ])('is none for %s where NO_PROXY is "%s"', (url, except) => {
    expect(withExceptions(except)(url)).toBeUndefined()
  })

  it.each([
    ['http://models.example', ',, ,'],
    ['http://models.example', 'example.org'],
    ['http://mymodels.example', 'models.example'],
    ['http://models.example.org', 'models.example'],
    ['http://models.example:8000', 'models.example:80'],
    ['http://10.1.2.3', '0.1.2.3,1.2.3,10.1.2.16/28,300.0.0.0/8,10.0.0.0/40'],
    ['http://[fd00::1]', '::1'],
  ])('is there for %s although NO_PROXY is "%s"', (url, except) => {
    expect(withExceptions(except)(url)).toBe(PLAIN)
  })
})
