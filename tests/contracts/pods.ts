import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend, ExecChunk, LogLine, PodSpec, PodTerminal } from '../../src/ports/pods.ts'
import { until } from '../support/until.ts'

/** One backend under test, and what only its own suite knows how to do. */
export interface PodFixture {
  backend: Backend
  /** A spec whose `argv` keeps the pod alive. */
  spec(agent: string): PodSpec
  /** Kills the pod from outside, as a stranger would. */
  crash(agent: string): Promise<void>
  /** A short path for the agent's door socket, in a folder that exists. */
  doorPath(agent: string): string
  /** The command that, run in the pod, prints the body of GET `path` at the door's address. */
  asking(address: string, path: string): string[]
  dispose(): Promise<void>
}

/** What a backend's pods are made of. Without real processes the shell is emulated and leftovers cannot be counted. */
export interface PodAbilities {
  processes: boolean
}

/** The contract of `Backend`, the same for every adapter. The emulated shell needs only `echo`, `sleep`, `exit`, `env`, `stty size`. */
export function describePods(
  name: string,
  open: () => Promise<PodFixture>,
  abilities: PodAbilities,
): void {
  describe(`pods: ${name}`, () => {
    let fixture: PodFixture
    const started: string[] = []
    beforeAll(async () => {
      fixture = await open()
    })
    afterAll(async () => {
      for (const agent of started)
        await fixture.backend.lifecycle.remove(agent).catch(() => undefined)
      await fixture.dispose()
    })

    async function up(agent: string, change: Partial<PodSpec> = {}): Promise<Backend> {
      started.push(agent)
      await fixture.backend.lifecycle.create({ ...fixture.spec(agent), ...change })
      await fixture.backend.lifecycle.start(agent)
      return fixture.backend
    }

    lifecycleContract(() => fixture, up)
    logContract(up)
    execContract(up, abilities)
    terminalContract(up, abilities)
    doorContract(() => fixture, up)
    it('reads usage of running pods only', async () => {
      const { stats } = await up('stats-a')
      const usage = await stats.read(['stats-a', 'stats-none'])
      expect([...usage.keys()]).toEqual(['stats-a'])
      expect(usage.get('stats-a')?.pids).toBeGreaterThan(0)
      expect(usage.get('stats-a')?.memoryBytes).toBeGreaterThan(0)
      expect(usage.get('stats-a')?.cpuPercent).toBeGreaterThanOrEqual(0)
    })
  })
}

type Up = (agent: string, change?: Partial<PodSpec>) => Promise<Backend>
const live = (): AbortSignal => new AbortController().signal

