/** `npm start`: builds what is missing or older than its sources, then becomes the server that is packaged. */
import { becomeNode } from '../config/node-settings.ts'
import { ensureBuilt } from './ensure-built.ts'
import { inRepository } from './repository.ts'

await ensureBuilt()
await becomeNode(inRepository('dist/server/main.js'), ['start'])
