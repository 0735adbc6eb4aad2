import { afterEach, describe, expect, it, vi } from 'vitest'
import { createKeyValueStore, createTabStore } from './key-value-store.ts'

const refuse = () => {
  throw new DOMException('no', 'SecurityError')
}

afterEach(() => vi.unstubAllGlobals())

describe('createKeyValueStore', () => {
  it('prefixes its keys', () => {
    const entries = new Map<string, string>()
    const store = createKeyValueStore('p:', {
      getItem: (key) => entries.get(key) ?? null,
      setItem: (key, value) => void entries.set(key, value),
      removeItem: (key) => void entries.delete(key),
    })
    store.set('a', '1')
    expect([...entries]).toEqual([['p:a', '1']])
    expect(store.get('a')).toBe('1')
    store.remove('a')
    expect(entries.size).toBe(0)
  })

  it('remembers until the reload where storage is forbidden', () => {
    const store = createKeyValueStore('p:', {
      getItem: refuse,
      setItem: refuse,
      removeItem: refuse,
    })
    expect(store.get('a')).toBeUndefined()
    store.set('a', '1')
    expect(store.get('a')).toBe('1')
    store.remove('a')
    expect(store.get('a')).toBeUndefined()
  })

  // As in a WebView of Android whose app has not switched DOM storage on.
  it.each([
    ['localStorage', createKeyValueStore],
    ['sessionStorage', createTabStore],
  ])('remembers until the reload where %s is null', (name, create) => {
    vi.stubGlobal(name, null)
    const store = create('p:')
    store.set('a', '1')
    expect(store.get('a')).toBe('1')
    store.remove('a')
    expect(store.get('a')).toBeUndefined()
  })

  it('reads what it has just written when storage is full', () => {
    const store = createKeyValueStore('p:', {
      getItem: () => 'old',
      setItem: refuse,
      removeItem: () => {},
    })
    store.set('a', 'new')
    expect(store.get('a')).toBe('new')
  })
})