function lifecycleContract(fixture: () => PodFixture, up: Up): void {
  it('reports itself', async () => {
    const report = await fixture().backend.probe()
    expect(report).toMatchObject({ kind: fixture().backend.kind, ready: true })
    expect(report.title).not.toBe('')
  })

  it('creates, starts, stops and removes', async () => {
    const { lifecycle } = fixture().backend
    const created = await lifecycle.create({
      ...fixture().spec('life-a'),
      labels: { deck: 'x', round: '1' },
    })
    expect(created).toMatchObject({ agent: 'life-a', state: 'created' })
    const running = await lifecycle.start('life-a')
    expect(running).toMatchObject({ agent: 'life-a', state: 'running' })
    expect(running.startedAt).toBeGreaterThan(0)
    expect((await lifecycle.list()).filter((pod) => pod.agent === 'life-a')).toMatchObject([
      { state: 'running', labels: { round: '1' } },
    ])
    await lifecycle.stop('life-a', 200)
    expect(await lifecycle.inspect('life-a')).toMatchObject({ state: 'exited' })
    await lifecycle.stop('life-a', 200)
    expect(await lifecycle.start('life-a')).toMatchObject({ state: 'running' })
    await lifecycle.remove('life-a')
    expect(await lifecycle.inspect('life-a')).toBeUndefined()
    expect((await lifecycle.list()).some((pod) => pod.agent === 'life-a')).toBe(false)
  })

  it('says that an unknown agent is not found', async () => {
    const { lifecycle, exec, terminals } = fixture().backend
    expect(await lifecycle.inspect('nobody')).toBeUndefined()
    await expect(lifecycle.start('nobody')).rejects.toMatchObject({ code: 'not.found' })
    await expect(lifecycle.stop('nobody', 10)).rejects.toMatchObject({ code: 'not.found' })
    await expect(collect(exec.run('nobody', ['true'], { signal: live() }))).rejects.toMatchObject({
      code: 'not.found',
    })
    await expect(terminals.open('nobody', ['sh'], { columns: 80, rows: 24 })).rejects.toMatchObject(
      { code: 'not.found' },
    )
  })

  it('refuses hostile names', async () => {
    for (const agent of ['../x', 'a/b', 'a\nb', '', '-rf', 'a\u001b[2J', '.', 'a'.repeat(200)]) {
      await expect(
        fixture().backend.lifecycle.create({ ...fixture().spec('plain'), agent }),
        JSON.stringify(agent),
      ).rejects.toMatchObject({ name: 'Fault' })
    }
  })

  it('knows the exit code and pushes the end of a pod that ends by itself', async () => {
    const seen = watching(fixture().backend)
    const { lifecycle } = await up('life-exit', { argv: ['sh', '-c', 'echo bye; exit 3'] })
    const facts = await until('exited', async () => {
      const now = await lifecycle.inspect('life-exit')
      return now?.state === 'exited' ? now : undefined
    })
    expect(facts.exitCode).toBe(3)
    await until('pushed', () => seen.names.includes('life-exit'))
    seen.stop()
  })

  it('pushes the death of a pod killed behind our back', async () => {
    const { lifecycle } = await up('life-kill')
    const seen = watching(fixture().backend)
    await fixture().crash('life-kill')
    await until('pushed', () => seen.names.includes('life-kill'))
    await until(
      'seen as exited',
      async () => (await lifecycle.inspect('life-kill'))?.state === 'exited',
    )
    seen.stop()
  })
}

function logContract(up: Up): void {
  it('tails and follows logs, and ends when told', async () => {
    const { logs } = await up('logs-a', {
      argv: ['sh', '-c', 'echo one; sleep 0.3; echo two; sleep 4300'],
    })
    const stop = new AbortController()
    const lines: LogLine[] = []
    for await (const line of logs.read('logs-a', { tail: 10, follow: true, signal: stop.signal })) {
      lines.push(line)
      if (line.text === 'two') stop.abort()
    }
    expect(lines).toMatchObject([
      { stream: 'stdout', text: 'one' },
      { stream: 'stdout', text: 'two' },
    ])
    expect(lines[0]?.at).toBeGreaterThan(1_600_000_000_000)
    const tail: LogLine[] = []
    for await (const line of logs.read('logs-a', { tail: 1, follow: false, signal: live() }))
      tail.push(line)
    expect(tail.map((line) => line.text)).toEqual(['two'])
  })
}

function execContract(up: Up, abilities: PodAbilities): void {
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

  it.runIf(abilities.processes)('gives a command its input', async () => {
    const { exec } = await up('exec-in')
    const echoed = await collect(
      exec.run('exec-in', ['cat'], { signal: live(), stdin: Buffer.from('give and take\n') }),
    )
    expect(echoed).toEqual({ stdout: 'give and take\n', stderr: '', exitCode: 0 })
  })

  it('ends a command when aborted', async () => {
    const backend = await up('exec-b')
    const stop = new AbortController()
    const run = (async () => {
      for await (const chunk of backend.exec.run('exec-b', ['sh', '-c', 'echo up; sleep 43210'], {
        signal: stop.signal,
      })) {
        if ('data' in chunk) stop.abort()
      }
    })()
    await run.catch(() => undefined)
    expect(stop.signal.aborted).toBe(true)
    if (abilities.processes) await nothingLeft(backend, 'exec-b', 'sleep 43210')
  })

  it('runs nothing in a stopped pod', async () => {
    const { exec, lifecycle } = await up('exec-c')
    await lifecycle.stop('exec-c', 100)
    await expect(
      collect(exec.run('exec-c', ['echo', 'x'], { signal: live() })),
    ).rejects.toMatchObject({ name: 'Fault' })
  })
}

