import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localBackend } from '../../../src/adapters/local/backend.ts'
import { identify, lives } from '../../../src/adapters/local/identity.ts'
import { Records } from '../../../src/adapters/local/record.ts'
import { entering, findTools } from '../../../src/adapters/local/sandbox.ts'
import type { Backend } from '../../../src/ports/pods.ts'
import { collect } from '../../contracts/pods.ts'
import { podSpec } from '../../support/pod-spec.ts'
import { until } from '../../support/until.ts'

const live = (): AbortSignal => new AbortController().signal
const sandboxed =
  (await localBackend({ root: tmpdir(), run: tmpdir(), env: process.env }).probe()).isolation ===
  'sandbox'
let root: string
let opened: Backend[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'deck-'))
  opened = []
})
afterEach(async () => {
  for (const backend of opened) {
    for (const { agent } of await backend.lifecycle.list()) await backend.lifecycle.remove(agent)
    await backend.close()
  }
  rmSync(root, { recursive: true, force: true })
})

function backend(plain: boolean): Backend {
  const made = localBackend({ root, run: join(root, 'run'), env: process.env, plain })
  opened.push(made)
  return made
}

async function sh(
  pods: Backend,
  agent: string,
  script: string,
): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }> {
  return collect(pods.exec.run(agent, ['/bin/sh', '-c', script], { signal: live() }))
}

async function up(pods: Backend, agent: string): Promise<void> {
  await pods.lifecycle.create(podSpec(root, agent))
  await pods.lifecycle.start(agent)
}

