#!/usr/bin/env node
/** The program: has Node begin with the settings of a server, then does what the command line says. */
import './config/node-version.js'
import { fileURLToPath } from 'node:url'
import { becomeNode, hasNodeSettings } from './config/node-settings.ts'

const args = process.argv.slice(2)
const isServing = (args[0] ?? 'start') === 'start'
if (isServing && !hasNodeSettings()) await becomeNode(fileURLToPath(import.meta.url), args)

// Loaded late: a process that becomes another one needs none of it.
const { runCommand } = await import('./command-line.ts')
await runCommand(args)
