import { describe, expect, it } from 'vitest'
import { parseDocument } from './parse-document.ts'

const read = (page: string) => {
  const { title, passages, language } = parseDocument('a.html', page)
  return {
    title,
    language,
    url: passages[0]?.url,
    text: passages
      .map(({ section, text }) => (section === null ? text : `[${section}] ${text}`))
      .join('\n'),
  }
}

const TEXT =
  '<p>Wash linen at forty degrees, and never bleach it.</p><h2 id="dry">Drying</h2><p>Dry it in the shade, then iron it while it is damp.</p>'
const READ =
  'Wash linen at forty degrees, and never bleach it.\n[Drying] Dry it in the shade, then iron it while it is damp.'

const MENU =
  '<ul><li><a href="/">Home</a></li><li><a href="/shop">Shop</a></li><li><a href="/about">About us</a></li><li><a href="/contact">Contact</a></li></ul>'

/** Pages as the programs make them that most sites are made with, in short. */
const PAGES: Readonly<Record<string, string>> = {
  Docusaurus: `<!doctype html><html lang="en"><head><title>Linen | Our shop</title><link rel="canonical" href="https://shop.example/linen"></head>
    <body><div id="__docusaurus"><div role="region" aria-label="Skip to main content"><a class="skipToContent_x" href="#x">Skip to main content</a></div>
    <nav class="navbar navbar--fixed-top">${MENU}</nav><div class="main-wrapper"><aside class="theme-doc-sidebar-container">${MENU}</aside>
    <main class="docMainContainer_y"><div class="row"><div class="col"><div class="docItemContainer"><article>
    <nav class="theme-doc-breadcrumbs">${MENU}</nav><span class="theme-doc-version-badge badge" hidden>Version: 2</span>
    <div class="theme-doc-markdown markdown"><header><h1>Linen</h1></header>
    ${TEXT.replace('Drying', 'Drying<a href="#dry" class="hash-link" aria-label="Direct link">​</a>')}</div>
    <footer class="theme-doc-footer"><a href="/edit">Edit this page</a></footer></article>
    <nav class="pagination-nav"><a href="/a">Previous Wool</a></nav></div></div><div class="col col--3"><div class="tableOfContents_z thin-scrollbar">
    <ul class="table-of-contents"><li><a href="#dry">Drying</a></li></ul></div></div></div></main></div>
    <footer class="theme-layout-footer footer">Copyright</footer></div><script>no()</script></body></html>`,
  'MkDocs Material': `<!doctype html><html lang="en"><head><title>Linen - Our shop</title><link href="https://shop.example/linen" rel="canonical"></head><body>
    <div data-md-component="skip"><a href="#linen" class="md-skip">Skip to content</a></div><header class="md-header"><nav class="md-header__inner">Our shop</nav></header>
    <div class="md-container"><nav class="md-tabs">${MENU}</nav><main class="md-main"><div class="md-main__inner md-grid">
    <div class="md-sidebar md-sidebar--primary">${MENU}</div><div class="md-sidebar md-sidebar--secondary"><nav>${MENU}</nav></div>
    <div class="md-content"><article class="md-content__inner md-typeset"><a href="/edit" title="Edit this page" class="md-content__button md-icon"><svg><path/></svg></a>
    <h1 id="linen">Linen<a class="headerlink" href="#linen">¶</a></h1>${TEXT.replace('Drying', 'Drying<a class="headerlink" href="#dry">&para;</a>')}</article></div></div></main>
    <footer class="md-footer">Made with Material</footer></div></body></html>`,
  Sphinx: `<!DOCTYPE html><html class="writer-html5" lang="en"><head><title>Linen &mdash; Our shop 1.0 documentation</title><link rel="canonical" href="https://shop.example/linen"/></head><body class="wy-body-for-nav">
    <div class="wy-grid-for-nav"><nav class="wy-nav-side">${MENU}</nav><section class="wy-nav-content-wrap"><div class="wy-nav-content"><div class="rst-content">
    <div role="navigation" aria-label="Page navigation"><ul class="wy-breadcrumbs"><li><a href="#">Home</a></li><li>Linen</li></ul><hr/></div>
    <div role="main" class="document"><div itemprop="articleBody"><section id="linen"><h1>Linen<a class="headerlink" href="#linen" title="Link">¶</a></h1>
    ${TEXT.replace('<h2 id="dry">Drying</h2>', '<section id="dry"><h2>Drying<a class="headerlink" href="#dry"></a></h2>')}</section></section></div></div>
    <footer><div class="rst-footer-buttons"><a href="x">Next</a></div>Built with Sphinx</footer></div></div></section></div></body></html>`,
  'WordPress, classic': `<!DOCTYPE html><html lang="en"><head><title>Linen – Our shop</title><link rel="canonical" href="https://shop.example/linen" /></head><body class="page">
    <div id="page" class="site"><a class="skip-link screen-reader-text" href="#content">Skip to content</a><div id="masthead" class="site-header"><div class="site-branding"><p class="site-title"><a href="/">Our shop</a></p></div>
    <div id="site-navigation" class="main-navigation"><div class="menu">${MENU}</div></div></div>
    <div id="content" class="site-content"><div id="primary" class="content-area"><div id="main" class="site-main"><div id="post-7" class="post-7 page hentry"><div class="entry-header"><h1 class="entry-title">Linen</h1></div>
    <div class="entry-content">${TEXT}<div class="sharedaddy sd-sharing"><h3>Share this:</h3><ul><li><a href="t">Twitter</a></li></ul></div></div></div>
    <div id="comments" class="comments-area"><ol class="comment-list"><li>First!</li></ol></div></div></div>
    <div id="secondary" class="widget-area sidebar"><h2>Recent posts</h2>${MENU}</div></div><div id="colophon" class="site-footer">Proudly powered</div></div>
    <div id="cookie-notice" class="cookie-notice">We use cookies. <button>Accept</button></div></body></html>`,
  'Jekyll minima': `<!DOCTYPE html><html lang="en"><head><title>Linen | Our shop</title><meta property="og:title" content="Linen" /><link rel="canonical" href="https://shop.example/linen" /></head><body>
    <header class="site-header"><div class="wrapper"><a class="site-title" href="/">Our shop</a><nav class="site-nav">${MENU}</nav></div></header>
    <main class="page-content" aria-label="Content"><div class="wrapper"><article class="post"><header class="post-header"><h1 class="post-title">Linen</h1></header><div class="post-content">${TEXT}</div></article></div></main>
    <footer class="site-footer"><p>We sell linen.</p></footer></body></html>`,
  'soup of divisions': `<html lang="en"><head><title>Linen | Our shop</title><link rel="canonical" href="https://shop.example/linen"></head><body><div class="a1"><div class="b1"><a href="/">Our shop</a> <a href="/cart">Cart</a> <a href="/login">Log in</a></div>
    <div class="b2">${MENU}</div><div class="b3"><div class="c1"><h1>Linen</h1>${TEXT}</div><div class="c2"><p><b>See also</b></p>${MENU}</div></div>
    <div class="b4"><a href="/imprint">Imprint</a> | <a href="/privacy">Privacy</a></div></div></body></html>`,
  'tables of 1999': `<HTML LANG=en><HEAD><TITLE>Linen - Our shop</TITLE><LINK REL=canonical HREF=https://shop.example/linen></HEAD><BODY BGCOLOR=white><TABLE WIDTH=100%><TR><TD COLSPAN=2><A HREF=/>Our shop</A><TR><TD><A HREF=a>Home</A><BR><A HREF=b>Shop</A><BR><A HREF=c>Contact</A>
    <TD><H1>Linen</H1>${TEXT.replaceAll('</p>', '')}</TABLE></BODY></HTML>`,
  'an article among notices': `<html lang="en"><head><title>Linen</title><link rel="canonical" href="https://shop.example/linen"></head><body><div role="dialog" aria-label="Consent">We value your privacy.</div><header><h2>Our shop</h2></header><div class="nav-menu">${MENU}</div>
    <article><h1>Linen</h1>${TEXT}<aside>Buy soap!</aside></article><div class="newsletter"><h3>Newsletter</h3><p>Subscribe to our letter today and get ten percent off everything.</p></div><div style="display:none">Hidden.</div></body></html>`,
}

