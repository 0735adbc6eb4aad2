import { join } from 'node:path'
import { minify } from 'terser'
import type { Plugin, UserConfig } from 'vite'
import { defineConfig } from 'vitest/config'
import { buildName } from './server/scripts/build-name.ts'
import { plainProperties } from './widget/bundling/plain-properties.ts'
import { smallerLit } from './widget/bundling/smaller-lit.ts'
import { shortenTemplates } from './widget/bundling/shorten-templates.ts'

type Build = NonNullable<UserConfig['build']>

const common = {
  outDir: 'dist',
  emptyOutDir: false,
  target: 'es2022',
  copyPublicDir: false,
  modulePreload: false,
  reportCompressedSize: false,
} satisfies Build

/** Of Lit only what the element needs. */
const lighterLit: Plugin = {
  name: 'lighter-lit',
  apply: 'build',
  transform(code, id) {
    const smaller = smallerLit(code, id)
    return smaller === undefined ? undefined : { code: smaller, map: null }
  },
}

/** The element under the name that never changes, for pages, packages and CDNs that name it. */
const stableName: Plugin = {
  name: 'stable-name',
  generateBundle(_options, files) {
    const entry = Object.values(files).find((file) => file.type === 'chunk' && file.isEntry)
    const source = entry?.type === 'chunk' && this.getModuleInfo(entry.facadeModuleId ?? '')
    if (!source) throw new Error('The element was built without an entry.')
    // Not all that it exports: the rest is what chunks take from there.
    const { exports: names } = source
    this.emitFile({
      type: 'asset',
      fileName: 'samosa-chat.js',
      source: `export{${names.join(',')}}from'./${entry.fileName}'\n`,
    })
  },
}

/** Our own sources, written shorter than people want to read them. */
const shorter: Plugin = {
  name: 'shorter',
  apply: 'build',
  // While it is still the text that was written.
  enforce: 'pre',
  transform(code, id) {
    if (!/\/widget\/(?!bundling\/).*\.ts$/.test(id)) return undefined
    return { code: shortenTemplates(plainProperties(code)), map: null }
  },
}

/** Finds what the bundler's own minifier leaves. */
const smallest: Plugin = {
  name: 'smallest',
  // Not where names are kept, for a profile.
  apply: ({ build }, { command }) => command === 'build' && build?.minify !== false,
  async generateBundle(_options, files) {
    for (const file of Object.values(files)) {
      // The rest is small, or loaded by few.
      if (file.type !== 'chunk' || !file.isEntry) continue
      const { code = file.code } = await minify(file.code, {
        module: true,
        ecma: 2022,
        compress: {
          passes: 4,
          // Commas in place of semicolons compress worse, functions side by side better.
          sequences: false,
          hoist_funs: true,
          // No function is asked for its length, and none but classes are constructed.
          keep_fargs: false,
          unsafe_arrows: true,
        },
        // What the loader tells V8.
        format: { comments: /^# / },
      })
      file.code = code
    }
  },
}

/** The element: a module, with chunks for what is loaded when it is first needed. */
const element: Build = {
  ...common,
  lib: { entry: { 'samosa-chat': 'widget/index.ts' }, formats: ['es'] },
  license: { fileName: 'THIRD-PARTY-LICENSES.txt' },
  rolldownOptions: {
    // What a chunk shares with the element stays in its file: pieces compress worse than one whole.
    preserveEntrySignatures: 'allow-extension',
    // Terser takes its time, as is known.
    checks: { bundlerTimings: false },
    output: {
      codeSplitting: { groups: [{ name: 'samosa-chat', tags: ['$initial'] }] },
      // Vite leaves the white space in a library's modules, for its user's bundler; pages load ours.
      minify: true,
      // A name that changes with the content may be kept for ever.
      entryFileNames: '[name].[hash].js',
      chunkFileNames: `chunks/${buildName(import.meta.dirname)}/[name].js`,
      // The licences are in a file of their own.
      comments: false,
    },
  },
}

/** The loader: one classic script that leaves no name behind on the page. */
const embed: Build = {
  ...common,
  lib: {
    entry: 'widget/embed/embed.ts',
    formats: ['iife'],
    name: 'embed',
    fileName: () => 'embed.js',
  },
  rolldownOptions: {
    output: {
      comments: false,
      // Nearly all of it runs at once: V8 compiles it in one go, where it would read functions twice.
      postBanner: '//# allFunctionsCalledOnLoad',
    },
  },
}

/** The loader's second part, a module that the first fetches. */
const embedLate: Build = {
  ...common,
  lib: { entry: 'widget/embed/late.ts', formats: ['es'], fileName: () => 'embed-late.js' },
  rolldownOptions: { output: { minify: true, comments: false } },
}

/** The React component, beside the element that it wraps; React itself is the page's. */
const react: Build = {
  ...common,
  lib: { entry: 'widget/react/index.ts', formats: ['es'], fileName: () => 'react.js' },
  rolldownOptions: {
    external: /^(?:react|@lit\/react)$|(?:^\.\.|\/widget)\/index\.ts$/,
    output: {
      paths: (id) => (id.endsWith('/widget/index.ts') ? './samosa-chat.js' : id),
      comments: false,
      // Where components are the server's unless they say otherwise, this one is the browser's.
      postBanner: `'use client';`,
    },
  },
}

const builds: Readonly<Record<string, Build>> = { embed, 'embed-late': embedLate, react }

export default defineConfig(({ mode }) => ({
  publicDir: false as const,
  // Also when a test builds: Lit's other build is for its developers, and larger.
  resolve: { conditions: ['module', 'browser', 'production'] },
  plugins: [
    lighterLit,
    shorter,
    ...(mode === 'react' ? [] : [smallest]),
    ...(mode in builds ? [] : [stableName]),
  ],
  build: builds[mode] ?? element,
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
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // What tests start, and kill, again and again is compiled once.
          env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache/compiled') },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['server/e2e/**/*.test.ts'],
          globalSetup: ['server/e2e/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
}))
