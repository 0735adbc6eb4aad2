/** A PID namespace, which is what two containers have for themselves while they share a kernel and a folder. */
import { spawnSync } from 'node:child_process'

const OPTIONS = ['--pid', '--fork', '--kill-child', '--mount-proc']

/** Put before a command, it runs in a namespace of its own, and dies with it. */
export const INSIDE_NAMESPACE: readonly [string, ...string[]] = ['unshare', ...OPTIONS]

/** Why this machine cannot have one; `undefined` where it can. */
export function whyNoNamespaces(): string | undefined {
  const { status, stderr, error } = spawnSync('unshare', [...OPTIONS, 'true'], { encoding: 'utf8' })
  if (status === 0) return undefined
  return `This machine has no PID namespaces for us: ${error?.message ?? stderr.trim()}`
}
