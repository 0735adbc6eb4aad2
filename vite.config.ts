import type { Plugin, UserConfig } from 'vite'
import { defineConfig } from 'vitest/config'

type Build = NonNullable<UserConfig['build']>

const common = {
  outDir: 'dist',
  emptyOutDir: false,
  target: 'es2022',
  copyPublicDir: false,
  modulePreload: false,
  reportCompressedSize: false,
} satisfies Build

/** What lit looks up when it is loaded, and what it gets where there is no window. */
const WITHOUT_WINDOW: Readonly<Record<string, readonly [string, string]>> = {
  '/@lit/reactive-element/reactive-element.js': [
    'extends HTMLElement',
    'extends(globalThis.HTMLElement??class{})',
  ],
  '/lit-html/lit-html.js': ['l=document,', 'l=globalThis.document??{createTreeWalker(){}},'],
}

/**
 * Lets a server import the bundle. Lit's own build for servers would do it too, and bring a whole
 * stand-in for the DOM to every page.
 */
const importableWithoutWindow: Plugin = {
  name: 'importable-without-window',
  transform(code, id) {
    const file = Object.keys(WITHOUT_WINDOW).find((name) => id.endsWith(name))
    const [from, to] = (file !== undefined && WITHOUT_WINDOW[file]) || []
    if (from === undefined || to === undefined) return undefined
    if (!code.includes(from)) throw new Error(`${id} has changed: it no longer says "${from}"`)
    return { code: code.replace(from, to), map: null }
  },
}

/** The element: a module, with chunks for what is loaded when it is first needed. */
const element: Build = {
  ...common,
  lib: { entry: { 'samosa-chat': 'widget/index.ts' }, formats: ['es'] },
  license: { fileName: 'THIRD-PARTY-LICENSES.txt' },
  rolldownOptions: {
    output: {
      // Vite leaves the white space in a library's modules, for its user's bundler; pages load ours.
      minify: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name].[hash].js',
      // The licences are in a file of their own.
      comments: false,
    },
  },
}

/** The loader: one classic script that leaves no name behind on the page. */
const embed: Build = {
  ...common,
  lib: { entry: 'widget/embed.ts', formats: ['iife'], name: 'embed', fileName: () => 'embed.js' },
  rolldownOptions: { output: { comments: false } },
}

export default defineConfig(({ mode }) => ({
  publicDir: false as const,
  // Also when a test builds: Lit's other build is for its developers, and larger.
  resolve: { conditions: ['module', 'browser', 'production'] },
  plugins: [importableWithoutWindow],
  build: mode === 'embed' ? embed : element,
  test: {
    // Of two cores one would do nothing otherwise.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['server/**/*.test.ts', 'widget/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', 'server/e2e/**'],
          // A hang is found all the same; a slow machine is no failure.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['server/e2e/**/*.test.ts'],
          globalSetup: ['server/e2e/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
}))
