/** The page in Chromium that `npm run conformance` judges Markdown in. */
import { sanitizer } from '../render/raw-html.ts'
import { longBlocks } from '../stream/stream.ts'
import { judgeAttack } from './attacks.ts'
import { judgeExample } from './examples.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

await sanitizer.load()
await loadGrammars()
await longBlocks.load()
Object.assign(globalThis, { judgeAttack, judgeExample })
