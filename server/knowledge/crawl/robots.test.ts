import { describe, expect, it } from 'vitest'
import { parseRobots, readDirectives, readRobotsHeader } from './robots.ts'

const allows = (path: string, ...lines: readonly string[]) =>
  parseRobots(lines.join('\n')).isAllowed(new URL(path, 'https://site.example'))

describe('robots.txt', () => {
  it.each([
    // RFC 9309, 5.2: the longest match counts.
    [true, '/example/page/', ['Allow: /example/page/', 'Disallow: /example/page/disallowed.gif']],
    [
      false,
      '/example/page/disallowed.gif',
      ['Allow: /example/page/', 'Disallow: /example/page/disallowed.gif'],
    ],
    [true, '/a/b', ['Disallow: /a', 'Allow: /a']],
    [true, '/p', ['Allow: /p', 'Disallow: /']],
    [false, '/folder/page', ['Disallow: /fold', 'Allow: /f']],
    [false, '/page.htm', ['Allow: /page', 'Disallow: /*.htm']],
    [true, '/', ['Allow: /$', 'Disallow: /']],
    [false, '/page.htm', ['Allow: /$', 'Disallow: /']],
    // 2.2.3: special characters.
    [false, '/fish.gif', ['Disallow: *.gif$']],
    [true, '/fish.gif?x', ['Disallow: *.gif$']],
    [false, '/a/b/c.php', ['Disallow: /a/*/c']],
    [true, '/a/c.php', ['Disallow: /a/*/c']],
    [false, '/ab', ['Disallow: /*a*b$']],
    [true, '/ab/', ['Disallow: /*a*b$']],
    [false, '/aab', ['Disallow: /a*ab$']],
    [true, '/ab', ['Disallow: /ab*ab$']],
    [false, '/price$list', ['Disallow: /price$list']],
    [false, '/price$list', ['Disallow: /price%24list']],
    [true, '/pricelist', ['Disallow: /price%24']],
    [false, '/star*', ['Disallow: /star%2A']],
    [true, '/star-x', ['Disallow: /star%2A']],
    // 2.2.2: encodings.
    [false, '/foo/bar/%62%61%7A', ['Disallow: /foo/bar/baz']],
    [false, '/foo/bar/baz', ['Disallow: /foo/bar/%62%61%7a']],
    [false, '/foo/bar/ツ', ['Disallow: /foo/bar/ツ']],
    [false, '/foo/bar/%E3%83%84', ['Disallow: /foo/bar/%e3%83%84']],
    [false, '/x%2fy', ['Disallow: /x%2Fy']],
    [true, '/x/y', ['Disallow: /x%2Fy']],
    [false, '/q?a=1', ['Disallow: /*?']],
    [true, '/Fish', ['Disallow: /fish']],
    [true, '/a', ['Disallow:']],
    [true, '/a', ['Disallow: # nothing']],
    [false, '/a', ['DISALLOW :/a# this']],
    [true, '/robots.txt', ['Disallow: /']],
  ])('gives %s for %s by %j', (expected, path, rules) => {
    expect(allows(path, 'User-agent: *', ...rules)).toBe(expected)
  })

  it.each([
    [false, ['User-agent: SAMOSACHAT/2.0', 'Disallow: /']],
    [false, ['User-agent: samosachat  # us', 'Disallow: /']],
    [true, ['User-agent: samosa', 'Disallow: /']],
    [true, ['User-agent: otherbot', 'Disallow: /']],
    [true, ['User-agent: *', 'Disallow: /', 'User-agent: samosachat', 'Disallow: /other']],
    [true, ['User-agent: samosachat', 'Disallow:', '', 'User-agent: *', 'Disallow: /']],
    [false, ['User-agent: samosachat', 'User-agent: otherbot', 'Disallow: /']],
    // Of several groups for the same crawler, all rules count.
    [
      false,
      [
        'User-agent: samosachat',
        'Disallow: /x',
        'User-agent: b',
        'Allow: /',
        'User-agent: samosachat',
        'Disallow: /',
      ],
    ],
    // Other lines end no group.
    [
      false,
      [
        'User-agent: samosachat',
        'Sitemap: https://site.example/s.xml',
        'User-agent: b',
        'Disallow: /',
      ],
    ],
    [false, ['\uFEFFUser-agent: *\r', '\r', 'Disallow: /\r']],
    [true, ['Disallow: /', 'User-agent: otherbot']],
    [true, ['<!doctype html>', '<p>User-agent: * Disallow: /</p>']],
  ])('gives %s to us by %j', (expected, lines) => {
    expect(allows('/page', ...lines)).toBe(expected)
  })

  it('names sitemaps and a delay', () => {
    const robots = parseRobots(
      'Sitemap: https://site.example/a.xml\nUser-agent: *\nCrawl-delay: 2.5\nsitemap:/b.xml\nCrawl-delay: soon',
    )
    expect(robots.sitemaps).toEqual(['https://site.example/a.xml', '/b.xml'])
    expect(robots.crawlDelay).toBe(2.5)
  })

  it('takes no time, whatever its patterns are', () => {
    const pattern = `Disallow: /${'*a'.repeat(5_000)}$`
    expect(
      allows(
        `/${'a'.repeat(1_900)}`,
        'User-agent: *',
        ...Array.from({ length: 40 }, () => pattern),
      ),
    ).toBe(true)
  })
})

describe('directives', () => {
  it.each([
    ['noindex', true, false],
    ['NOINDEX,NOFOLLOW', true, true],
    ['none', true, true],
    ['index, nofollow', false, true],
    ['all', false, false],
    ['noindexing', false, false],
    ['max-snippet:-1, noindex', true, false],
  ])('of a page: %s', (content, noindex, nofollow) => {
    expect(readDirectives(content)).toEqual({ noindex, nofollow })
  })

  it.each([
    [['noindex'], true, false],
    [['unavailable_after: 25 Jun 2030 15:00:00 PST', 'nofollow'], false, true],
    [['googlebot: noindex, nofollow'], false, false],
    [['googlebot: nofollow, samosachat: noindex'], true, false],
    [['SamosaChat: none'], true, true],
    [['max-snippet: 5, noindex'], true, false],
    [[], false, false],
  ])('of a header: %j', (lines, noindex, nofollow) => {
    expect(readRobotsHeader(lines)).toEqual({ noindex, nofollow })
  })
})
