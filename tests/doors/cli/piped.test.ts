import { spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { pipedIn } from '../../../src/doors/cli/piped.ts'

const READ = `import { pipedIn } from ${JSON.stringify(new URL('../../../src/doors/cli/piped.ts', import.meta.url).href)}; const b = await pipedIn(process.stdin); process.stdout.write(b === undefined ? 'nothing' : String(b.length))`
const run = (stdin: number | 'ignore' | 'pipe', input?: string): string =>
  spawnSync(process.execPath, ['--input-type=module', '-e', READ], {
    stdio: [stdin, 'pipe', 'inherit'],
    ...(input === undefined ? {} : { input }),
  }).stdout.toString()

test('a file and a pipe are read to their end; no stdin is nothing', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'piped-')), 'in')
  writeFileSync(file, 'x'.repeat(70_000))
  expect(run(openSync(file, 'r'))).toBe('70000')
  expect(run('pipe', 'hi\n')).toBe('3')
  expect(run('ignore')).toBe('nothing')
})

test('a terminal is never read, and a stream that nobody writes to is not waited for', async () => {
  expect(await pipedIn(Object.assign(Readable.from(['typed']), { isTTY: true }))).toBeUndefined()
  expect(await pipedIn(new PassThrough())).toBeUndefined()
})

test('more than 8 MiB is refused', async () => {
  const mebibyte = Buffer.alloc(1 << 20)
  await expect(
    pipedIn(Readable.from(Array.from({ length: 9 }, () => mebibyte))),
  ).rejects.toMatchObject({ code: 'input.invalid' })
})
