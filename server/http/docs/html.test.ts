import { describe, expect, it } from 'vitest'
import { html, joined, prose } from './schemas.ts'

describe('templates', () => {
  it('escape what is put into them, also in attributes', () => {
    const text = `<img onerror='x'> & "y"`
    const escaped = '&#60;img onerror=&#39;x&#39;&#62; &#38; &#34;y&#34;'
    expect(html`<p title="${text}">${text}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`)
  })

  it('leave what is HTML already, alone or in a list', () => {
    const items = ['a', '<b>'].map((item) => html`<i>${item}</i>`)
    expect(html`${items}`.text).toBe('<i>a</i><i>&#60;b&#62;</i>')
    expect(html`${joined(items, ', ')}`.text).toBe('<i>a</i>, <i>&#60;b&#62;</i>')
  })

  it('show as code what stands in backticks', () => {
    expect(html`${prose('Send `<id>`, or `x`.')}`.text).toBe(
      'Send <code>&#60;id&#62;</code>, or <code>x</code>.',
    )
  })
})
