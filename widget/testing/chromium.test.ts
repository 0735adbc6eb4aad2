import { describe, expect, it } from 'vitest'
import { chromiumArguments, findChromium, thisMachine, type Machine } from './chromium.ts'

interface Story {
  readonly machine: Machine
  readonly ran: string[]
  readonly said: string[]
}

/** A machine with these files; a command that succeeds leaves `installs` behind. */
function machineWith(
  files: readonly string[],
  {
    succeeds = () => true,
    installs = '',
    ...rest
  }: Partial<Machine> & { succeeds?: (command: string) => boolean; installs?: string } = {},
): Story {
  const present = new Set(files)
  const ran: string[] = []
  const said: string[] = []
  const machine: Machine = {
    platform: 'linux',
    isRoot: true,
    environment: {},
    home: '/home/me',
    exists: (path) => present.has(path),
    glob: (pattern) => {
      const form = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
      return [...present].filter((path) => form.test(path))
    },
    run(command, args) {
      ran.push([command, ...args].join(' '))
      const succeeded = succeeds([command, ...args].join(' '))
      if (succeeded && args.includes('install') && installs !== '') present.add(installs)
      return succeeded
    },
    say: (line) => said.push(line),
    ...rest,
  }
  return { machine, ran, said }
}

const CACHED = '/home/me/.cache/ms-playwright/chromium-999/chrome-linux/chrome'

describe('findChromium', () => {
  it('takes CHROME_PATH before everything else', () => {
    const { machine } = machineWith(['/usr/bin/chromium', '/opt/mine/chrome'], {
      environment: { CHROME_PATH: '/opt/mine/chrome' },
    })
    expect(findChromium(machine)).toBe('/opt/mine/chrome')
  })

  it('says so when CHROME_PATH names no file, and takes no other', () => {
    const { machine } = machineWith(['/usr/bin/chromium'], {
      environment: { CHROME_PATH: '/opt/gone' },
    })
    expect(() => findChromium(machine)).toThrow('CHROME_PATH names /opt/gone')
  })

  it.each([
    ['linux', '/usr/bin/chromium'],
    ['linux', '/usr/bin/google-chrome'],
    ['darwin', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
    ['darwin', '/home/me/Applications/Chromium.app/Contents/MacOS/Chromium'],
    ['win32', String.raw`C:\Programs\Google\Chrome\Application\chrome.exe`],
  ] as const)('finds the usual place on %s: %s', (platform, path) => {
    const { machine, ran } = machineWith([path], {
      platform,
      environment: { PROGRAMFILES: String.raw`C:\Programs` },
    })
    expect(findChromium(machine)).toBe(path)
    expect(ran).toEqual([])
  })

  it("finds the newest in Playwright's cache", () => {
    const newer = CACHED.replace('999', '1200')
    const { machine } = machineWith([CACHED, newer])
    expect(findChromium(machine)).toBe(newer)
  })

  it('looks for the cache where PLAYWRIGHT_BROWSERS_PATH says', () => {
    const path = '/browsers/chromium-1/chrome-linux64/chrome'
    const { machine } = machineWith([path], {
      environment: { PLAYWRIGHT_BROWSERS_PATH: '/browsers' },
    })
    expect(findChromium(machine)).toBe(path)
  })

  it('installs with apt-get on Debian as root, and says what it does', () => {
    const { machine, ran, said } = machineWith(['/etc/debian_version'], {
      installs: '/usr/bin/chromium',
    })
    expect(findChromium(machine)).toBe('/usr/bin/chromium')
    expect(ran[0]).toContain('apt-get update')
    expect(ran[1]).toMatch(/^apt-get install .*chromium$/)
    expect(said[0]).toContain('apt-get')
    expect(said.at(-1)).toContain('/usr/bin/chromium')
  })

  it.each([
    ['elsewhere', [], true],
    ['on Debian without root', ['/etc/debian_version'], false],
  ] as const)('installs with playwright-core %s', (_where, files, isRoot) => {
    const { machine, ran, said } = machineWith(files, { installs: CACHED, isRoot })
    expect(findChromium(machine)).toBe(CACHED)
    expect(ran[0]).toMatch(/playwright-core\/cli\.js install chromium$/)
    expect(said[0]).toContain('playwright-core')
  })

  it('goes on to playwright-core when apt-get fails', () => {
    const { machine, ran } = machineWith(['/etc/debian_version'], {
      installs: CACHED,
      succeeds: (command) => !command.startsWith('apt-get'),
    })
    expect(findChromium(machine)).toBe(CACHED)
    expect(ran.some((command) => command.startsWith('apt-get'))).toBe(true)
  })

  it('says what to do when nothing can be installed', () => {
    const { machine } = machineWith([], { succeeds: () => false })
    expect(() => findChromium(machine)).toThrow(/Install Chromium .* set CHROME_PATH/)
  })

  it('says what to do when what was installed does not start', () => {
    const { machine } = machineWith([], {
      installs: CACHED,
      succeeds: (command) => !command.endsWith('--version'),
    })
    expect(() => findChromium(machine)).toThrow('install-deps chromium')
  })

  it('finds a program that exists on this machine', () => {
    expect(thisMachine.exists(findChromium())).toBe(true)
  })
})

describe('chromiumArguments', () => {
  it('gives up the sandbox only as root', () => {
    expect(chromiumArguments({ isRoot: true })).toContain('--no-sandbox')
    expect(chromiumArguments({ isRoot: false })).not.toContain('--no-sandbox')
  })
})
