import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { programRunner } from '../../src/adapters/run-program.ts'
import { tempFolder } from '../support/journal.ts'
import { until } from '../support/until.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const folder = () => tempFolder((act) => cleanups.push(act))
const { PATH } = process.env
const run = programRunner({ PATH, HOME: '/', SECRET_TOKEN: 'hidden' })
const common = { input: '', timeoutMs: 60_000, signal: new AbortController().signal }

describe('a program', () => {
  test('gets its arguments as they are, its input, and few variables', async () => {
    const out = join(folder(), 'out')
    const program =
      'require("fs").writeFileSync(process.argv[1], JSON.stringify({ args: process.argv.slice(2), input: require("fs").readFileSync(0, "utf8"), names: Object.keys(process.env) }))'
    const words = [process.execPath, '-e', program, out, '$(id); `id` *', '']
    await run({ ...common, words, input: '{"a":1}' })
    const seen = JSON.parse(readFileSync(out, 'utf8'))
    expect(seen).toMatchObject({ args: ['$(id); `id` *', ''], input: '{"a":1}' })
    expect(seen.names.toSorted()).toEqual(['HOME', 'PATH'])
  })

  test('that fails says how, safely and shortly', async () => {
    const words = ['sh', '-c', "printf '\\033[31m%01000d' 1 >&2; exit 3"]
    await expect(run({ ...common, words })).rejects.toMatchObject({
      message: expect.stringMatching(/^it ended with 3: ␛\[31m0+…?$/),
    })
    await expect(run({ ...common, words: ['/does/not/exist'] })).rejects.toMatchObject({
      message: expect.stringContaining('ENOENT'),
    })
  })

  test('that reads nothing of a long input is no failure', async () => {
    await run({ ...common, words: ['true'], input: 'x'.repeat(1_000_000) })
  })

  test('that hangs is ended in time, with all that it started', async () => {
    const out = join(folder(), 'pid')
    const words = ['sh', '-c', `sleep 1000 & echo $! > ${out}; wait`]
    await expect(run({ ...common, words, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'timeout',
    })
    const pid = readFileSync(out, 'utf8').trim()
    await until('its child has ended', () => !alive(pid))
    const stop = new AbortController()
    const running = run({ ...common, words: ['sleep', '1000'], signal: stop.signal })
    stop.abort()
    await expect(running).rejects.toThrow(/SIGKILL/)
  })
})

function alive(pid: string): boolean {
  return existsSync(`/proc/${pid}`) && !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}
