/** What is built of the widget, by mode (server/scripts/bundle.ts builds all of them). */
import { defineConfig, type UserConfig } from 'vite'
import { buildName } from './server/scripts/build-name.ts'
import { codeSplitting } from './server/scripts/late-files.ts'

type Build = NonNullable<UserConfig['build']>
/** What Lit takes from a browser when it is loaded, so that a server which draws pages may import the element too. */
const WITHOUT_WINDOW = 'const {HTMLElement=class{},document={createTreeWalker(){}}}=globalThis'

/** The element: a module, with chunks for what is loaded when it is first needed. */
const element: Build = {
  lib: { entry: { 'samosa-chat': 'widget/index.ts' }, formats: ['es'] },
  license: { fileName: 'THIRD-PARTY-LICENSES.txt' },
  rolldownOptions: {
    // What a chunk shares with the element stays in its file: pieces compress worse than one whole.
    preserveEntrySignatures: 'allow-extension',
    output: {
      codeSplitting,
      // Vite leaves the white space in a library's modules, for its user's bundler; pages load ours.
      minify: true,
      // A name that changes with the content may be kept for ever.
      entryFileNames: '[name].[hash].js',
      chunkFileNames: `chunks/${buildName(import.meta.dirname)}/[name].js`,
      intro: ({ isEntry }) => (isEntry ? WITHOUT_WINDOW : ''),
      comments: false,
    },
  },
}

/** The loader: one classic script that leaves no name behind on the page. */
const embed: Build = {
  lib: { entry: 'widget/embed/embed.ts', formats: ['iife'], name: 'embed' },
  rolldownOptions: {
    output: {
      entryFileNames: 'embed.js',
      comments: false,
      // Nearly all of it runs at once: V8 compiles it in one go, where it would read functions twice.
      postBanner: '//# allFunctionsCalledOnLoad',
    },
  },
}

/** The loader's second part, a module that the first fetches. */
const embedLate: Build = {
  lib: { entry: 'widget/embed/late.ts', formats: ['es'], fileName: () => 'embed-late.js' },
  rolldownOptions: { output: { minify: true, comments: false } },
}

/** The React component, beside the element that it wraps; React itself is the page's. */
const react: Build = {
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

const builds: Readonly<Record<string, Build>> = { element, embed, 'embed-late': embedLate, react }

export default defineConfig(({ mode }) => ({
  publicDir: false as const,
  // Also when a test builds: Lit's other build is for its developers, and larger.
  resolve: { conditions: ['module', 'browser', 'production'] },
  build: { outDir: 'dist', emptyOutDir: false, target: 'es2022', ...builds[mode] },
}))
