/** The page in Chromium that `npm run conformance` judges Markdown in. */
import { formulas } from '../formulas.ts'
import { sanitizer } from '../raw-html.ts'
import { longBlocks } from '../stream.ts'
import { judgeAttack } from './attacks.ts'
import { judgeExample } from './examples.ts'

await sanitizer.load()
await formulas.load()
await longBlocks.load()
Object.assign(globalThis, { judgeAttack, judgeExample })