describe.each([
  ['plain', true],
  ['sandboxed', false],
] as const)('a %s pod', (_name, plain) => {
  it.runIf(plain || sandboxed)(
    "leaves nothing behind when its supervisor was killed before it knew the pod's processes",
    async () => {
      const first = backend(plain)
      await up(first, 'a1')
      const { pid = 0 } = (await first.lifecycle.inspect('a1')) ?? {}
      const records = new Records(root)
      records.write('a1', {
        ...records.get('a1'),
        keeper: undefined,
        outer: undefined,
        first: undefined,
      })
      expect(lives(identify(pid))).toBe(true)
      await backend(plain).sweep()
      await until('its processes are gone', () => !lives(identify(pid)))
      expect(await first.lifecycle.start('a1')).toMatchObject({ state: 'running' })
    },
  )

  it.runIf(plain || sandboxed)(
    'that ended before its keeper was looked at is known to have ended, and how',
    async () => {
      const pods = backend(plain)
      await pods.lifecycle.create(podSpec(root, 'a1', { argv: ['sh', '-c', 'exit 3'] }))
      await pods.lifecycle.start('a1')
      await until(
        'it has ended',
        async () => (await pods.lifecycle.inspect('a1'))?.state === 'exited',
      )
      const records = new Records(root)
      records.write('a1', {
        ...records.get('a1'),
        keeper: undefined,
        outer: undefined,
        first: undefined,
      })
      expect(await pods.lifecycle.inspect('a1')).toMatchObject({ state: 'exited', exitCode: 3 })
    },
  )

  it.runIf(plain || sandboxed)(
    'outlives its supervisor and is found, used and watched by the next',
    async () => {
      // The first supervisor is a process of its own, killed without a word.
      const script = `
      const { localBackend } = await import(process.argv[1])
      const pods = localBackend({ root: process.argv[2], run: process.argv[2] + '/run', env: process.env, plain: process.argv[3] === 'true' })
      const spec = JSON.parse(process.argv[4])
      await pods.lifecycle.create(spec)
      console.log(JSON.stringify(await pods.lifecycle.start(spec.agent)))
      setInterval(() => {}, 1000)`
      const spec = podSpec(root, 'a1', {
        argv: [
          'sh',
          '-c',
          'trap "exit 9" TERM; echo before; while :; do sleep 4000 & wait $!; done',
        ],
      })
      const module = new URL('../../../src/adapters/local/backend.ts', import.meta.url).href
      const first = spawn(
        process.execPath,
        ['--input-type=module', '-e', script, module, root, String(plain), JSON.stringify(spec)],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      let said = ''
      first.stdout.on('data', (part: Buffer) => {
        said += part.toString()
      })
      const before = await until('it says that it started', () =>
        said.includes('\n') ? (JSON.parse(said) as { pid: number; id: string }) : undefined,
      )
      first.kill('SIGKILL')
      await until('it is gone', () => first.exitCode !== null || first.signalCode !== null)

      const next = backend(plain)
      const changed: string[] = []
      next.lifecycle.watch((agent) => {
        changed.push(agent)
      }, live())
      expect(await next.lifecycle.list()).toMatchObject([
        { agent: 'a1', state: 'running', pid: before.pid, id: before.id },
      ])
      expect(await sh(next, 'a1', 'echo in')).toMatchObject({ stdout: 'in\n', exitCode: 0 })
      expect(changed).toEqual([])
      await until(
        'it takes a signal',
        () => readFileSync(join(root, 'local', 'pods', 'a1', 'stdout.log'), 'utf8') === 'before\n',
      )
      await next.lifecycle.stop('a1', 5000)
      expect(await next.lifecycle.inspect('a1')).toMatchObject({ state: 'exited', exitCode: 9 })
      await until('pushed', () => changed.includes('a1'))
    },
  )

  it.runIf(plain || sandboxed)('is not taken for a stranger that has its pid', async () => {
    const pods = backend(plain)
    await up(pods, 'a1')
    await pods.lifecycle.stop('a1', 0)
    const path = join(root, 'local', 'pods', 'a1', 'pod.json')
    const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    const stranger = { pid: process.pid, began: 'another:1' }
    writeFileSync(path, JSON.stringify({ ...record, keeper: stranger, first: stranger }))
    expect(await pods.lifecycle.inspect('a1')).toMatchObject({ state: 'exited' })
    await pods.lifecycle.stop('a1', 0)
    await pods.sweep()
    expect(await pods.lifecycle.start('a1')).toMatchObject({ state: 'running' })
  })

  it.runIf(plain || sandboxed)(
    'is ended by a sweep when its supervisor died while it came up',
    async () => {
      const pods = backend(plain)
      await up(pods, 'a1')
      const path = join(root, 'local', 'pods', 'a1', 'pod.json')
      const {
        outer: _outer,
        first,
        ...early
      } = JSON.parse(readFileSync(path, 'utf8')) as { outer: unknown; first: { pid: number } }
      writeFileSync(path, JSON.stringify(early))
      await backend(plain).sweep()
      await until('its first process is gone', () => !alive(first.pid))
      expect(await pods.lifecycle.inspect('a1')).toMatchObject({ state: 'exited' })
    },
  )

  it.runIf(plain || sandboxed)('is ended by a sweep when its keeper was killed', async () => {
    const pods = backend(plain)
    await up(pods, 'a1')
    const { keeper, first } = JSON.parse(
      readFileSync(join(root, 'local', 'pods', 'a1', 'pod.json'), 'utf8'),
    ) as { keeper: { pid: number }; first: { pid: number } }
    process.kill(keeper.pid, 'SIGKILL')
    await until('the keeper is gone', () => !alive(keeper.pid))
    await pods.sweep()
    await until('its first process is gone', () => !alive(first.pid))
  })
})

describe.runIf(sandboxed)('the walls of a sandbox', () => {
  it('hide the machine and hold', async () => {
    mkdirSync(join(root, 'secret'))
    const pods = backend(false)
    await up(pods, 'a1')
    expect((await sh(pods, 'a1', `ls ${root} /home /root 2>/dev/null`)).stdout).toBe('')
    expect((await sh(pods, 'a1', 'cat /etc/hosts; cut -d: -f1 /etc/passwd; hostname')).stdout).toBe(
      'agent\nnobody\na1\n',
    )
    expect((await sh(pods, 'a1', 'id -u; id -G')).stdout).toBe('1000\n1000\n')
    expect((await sh(pods, 'a1', 'touch /x /usr/x /etc/x /opt/deck/bin/x')).exitCode).not.toBe(0)
    expect((await sh(pods, 'a1', 'touch /workspace/w /state/s /tmp/t')).exitCode).toBe(0)
    expect(statSync(join(root, 'agents', 'a1', 'workspace', 'w')).isFile()).toBe(true)
    expect((await sh(pods, 'a1', 'unshare -U true')).exitCode).not.toBe(0)
    const { stdout } = await sh(
      pods,
      'a1',
      'grep -E "^(CapEff|CapPrm|NoNewPrivs):" /proc/self/status /proc/1/status; ls /sys/class/net 2>/dev/null; cat /proc/net/dev | tail -n +3 | cut -d: -f1',
    )
    expect(stdout.match(/Cap\w+:\s0{16}/g)).toHaveLength(4)
    expect(stdout.match(/NoNewPrivs:\s1/g)).toHaveLength(2)
    expect(stdout.trim().endsWith('lo')).toBe(true)
    expect((await sh(pods, 'a1', 'env')).stdout).not.toContain('npm_')
  })

  it('leave no folder of the machine within reach while a command enters', async () => {
    const pods = backend(false)
    await up(pods, 'a1')
    const tools = await findTools(process.env)
    if ('what' in tools) throw new Error(tools.what)
    const command = entering(tools, new Records(root).get('a1'), ['true'], {})
    // The pod's processes can look at the command from here on: it has joined their user namespace.
    const entered = [
      ...command.slice(0, command.indexOf(tools.setpriv)),
      '/bin/sh',
      '-c',
      'ls -a . / | sort -u; [ . -ef / ] && echo inside',
    ]
    const { stdout } = await promisify(execFile)(entered[0] ?? '', entered.slice(1), { cwd: '/' })
    expect(stdout).toContain('inside')
    expect(stdout).not.toMatch(/^(home|root|boot)$/m)
  })

  it.runIf(process.geteuid?.() !== 0)('hold the number of processes', async () => {
    const pods = backend(false)
    await pods.lifecycle.create(
      podSpec(root, 'a1', { limits: { memoryMiB: 64, cpus: 1, pids: 20 } }),
    )
    await pods.lifecycle.start('a1')
    const bomb = await sh(
      pods,
      'a1',
      'i=0; while [ $i -lt 60 ]; do sleep 43230 >/dev/null 2>&1 & echo $i; i=$((i+1)); done',
    )
    expect(bomb.stderr).toMatch(/fork/i)
    expect(Number(bomb.stdout.trim().split('\n').at(-1))).toBeLessThan(20)
    expect((await sh(pods, 'a1', 'echo still fine')).stdout).toBe('still fine\n')
  })

  it('cut a log that grows beyond bounds', async () => {
    const pods = backend(false)
    await pods.lifecycle.create(
      podSpec(root, 'a1', {
        argv: [
          'sh',
          '-c',
          'head -c 18000000 /dev/zero | tr "\\0" "x"; echo; while :; do echo on; sleep 0.1; done',
        ],
      }),
    )
    await pods.lifecycle.start('a1')
    const log = join(root, 'local', 'pods', 'a1', 'stdout.log')
    pods.lifecycle.watch(() => undefined, live())
    await until('it is cut and goes on', () =>
      /were dropped\n[^]*on\n/.test(statSync(log).size < 100_000 ? readFileSync(log, 'utf8') : ''),
    )
  })

  it('names a mount that is not there', async () => {
    const pods = backend(false)
    const spec = podSpec(root, 'a1')
    await pods.lifecycle.create({
      ...spec,
      mounts: [...spec.mounts, { source: join(root, 'nowhere'), target: '/data', readOnly: true }],
    })
    await expect(pods.lifecycle.start('a1')).rejects.toMatchObject({
      code: 'backend.failed',
      message: expect.stringContaining('nowhere') as string,
    })
  })

  it('give a terminal of the pod a real one with job control', async () => {
    const pods = backend(false)
    await up(pods, 'a1')
    const terminal = await pods.terminals.open('a1', ['sh'], { columns: 80, rows: 24 })
    let text = ''
    terminal.onData((data) => {
      text += Buffer.from(data).toString()
    })
    terminal.write(Buffer.from('tty; sh -c "echo wait""ing; sleep 4000"\r'))
    await until('it sleeps', () => text.includes('waiting\r\n'))
    expect(text).toMatch(/\/dev\/pts\/\d+/)
    terminal.write(Buffer.from('\u0003'))
    terminal.write(Buffer.from('echo ba""ck\r'))
    await until('the shell is back', () => text.includes('back\r\n'))
    expect(text).not.toContain('job control')
    await terminal.kill()
  })
})

describe('a plain pod', () => {
  it('says what it is, has its own folders, and a door that only this user reaches', async () => {
    const pods = backend(true)
    expect(await pods.probe()).toMatchObject({
      ready: true,
      isolation: 'none',
      title: 'local, not isolated',
      enforces: { network: false, readOnlyRoot: false },
    })
    await up(pods, 'a1')
    const socket = join(root, 'run', 'doors', 'a1.sock')
    const folder = join(root, 'agents', 'a1')
    expect(
      (
        await sh(pods, 'a1', 'pwd; echo $HOME; echo $PATH | cut -d: -f1; echo $CLAWDECK_GUARD')
      ).stdout.split('\n'),
    ).toEqual([
      join(folder, 'workspace'),
      join(folder, 'state', 'home'),
      join(folder, 'bin'),
      `unix:${socket}`,
      '',
    ])
    const http = createServer((_request, response) => {
      response.writeHead(204).end()
    })
    const door = await pods.doors.open('a1', socket, (connection) => {
      http.emit('connection', connection)
    })
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    const status = await new Promise((resolve) => {
      request({ socketPath: socket, agent: false }, (answer) => {
        resolve(answer.statusCode)
      }).end()
    })
    expect(status).toBe(204)
    await door.close()
  })

  it('leaves nothing behind, not even what left its session', async () => {
    const pods = backend(true)
    await pods.lifecycle.create(
      podSpec(root, 'a1', {
        argv: ['sh', '-c', 'setsid sleep 43290 & setsid sleep 43290 & echo $!; wait; sleep 4000'],
      }),
    )
    await pods.lifecycle.start('a1')
    await until('both sleep', async () => (await pods.stats.read(['a1'])).get('a1')?.pids === 3)
    await pods.lifecycle.stop('a1', 0)
    const next = backend(true)
    expect((await next.stats.read(['a1'])).size).toBe(0)
    await up(next, 'a2')
    expect(
      (await sh(next, 'a2', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "')).stdout,
    ).not.toContain('sleep 43290')
  })

  it('has no images: pods are made without', () => {
    expect(backend(true).images).toBeUndefined()
  })
})

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
