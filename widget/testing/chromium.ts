/** Finds the Chromium that tests and screenshots run in; installs one where there is none. */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, platform } from 'node:os'
import { dirname, join } from 'node:path'

/** What the search asks of the machine; tests pass their own. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly isRoot: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  exists(path: string): boolean
  /** Paths that match a pattern, in any order. */
  glob(pattern: string): readonly string[]
  /** Runs a program to its end, its output shown on stderr; true when it succeeded. */
  run(command: string, args: readonly string[]): boolean
  /** One line for the person who waits. */
  say(line: string): void
}

const ON_PATH: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/opt/google/chrome/chrome',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
}

const WINDOWS_PROGRAMS = [
  String.raw`Google\Chrome\Application\chrome.exe`,
  String.raw`Chromium\Application\chrome.exe`,
  String.raw`Microsoft\Edge\Application\msedge.exe`,
]

const IN_PLAYWRIGHT_CACHE = [
  'chrome-linux*/chrome',
  'chrome-win*/chrome.exe',
  'chrome-mac*/Chromium.app/Contents/MacOS/Chromium',
  'chrome-mac*/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
]

function usualPlaces({ platform: system, environment, home }: Machine): readonly string[] {
  if (system === 'win32') {
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
      .flatMap((name) => environment[name] ?? [])
      .flatMap((folder) => WINDOWS_PROGRAMS.map((program) => `${folder}\\${program}`))
  }
  const places = ON_PATH[system] ?? []
  return system === 'darwin' ? [...places, ...places.map((place) => join(home, place))] : places
}

function playwrightCache({ platform: system, environment, home }: Machine): string {
  const configured = environment['PLAYWRIGHT_BROWSERS_PATH']
  if (configured !== undefined && configured !== '' && configured !== '0') return configured
  if (system === 'darwin') return join(home, 'Library/Caches/ms-playwright')
  if (system === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'ms-playwright')
  }
  return join(environment['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'ms-playwright')
}

/** `chromium-1200` is newer than `chromium-999`. */
const newestFirst = (a: string, b: string) => b.localeCompare(a, 'en', { numeric: true })

function installed(machine: Machine): string | undefined {
  const usual = usualPlaces(machine).find((place) => machine.exists(place))
  if (usual !== undefined) return usual
  const cache = playwrightCache(machine)
  return IN_PLAYWRIGHT_CACHE.flatMap((inside) =>
    machine.glob(join(cache, 'chromium-*', inside)),
  ).toSorted(newestFirst)[0]
}

function installFromDebian(machine: Machine): boolean {
  machine.say('No Chromium here: installing it with apt-get (a minute or two).')
  return (
    machine.run('apt-get', ['update', '-q']) &&
    machine.run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'])
  )
}

function installFromPlaywright(machine: Machine): boolean {
  machine.say('No Chromium here: installing it with playwright-core (about 170 MB).')
  const manifest = createRequire(import.meta.url).resolve('playwright-core/package.json')
  return machine.run(process.execPath, [join(dirname(manifest), 'cli.js'), 'install', 'chromium'])
}

/** The machine that this runs on. */
export const thisMachine: Machine = {
  platform: platform(),
  isRoot: process.getuid?.() === 0,
  environment: process.env,
  home: homedir(),
  exists: existsSync,
  glob: (pattern) => globSync(pattern),
  run(command, args) {
    // Everything goes to stderr: a caller's stdout is for its own result.
    const { status } = spawnSync(command, args, {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    return status === 0
  },
  say: (line) => process.stderr.write(`${line}\n`),
}

/**
 * Path of a Chromium: `CHROME_PATH`, the usual places, Playwright's cache, or a new installation.
 * @throws Error with a sentence that says what to do, when there is none and none can be installed.
 */
export function findChromium(machine: Machine = thisMachine): string {
  const chosen = machine.environment['CHROME_PATH']
  if (chosen !== undefined && chosen !== '') {
    if (machine.exists(chosen)) return chosen
    throw new Error(`CHROME_PATH names ${chosen}, but there is no file of that name.`)
  }
  const found = installed(machine)
  if (found !== undefined) return found

  const debian = machine.platform === 'linux' && machine.exists('/etc/debian_version')
  // Ubuntu's apt has no Chromium of its own, so a failure there is not the end.
  const succeeded =
    (debian && machine.isRoot && installFromDebian(machine)) || installFromPlaywright(machine)
  const path = succeeded ? installed(machine) : undefined
  if (path === undefined) {
    throw new Error(
      'Chromium is needed and could not be installed. Install Chromium or Google Chrome, or set ' +
        'CHROME_PATH to the program, and try again.',
    )
  }
  if (!machine.run(path, ['--version'])) {
    throw new Error(
      `Chromium was installed (${path}) but does not start: system libraries are missing. ` +
        'Run `npx playwright-core install-deps chromium` as root, and try again.',
    )
  }
  machine.say(`Chromium is at ${path}.`)
  return path
}

/** Command-line arguments for a Chromium that nobody watches and that calls nobody. */
export function chromiumArguments(machine: Pick<Machine, 'isRoot'> = thisMachine): string[] {
  return [
    '--headless',
    // Chromium's sandbox refuses to start as root.
    ...(machine.isRoot ? ['--no-sandbox'] : []),
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-dev-shm-usage',
  ]
}

/** Arguments that make every host but this machine unknown, so that a page under test reaches nobody. */
export const NOTHING_OUTSIDE: readonly string[] = [
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE localhost, EXCLUDE 127.0.0.1',
  '--no-proxy-server',
]
