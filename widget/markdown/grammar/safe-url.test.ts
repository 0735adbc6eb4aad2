import { expect, it } from 'vitest'
import { safeUrl } from './links.ts'

it('lets visitors follow web, mail and phone addresses, and those within the site', () => {
  const safe = [
    ...['https://example.org', 'HTTP://example.org', 'mailto:a@example.org', 'tel:+491234'],
    ...['/docs', '../a:b', '#part', '?a=b:c', '//example.org/x', 'page.html'],
  ]
  for (const address of safe) expect(safeUrl(address)).toBe(address)
})

it('lets nobody follow an address that runs, reads files or hides what it is', () => {
  const unsafe = [
    ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:alert(1)', 'java\nscript:x'],
    ...['java\tscript:x', '\u0001javascript:x', 'vbscript:x', 'data:text/html,x', 'file:///etc'],
    ...['blob:x', 'intent://x', 'about:blank', '', '  ', '\u00a0javascript:x'],
  ]
  for (const address of unsafe) expect(safeUrl(address)).toBeUndefined()
})
