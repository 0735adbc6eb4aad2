/**
 * The server, started again when its files change, and Vite's development server for widget and demo in
 * front of it. Ctrl-C ends both.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Plugin } from 'vite'
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../config/node-settings.ts'
import { buildWidget } from './bundle.ts'
import { inRepository } from './repository.ts'

const API_PORT = process.env['PORT'] ?? '8787'
const API_ROUTES = [
  '/api',
  '/health',
  '/ready',
  '/openapi.json',
  '/docs',
  '/metrics',
  '/texts.json',
]

/** Serves `/samosa-chat.js` and the loader from their sources, so that the demo's pages stay as they are. */
const widgetSources: Plugin = {
  name: 'widget-sources',
  resolveId: (id) => (id === '/samosa-chat.js' ? inRepository('widget/index.ts') : undefined),
  configureServer({ middlewares }) {
    // A classic script cannot be served module by module, and both are quickly built.
    for (const mode of ['embed', 'embed-late'] as const) {
      middlewares.use(`/${mode}.js`, (_request, response, next) => {
        buildWidget(mode, { write: false, element: 'samosa-chat.js' }).then(([script]) => {
          response.setHeader('content-type', 'text/javascript; charset=utf-8')
          response.setHeader('cache-control', 'no-store')
          response.end(script?.code)
        }, next)
      })
    }
  },
}

// With all settings: a process that had to become another one would no longer tell which files it reads.
const api = spawn(
  process.execPath,
  ['--watch', ...NODE_FLAGS, inRepository('server/main.ts'), 'start'],
  {
    cwd: inRepository('.'),
    env: { ...process.env, ...NODE_ENVIRONMENT, PORT: API_PORT },
    stdio: 'inherit',
  },
)
const pages = await createServer({
  configFile: false,
  root: inRepository('demo'),
  publicDir: false,
  cacheDir: inRepository('.cache/vite'),
  plugins: [widgetSources],
  server: {
    fs: { allow: [inRepository('.')] },
    proxy: Object.fromEntries(
      API_ROUTES.map((route) => [route, { target: `http://127.0.0.1:${API_PORT}` }]),
    ),
  },
})
await pages.listen()
console.log('\nThe demo, reloading as you edit:')
pages.printUrls()

let ending = false
async function end(): Promise<void> {
  if (ending) return
  ending = true
  if (api.exitCode === null && api.signalCode === null) {
    api.kill('SIGTERM')
    await once(api, 'exit')
  }
  await pages.close()
}
process.once('SIGINT', () => void end())
process.once('SIGTERM', () => void end())
api.once('exit', () => void end())
