import fc from 'fast-check'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryBackend } from '../../../src/adapters/memory/backend.ts'
import { parseLine } from '../../../src/adapters/memory/command-line.ts'
import { collect } from '../../contracts/pod-fixture.ts'
import { podSpec } from '../../support/pod-spec.ts'
import { until } from '../../support/until.ts'
import { quote } from '../../../src/base/quote.ts'

const live = (): AbortSignal => new AbortController().signal

describe('a line of the simulated shell', () => {
  it('splits and unquotes words as a shell does', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ minLength: 1 }).filter((word) => !word.includes('\0')),
          { minLength: 1, maxLength: 4 },
        ),
        (words) => {
          expect(
            parseLine(
              words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' '),
              () => '',
            ),
          ).toEqual([{ words, after: ';', toStderr: false }])
        },
      ),
    )
  })

  it('understands operators, variables and comments', () => {
    const names: Record<string, string> = { HOME: '/state/home', '?': '3' }
    expect(
      parseLine('cd "$HOME" && echo $? || exit 2; echo x >&2 # why', (name) => names[name] ?? ''),
    ).toEqual([
      { words: ['cd', '/state/home'], after: ';', toStderr: false },
      { words: ['echo', '3'], after: '&&', toStderr: false },
      { words: ['exit', '2'], after: '||', toStderr: false },
      { words: ['echo', 'x'], after: ';', toStderr: true },
    ])
  })
})

describe('a gated command in a simulated pod', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'deck-'))
  })
  afterEach(() => {
    rmSync(root, { recursive: true, force: true })
  })

  it('asks at the real door, waits, and runs the allowed command', async () => {
    const heard: string[] = []
    const http = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => {
        body += part.toString()
      })
      request.on('end', () => {
        heard.push(`${request.method} ${request.url} ${body.replaceAll('\0', '|')}`)
        if (request.method === 'POST' && request.url?.includes('/exit')) response.end('ok\n')
        else if (request.method === 'POST') response.end('pending apr_1\n')
        else response.end('allow apr_1\nrun git push origin safe\n')
      })
    })
    const { backend } = await gatedPod(root)
    const door = await backend.doors.open(
      'a1',
      { port: 3000, socketPath: join(root, 'a1.sock') },
      (socket) => {
        http.emit('connection', socket)
      },
    )
    const said = await collect(
      backend.exec.run('a1', ['git', 'push', 'origin', 'main'], { signal: live() }),
    )
    expect(said.exitCode).toBe(0)
    expect(said.stdout).toContain('git push origin safe')
    expect(said.stderr).toContain('waiting for the operator')
    expect(heard).toEqual([
      'POST /v1/exec?wait=0&cwd=%2Fworkspace git|push|origin|main|',
      'GET /v1/exec/apr_1?wait=30 ',
      'POST /v1/exec/apr_1/exit?code=0 ',
    ])
    await door.close()
  })

  it('is denied when the door is closed, while other uses of the program run', async () => {
    const { backend } = await gatedPod(root)
    expect(
      await collect(backend.exec.run('a1', ['git', 'push'], { signal: live() })),
    ).toMatchObject({ exitCode: 77, stdout: '' })
    expect(
      await collect(backend.exec.run('a1', ['git', 'status'], { signal: live() })),
    ).toMatchObject({ exitCode: 0 })
  })

  it('is cancelled by Ctrl-C in a terminal that continues', async () => {
    const { backend } = await gatedPod(root)
    const terminal = await backend.terminals.open('a1', ['sh'], { columns: 80, rows: 24 })
    let text = ''
    terminal.onData((data) => {
      text += Buffer.from(data).toString()
    })
    terminal.write(Buffer.from('echo st""art; sleep 4000\r'))
    await until('it sleeps', () => text.includes('start\r\n'))
    terminal.write(Buffer.from('\u0003'))
    terminal.write(Buffer.from('echo ba""ck\r'))
    await until('the shell goes on', () => text.includes('back\r\n'))
    expect(text).toContain('^C')
    await terminal.kill()
  })
})

async function gatedPod(root: string): Promise<ReturnType<typeof memoryBackend>> {
  const memory = memoryBackend()
  const spec = podSpec(root, 'a1')
  const bin = join(root, 'agents', 'a1', 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(
    join(bin, 'git'),
    `#!/bin/sh\nexec "\${0%/*}/guard" gate ${quote(['git', 'push', 'remote add'])} -- "$@"\n`,
  )
  await memory.backend.lifecycle.create(spec)
  await memory.backend.lifecycle.start('a1')
  return memory
}
