import { execFile, spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { podPid, type Deck } from './deck.ts'
import type { Asked } from './guard-ask.ts'
import type { LoadAnswer, LoadJob } from './guard-load.ts'

const run = promisify(execFile)
const LOAD = fileURLToPath(new URL('guard-load.ts', import.meta.url))
const ASK = fileURLToPath(new URL('guard-ask.ts', import.meta.url))

/** How a program of this machine is run where an agent's guard door is: within its pod's network, or right here. */
export async function doorstep(
  deck: Deck,
  agent: string,
  address: string,
): Promise<readonly string[]> {
  if (address.startsWith('unix:')) return []
  const pid = await podPid(deck, agent)
  const own = readlinkSync('/proc/self/ns/user') === readlinkSync(`/proc/${pid}/ns/user`)
  return [
    'nsenter',
    '-t',
    String(pid),
    ...(own || process.geteuid?.() === 0 ? [] : ['-U', '--preserve-credentials']),
    '-n',
    '--',
  ]
}

/** Asks at a door from within the pod's network. */
export async function load(step: readonly string[], job: LoadJob): Promise<LoadAnswer> {
  const [program = '', ...words] = [...step, process.execPath, LOAD, JSON.stringify(job)]
  const { stdout } = await run(program, words, { env: { PATH: process.env['PATH'] } })
  return JSON.parse(stdout) as LoadAnswer
}

/** An agent at its door that asks for what it is told to ask for, and waits for a person. */
export interface Asker {
  ask(target: string): Promise<Asked>
  close(): void
}

export function openAsker(step: readonly string[], address: string): Asker {
  const [program = '', ...words] = [...step, process.execPath, ASK, address]
  const child = spawn(program, words, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] },
  })
  const waiting = new Map<string, (asked: Asked) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const asked = JSON.parse(line) as Asked
    waiting.get(asked.target)?.(asked)
    waiting.delete(asked.target)
  })
  return {
    ask: (target) =>
      new Promise((resolve) => {
        waiting.set(target, resolve)
        child.stdin.write(`${target}\n`)
      }),
    close: () => {
      child.kill()
    },
  }
}
