import { chromium, type Browser } from 'playwright-core'
import { chromiumArguments, findChromium, NOTHING_OUTSIDE } from './chromium.ts'

/** Starts the Chromium that `findChromium` finds; the caller closes it. It reaches only this machine. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [...chromiumArguments(), ...NOTHING_OUTSIDE],
  })
}