describe('of a page, the main content is read', () => {
  it.each(Object.keys(PAGES))('as %s makes it', (name) => {
    expect(read(PAGES[name] ?? '')).toEqual({
      title: 'Linen',
      language: 'en',
      url: 'https://shop.example/linen',
      text: READ,
    })
  })

  it('with all its articles, where it has several', () => {
    const page = `<body><nav>${MENU}</nav><main><h1>News</h1><article><h2>One</h2><p>First.</p></article><article><h2>Two</h2><p>Second.</p></article></main></body>`
    expect(read(page).text).toBe('[One] First.\n[Two] Second.')
  })

  it('with asides that are notes, and lists of links that it marks as its own', () => {
    const page = `<main><h1>Linen</h1><p>Wash it.</p><aside class="note"><p>Mind the zip.</p></aside><p>See:</p>${MENU}</main>`
    expect(read(page).text).toBe(
      'Wash it.\n\nMind the zip.\n\nSee:\n- Home\n- Shop\n- About us\n- Contact',
    )
  })

  it('whatever it is, when nothing else is there', () => {
    expect(read('<nav><p>Only this.</p></nav>').text).toBe('Only this.')
    expect(read('<p>One.</p><p>Two.</p>').text).toBe('One.\n\nTwo.')
    expect(read('').text).toBe('')
  })

  it.each([
    ['<title>Prices | Our shop</title>', 'Prices'],
    [
      '<title>Our shop: Prices</title><meta property="og:site_name" content="Our shop">',
      'Our shop: Prices',
    ],
    ['<title>Our shop | Prices</title><meta property="og:site_name" content="Our shop">', 'Prices'],
    ['<title>Q&amp;A &ndash; part two – Our shop</title>', 'Q&A – part two'],
    ['<title>no</title><meta property="og:title" content="Prices &amp; more">', 'Prices & more'],
    ['<title>well-known</title>', 'well-known'],
    ['<title>no | x</title><h1>The <em>price</em> list</h1>', 'The price list'],
  ])('is called by its own name: %s', (head, title) => {
    expect(read(`${head}<p>Text.</p>`).title).toBe(title)
  })

  it('takes its address from its front matter, else from itself, else from its folder', () => {
    const page = '<link rel="canonical" href="https://x.test/own"><p>Text.</p>'
    const urlOf = (text: string) =>
      parseDocument('a.html', text, { url: '/folder' }).passages[0]?.url
    expect(urlOf(`---\nurl: /given\n---\n${page}`)).toBe('/given')
    expect(urlOf(page)).toBe('https://x.test/own')
    expect(urlOf('<p>Text.</p>')).toBe('/folder')
    expect(urlOf('<link rel="canonical" href="javascript:alert(1)"><p>Text.</p>')).toBe(null)
  })
})