function terminalContract(up: Up, abilities: PodAbilities): void {
  it('types, shows, resizes and ends with an exit code', async () => {
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

  it('ends every process of a killed terminal', async () => {
    const backend = await up('term-b')
    const screen = watched(
      await backend.terminals.open('term-b', ['sh'], { columns: 80, rows: 24 }),
    )
    if (abilities.processes)
      screen.terminal.write(Buffer.from('sleep 43211 & nohup sleep 43211 &\r'))
    screen.terminal.write(Buffer.from('echo re""ady\r'))
    await until('ready', () => screen.text().includes('ready'))
    await screen.terminal.kill()
    await screen.exit
    if (abilities.processes) await nothingLeft(backend, 'term-b', 'sleep 43211')
    expect(await backend.lifecycle.inspect('term-b')).toMatchObject({ state: 'running' })
  })

  it('reaps a terminal by its handle, and forgives unknown ones', async () => {
    const backend = await up('term-c')
    const terminal = await backend.terminals.open('term-c', ['sh'], { columns: 80, rows: 24 })
    const screen = watched(terminal)
    if (abilities.processes) terminal.write(Buffer.from('sleep 43212 &\r'))
    terminal.write(Buffer.from('echo re""ady\r'))
    await until('ready', () => screen.text().includes('ready'))
    await backend.terminals.reap('term-c', terminal.handle)
    await screen.exit
    if (abilities.processes) await nothingLeft(backend, 'term-c', 'sleep 43212')
    await backend.terminals.reap('term-c', terminal.handle)
    await backend.terminals.reap('term-c', 'no such handle')
  })
}

function doorContract(fixture: () => PodFixture, up: Up): void {
  it('lets the pod reach its door, again after it was closed', async () => {
    const { doors, exec } = await up('door-a')
    for (const round of ['first', 'second']) {
      const http = greeter(round)
      const door = await doors.open('door-a', fixture().doorPath('door-a'), (socket) => {
        http.emit('connection', socket)
      })
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

/** Everything a command said, and how it ended. */
export async function collect(
  chunks: AsyncIterable<ExecChunk>,
): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }> {
  const said = { stdout: '', stderr: '', exitCode: undefined as number | undefined }
  for await (const chunk of chunks) {
    if ('exitCode' in chunk) said.exitCode = chunk.exitCode
    else said[chunk.stream] += Buffer.from(chunk.data).toString()
  }
  return said
}

function watching(backend: Backend): { names: string[]; stop(): void } {
  const names: string[] = []
  const stop = new AbortController()
  backend.lifecycle.watch((agent) => {
    names.push(agent)
  }, stop.signal)
  return {
    names,
    stop: () => {
      stop.abort()
    },
  }
}

function watched(terminal: PodTerminal): {
  terminal: PodTerminal
  text(): string
  exit: Promise<number>
} {
  let text = ''
  const exit = new Promise<number>((resolve) => {
    terminal.onExit(resolve)
  })
  terminal.onData((data) => {
    text += Buffer.from(data).toString()
  })
  return { terminal, text: () => text, exit }
}

/** Awaits that no process in the pod has `command` as its words. */
async function nothingLeft(backend: Backend, agent: string, command: string): Promise<void> {
  const listing =
    'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " < $f; echo; done 2>/dev/null; true'
  await until(`no ${command} left`, async () => {
    const { stdout } = await collect(
      backend.exec.run(agent, ['sh', '-c', listing], { signal: live() }),
    )
    return !stdout.split('\n').some((line) => line.trim() === command)
  })
}
