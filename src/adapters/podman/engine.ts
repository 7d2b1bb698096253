import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { hostname, release } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { z } from 'zod'
import { errno, Fault } from '../../base/fault.ts'
import { commands, endProcess } from '../proc.ts'
import { expect, InfoAnswer } from './answers.ts'
import { type CallOptions, PodmanClient } from './client.ts'

const ANSWERS_WITHIN = 5_000
const STARTS_WITHIN = 20_000
const TRIES = 3
const NO_PODMAN =
  'Install Podman (on Debian: apt install podman uidmap slirp4netns), or create agents with --backend local.'

export interface EngineOptions {
  /** The deck's run folder (0700): our own service's socket lies there. */
  run: string
  env: NodeJS.ProcessEnv
  log: (text: string) => void
}

export interface EngineFacts {
  info: z.infer<typeof InfoAnswer>
  /** The engine runs on this machine and kernel: its files and processes can be looked at directly. */
  local: boolean
  /** The account that runs a rootless engine, as this machine sees it. */
  uid: number
  gid: number
}

/**
 * The way to a Podman engine: CONTAINER_HOST, the user's socket, a machine's socket on macOS, and else a service of our
 * own, started when it is needed and started again when it died or hangs. After a restart `onRestart` is called.
 */
export class Engine {
  readonly #options: EngineOptions
  #client: PodmanClient | undefined
  #child: ChildProcess | undefined
  #owned = false
  #reaching: Promise<PodmanClient> | undefined
  #facts: Promise<EngineFacts> | undefined
  #closed = false
  onRestart: () => void = () => undefined

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /** Asks the engine, restarting our own service when it is gone or hangs. Reads are repeated by themselves, acts where `repeat` says so. */
  async call(method: string, path: string, options: CallOptions = {}): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      const client = await this.client()
      try {
        return await client.call(method, path, options)
      } catch (thrown) {
        if (
          !(thrown instanceof Fault) ||
          thrown.code !== 'backend.unavailable' ||
          options.signal?.aborted
        )
          throw thrown
        if (
          !(await this.#recover(client)) ||
          tries >= TRIES ||
          !(options.repeat ?? method === 'GET')
        )
          throw thrown
      }
    }
  }

  /** A client to an engine that answered; finds or starts one first. */
  client(): Promise<PodmanClient> {
    if (this.#closed)
      return Promise.reject(new Fault('backend.unavailable', 'The Podman backend is closed'))
    if (this.#client) return Promise.resolve(this.#client)
    this.#reaching ??= this.#reach().finally(() => {
      this.#reaching = undefined
    })
    return this.#reaching
  }

  facts(): Promise<EngineFacts> {
    this.#facts ??= this.#learn()
    this.#facts.catch(() => {
      this.#facts = undefined
    })
    return this.#facts
  }

  close(): void {
    this.#closed = true
    this.#client?.close()
    if (this.#owned) this.#endService()
  }

  /** Forgets an engine that stopped answering and finds or starts it again; answers whether there is one now. */
  async #recover(stale: PodmanClient): Promise<boolean> {
    if (this.#client === stale) {
      if (await stale.ping(ANSWERS_WITHIN)) return true
      if (this.#client === stale) this.#forget(stale)
    }
    const client = await this.client().catch(() => undefined)
    if (client && !this.#closed) this.onRestart()
    return client !== undefined
  }

  #forget(stale: PodmanClient): void {
    this.#client = undefined
    stale.close()
    if (!this.#owned) return
    this.#options.log('the Podman service stopped answering: starting it again')
    this.#endService()
  }

  async #reach(): Promise<PodmanClient> {
    const given = await this.#given()
    if (given !== undefined) {
      const client = new PodmanClient(given)
      if (await client.ping(ANSWERS_WITHIN)) return (this.#client = client)
      client.close()
      throw new Fault('backend.unavailable', `No Podman answers at ${given}`, {
        hint: 'Is the service up? `systemctl --user start podman.socket`, or unset CONTAINER_HOST.',
      })
    }
    return (this.#client = await this.#ownService())
  }

  /** A socket that someone else provides, where there is one. */
  async #given(): Promise<string | undefined> {
    const { env } = this.#options
    const host = env['CONTAINER_HOST']
    if (host !== undefined && host !== '') {
      if (host.startsWith('unix://')) return host.slice('unix://'.length)
      throw new Fault('backend.unavailable', `CONTAINER_HOST=${host} is not a Unix socket`, {
        hint: 'Forward it (`ssh -N -L /tmp/podman.sock:/run/user/1000/podman/podman.sock host`) and set CONTAINER_HOST=unix:///tmp/podman.sock.',
      })
    }
    if (process.platform === 'darwin') return this.#machineSocket()
    const xdg = env['XDG_RUNTIME_DIR']
    const usual = [
      ...(xdg ? [join(xdg, 'podman', 'podman.sock')] : []),
      ...(process.geteuid?.() === 0 ? ['/run/podman/podman.sock'] : []),
    ]
    for (const path of usual) {
      if (!existsSync(path)) continue
      const client = new PodmanClient(path)
      const answers = await client.ping(ANSWERS_WITHIN)
      client.close()
      if (answers) return path
    }
    return undefined
  }

  async #machineSocket(): Promise<string> {
    try {
      const { stdout } = await promisify(execFile)(
        'podman',
        ['machine', 'inspect', '--format', '{{.ConnectionInfo.PodmanSocket.Path}}'],
        {
          env: this.#options.env,
          timeout: ANSWERS_WITHIN,
        },
      )
      const path = stdout.split('\n')[0]?.trim()
      if (path) return path
    } catch (cause) {
      throw new Fault('backend.unavailable', 'No Podman machine was found', {
        cause,
        hint: '`podman machine init && podman machine start`',
      })
    }
    throw new Fault('backend.unavailable', 'No Podman machine is there', {
      hint: '`podman machine init && podman machine start`',
    })
  }

  async #ownService(): Promise<PodmanClient> {
    const { run, log } = this.#options
    mkdirSync(run, { recursive: true, mode: 0o700 })
    const path = join(run, 'podman.sock')
    const client = new PodmanClient(path)
    this.#owned = true
    if (existsSync(path) && (await client.ping(ANSWERS_WITHIN))) return client
    this.#endService()
    rmSync(path, { force: true })
    await this.#spawn(path)
    const until = Date.now() + STARTS_WITHIN
    while (Date.now() < until && this.#child) {
      if (existsSync(path) && (await client.ping(ANSWERS_WITHIN))) {
        chmodSync(path, 0o600)
        log('started a Podman service of our own')
        return client
      }
      await pause(20)
    }
    this.#endService()
    throw new Fault('backend.unavailable', "Podman's service does not start", {
      hint: `See ${join(run, 'podman.log')}; \`podman info\` in a shell says what is wrong.`,
    })
  }

  #spawn(path: string): Promise<void> {
    const { run, env } = this.#options
    const output = openSync(join(run, 'podman.log'), 'w', 0o600)
    const child = spawn('podman', ['system', 'service', '--time=0', `unix://${path}`], {
      env,
      stdio: ['ignore', output, output],
      detached: true,
      cwd: '/',
    })
    closeSync(output)
    child.unref()
    child.on('exit', () => {
      if (this.#child === child) this.#child = undefined
    })
    return new Promise((started, reject) => {
      child.on('spawn', () => {
        this.#child = child
        started()
      })
      child.on('error', (cause) =>
        reject(
          new Fault(
            'backend.unavailable',
            errno(cause) === 'ENOENT'
              ? 'Podman is not installed'
              : `Podman cannot be run: ${cause.message}`,
            {
              cause,
              hint: NO_PODMAN,
            },
          ),
        ),
      )
    })
  }

  /** Ends the service that we, or an earlier supervisor of this deck, started. The pods do not depend on it. */
  #endService(): void {
    this.#child = undefined
    const socket = `unix://${join(this.#options.run, 'podman.sock')}`
    // Rootless Podman runs itself again in its user namespace: two processes, and either may have outlived the other.
    if (existsSync('/proc/self'))
      for (const { pid, words } of commands())
        if (words.includes(socket) && words.includes('service')) endProcess(pid)
  }

  async #learn(): Promise<EngineFacts> {
    const info = expect(InfoAnswer, await this.call('GET', '/libpod/info'), 'itself')
    const owner = (
      map: { container_id: number; host_id: number }[] | null | undefined,
      mine: number | undefined,
    ): number => map?.find((range) => range.container_id === 0)?.host_id ?? mine ?? 0
    return {
      info,
      local:
        process.platform === 'linux' &&
        info.host.hostname === hostname() &&
        info.host.kernel === release(),
      uid: info.host.security.rootless
        ? owner(info.host.idMappings?.uidmap, process.getuid?.())
        : 0,
      gid: info.host.security.rootless
        ? owner(info.host.idMappings?.gidmap, process.getgid?.())
        : 0,
    }
  }
}
