import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { runningProcesses, startedWith } from '../../src/adapters/proc.ts'
import { until } from '../support/until.ts'

/** Starts a process with these arguments and environment, and returns its pid. */
async function started(words: string[], env: Record<string, string>): Promise<number> {
  const child = spawn('/bin/sleep', ['4321', ...words], { env, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const pid = child.pid ?? 0
  // Its name is there before its arguments and environment are, and those only if there are some.
  const has = (file: string) => readFileSync(`/proc/${pid}/${file}`).length > 0
  const isThere = () => has('cmdline') && (Object.keys(env).length === 0 || has('environ'))
  await until('it runs', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n' && isThere())
  return pid
}

const HUGE = Array.from({ length: 10 }, (_, i) => [`HUGE${i}`, 'x'.repeat(100_000)] as const)

it('finds an entry in the environment that a process was started with', async () => {
  const pid = await started([], { A: '1', MARK: 'yes', B: 'x'.repeat(20_000), LAST: 'yes' })
  for (const entry of ['A=1', 'MARK=yes', 'LAST=yes']) expect(startedWith(pid, entry)).toBe(true)
  for (const entry of ['MARK=no', 'MARK=ye', 'yes']) expect(startedWith(pid, entry)).toBe(false)
  expect(startedWith(2 ** 30, 'A=1')).toBe(false)
})

it('reads only a part of a huge environment', async () => {
  const pid = await started([], { FIRST: 'yes', ...Object.fromEntries(HUGE), LAST: 'yes' })
  expect(startedWith(pid, 'FIRST=yes')).toBe(true)
  expect(startedWith(pid, 'LAST=yes')).toBe(false)
})

it('lists processes, of a huge command line only a part', async () => {
  const pid = await started(
    Array.from({ length: 10 }, () => '0'.repeat(100_000)),
    {},
  )
  const found = runningProcesses().find((process) => process.pid === pid)
  expect(found).toMatchObject({ parent: process.pid })
  expect(found?.words.slice(0, 2)).toEqual(['/bin/sleep', '4321'])
  expect(found?.words.join(' ').length).toBeLessThanOrEqual(128 << 10)
})
