/**
 * A program for tests: the server, with other times for its lock than people have. The environment is the
 * configuration; the argument is JSON (`patience`, `timing`, `withoutKernel` for a file system without locks).
 */
import { z } from 'zod'
import { demoKnowledgeDirectory } from '../package.ts'
import { readConfig } from '../config/index.ts'
import { StartError } from '../core/errors.ts'
import { createLogger } from '../log.ts'
import { serve } from '../serve.ts'

const { patience, timing, withoutKernel } = z
  .object({
    patience: z.number(),
    timing: z.record(z.enum(['renewEvery', 'trust', 'lapse', 'lookEvery']), z.number()),
    withoutKernel: z.boolean(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''))

const config = readConfig(process.env, {
  directory: process.cwd(),
  demoKnowledge: demoKnowledgeDirectory(),
})
try {
  await serve(config, createLogger(config.logLevel), {
    patience,
    timing,
    ...(withoutKernel && { askKernel: () => ({ kind: 'none' }) }),
  })
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exit(1)
}
