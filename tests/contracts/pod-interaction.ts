import { createServer, type Server } from 'node:http'
import { expect, it } from 'vitest'
import { longSleep } from '../support/long-sleep.ts'
import { until } from '../support/until.ts'
import {
  collect,
  live,
  noProcessLeft,
  watched,
  type PodAbilities,
  type PodFixture,
  type Up,
} from './pod-fixture.ts'

export function execContract(up: Up, abilities: PodAbilities): void {
  it('runs a command: both streams, exit code, environment', async () => {
    const { exec } = await up('exec-a')
    expect(
      await collect(
        exec.run('exec-a', ['sh', '-c', 'echo out; echo err >&2; exit 5'], { signal: live() }),
      ),
    ).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 5 })
    const { stdout } = await collect(
      exec.run('exec-a', ['env'], { signal: live(), env: { DECK_PROOF: 'a b' } }),
    )
    expect(stdout.split('\n')).toContain('DECK_PROOF=a b')
  })

  it.runIf(abilities.processes)('passes input to a command', async () => {
    const { exec } = await up('exec-in')
    const echoed = await collect(
      exec.run('exec-in', ['cat'], { signal: live(), stdin: Buffer.from('give and take\n') }),
    )
    expect(echoed).toEqual({ stdout: 'give and take\n', stderr: '', exitCode: 0 })
  })

  it('kills a command when aborted', async () => {
    const backend = await up('exec-b')
    const stop = new AbortController()
    const sleep = longSleep()
    const run = (async () => {
      for await (const chunk of backend.exec.run('exec-b', ['sh', '-c', `echo up; ${sleep}`], {
        signal: stop.signal,
      })) {
        if ('data' in chunk) stop.abort()
      }
    })()
    await run.catch(() => undefined)
    expect(stop.signal.aborted).toBe(true)
    if (abilities.processes) await noProcessLeft(backend, 'exec-b', sleep)
  })

  it('runs nothing in a stopped pod', async () => {
    const { exec, lifecycle } = await up('exec-c')
    await lifecycle.stop('exec-c', 100)
    await expect(
      collect(exec.run('exec-c', ['echo', 'x'], { signal: live() })),
    ).rejects.toMatchObject({ name: 'Fault' })
  })
}

export function terminalContract(up: Up, abilities: PodAbilities): void {
  it('takes input, shows output, resizes and ends with an exit code', async () => {
    const { terminals } = await up('term-a')
    const screen = watched(await terminals.open('term-a', ['sh'], { columns: 80, rows: 24 }))
    screen.terminal.write(Buffer.from('echo one-two\r'))
    await until('echoed and answered', () => /one-two\r\n[^]*one-two\r\n/.test(screen.text()))
    screen.terminal.resize(101, 31)
    screen.terminal.write(Buffer.from('stty size\r'))
    await until('resized', () => screen.text().includes('31 101'))
    screen.terminal.write(Buffer.from('exit 7\r'))
    expect(await screen.exit).toBe(7)
  })

  it.skipIf(!abilities.processes)('passes every key on, each by itself', async () => {
    const { terminals } = await up('term-d')
    const screen = watched(await terminals.open('term-d', ['sh'], { columns: 80, rows: 24 }))
    screen.terminal.write(Buffer.from('stty -echo; echo re""ady; cat -v\r'))
    await until('ready', () => screen.text().includes('ready'))
    for (const [key, shown] of [
      ['\u0010', '^P'],
      ['\u0000', '^@'],
    ] as const) {
      screen.terminal.write(Buffer.from(`${key}\n`))
      await until(`${shown} to arrive`, () => screen.text().includes(shown))
    }
    await screen.terminal.kill()
    await screen.exit
  })

  it('kills every process of a terminal', async () => {
    const backend = await up('term-b')
    const screen = watched(
      await backend.terminals.open('term-b', ['sh'], { columns: 80, rows: 24 }),
    )
    const sleep = longSleep()
    if (abilities.processes) screen.terminal.write(Buffer.from(`${sleep} & nohup ${sleep} &\r`))
    screen.terminal.write(Buffer.from('echo re""ady\r'))
    await until('ready', () => screen.text().includes('ready'))
    await screen.terminal.kill()
    await screen.exit
    if (abilities.processes) await noProcessLeft(backend, 'term-b', sleep)
    expect(await backend.lifecycle.inspect('term-b')).toMatchObject({ state: 'running' })
  })

  it('reaps a terminal by its handle, and ignores unknown ones', async () => {
    const backend = await up('term-c')
    const terminal = await backend.terminals.open('term-c', ['sh'], { columns: 80, rows: 24 })
    const screen = watched(terminal)
    const sleep = longSleep()
    if (abilities.processes) terminal.write(Buffer.from(`${sleep} &\r`))
    terminal.write(Buffer.from('echo re""ady\r'))
    await until('ready', () => screen.text().includes('ready'))
    await backend.terminals.reap('term-c', terminal.handle)
    await screen.exit
    if (abilities.processes) await noProcessLeft(backend, 'term-c', sleep)
    await backend.terminals.reap('term-c', terminal.handle)
    await backend.terminals.reap('term-c', 'no such handle')
  })
}

export function doorContract(fixture: () => PodFixture, up: Up): void {
  it('lets the pod reach its door, also after it was closed and opened again', async () => {
    const { doors, exec } = await up('door-a')
    for (const round of ['first', 'second']) {
      const http = greeter(round)
      const door = await doors.open(
        'door-a',
        { port: 3000, socketPath: fixture().doorPath('door-a') },
        (socket) => {
          http.emit('connection', socket)
        },
      )
      const answer = await collect(
        exec.run('door-a', fixture().asking(door.address, '/hello'), { signal: live() }),
      )
      expect(answer).toMatchObject({ stdout: `${round} /hello`, exitCode: 0 })
      await door.close()
      http.closeAllConnections()
    }
  })
}

function greeter(word: string): Server {
  return createServer((request, response) => {
    response.end(`${word} ${request.url}`)
  })
}
