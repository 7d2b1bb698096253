import { execFile } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { podPid, type Deck } from './deck.ts'
import type { LoadAnswer, LoadJob } from './guard-load.ts'

const run = promisify(execFile)
const LOAD = fileURLToPath(new URL('guard-load.ts', import.meta.url))

/** How a program of this machine is run where an agent's guard door is: within its pod's network, or right here. */
export async function doorstep(deck: Deck, agent: string, address: string): Promise<readonly string[]> {
  if (address.startsWith('unix:')) return []
  const pid = await podPid(deck, agent)
  const own = readlinkSync('/proc/self/ns/user') === readlinkSync(`/proc/${pid}/ns/user`)
  return ['nsenter', '-t', String(pid), ...(own || process.geteuid?.() === 0 ? [] : ['-U', '--preserve-credentials']), '-n', '--']
}

/** Asks at a door from within the pod's network. */
export async function load(step: readonly string[], job: LoadJob): Promise<LoadAnswer> {
  const [program = '', ...words] = [...step, process.execPath, LOAD, JSON.stringify(job)]
  const { stdout } = await run(program, words, { env: { PATH: process.env['PATH'] } })
  return JSON.parse(stdout) as LoadAnswer
}
