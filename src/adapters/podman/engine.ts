import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { hostname, release } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { z } from 'zod'
import { errno, Fault } from '../../base/fault.ts'
import { runningProcesses, killProcess } from '../proc.ts'
import { expect, InfoAnswer } from './answers.ts'
import { type CallOptions, PodmanClient } from './client.ts'

const PING_TIMEOUT_MS = 5_000
const START_TIMEOUT_MS = 20_000
const MAX_TRIES = 3
const RETRY_PAUSE_MS = 200
const NO_PODMAN =
  'Install Podman (on Debian: apt install podman uidmap slirp4netns), or create agents with --backend local.'

interface EngineOptions {
  /** The deck's run folder (0700), for the socket of a service of our own. */
  run: string
  env: NodeJS.ProcessEnv
  log: (text: string) => void
}

export interface EngineFacts {
  info: z.infer<typeof InfoAnswer>
  /**
   * Whether the engine runs on this machine and kernel, so that its files and processes are
   * accessible.
   */
  local: boolean
  /** The account that runs a rootless engine, in ids of this machine. */
  uid: number
  gid: number
}

/**
 * Finds a Podman engine: CONTAINER_HOST, the user's socket, the Podman machine's socket on macOS,
 * or else a service of our own, which is started on demand and restarted when it died or hangs.
 * Calls `onRestart` after a restart.
 */
export class PodmanEngine {
  readonly #options: EngineOptions
  #client: PodmanClient | undefined
  #child: ChildProcess | undefined
  #owned = false
  #connecting: Promise<PodmanClient> | undefined
  #facts: Promise<EngineFacts> | undefined
  #closed = false
  onRestart: () => void = () => undefined

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /**
   * Sends a request, and restarts our own service when it is gone or hangs. GET requests are then
   * repeated, others if `repeat` is set.
   */
  async call(method: string, path: string, options: CallOptions = {}): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      const client = await this.client()
      try {
        return await client.call(method, path, options)
      } catch (thrown) {
        if (!isUnavailable(thrown) || options.signal?.aborted) throw thrown
        const recovered = await this.#recover(client)
        const repeatable = options.repeat ?? method === 'GET'
        if (!recovered || !repeatable || tries >= MAX_TRIES) throw thrown
        // One that is about to end may have answered to the ping.
        await pause(tries * RETRY_PAUSE_MS)
      }
    }
  }

  /** A client of an engine that answered. Finds or starts one first. */
  client(): Promise<PodmanClient> {
    if (this.#closed)
      return Promise.reject(new Fault('backend.unavailable', 'The Podman backend is closed'))
    if (this.#client) return Promise.resolve(this.#client)
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  facts(): Promise<EngineFacts> {
    this.#facts ??= this.#readFacts()
    this.#facts.catch(() => {
      this.#facts = undefined
    })
    return this.#facts
  }

  close(): void {
    this.#closed = true
    this.#client?.close()
    if (this.#owned) this.#killService()
  }

  /**
   * Drops a client whose engine does not answer, and finds or starts one again. Returns whether
   * there is one.
   */
  async #recover(stale: PodmanClient): Promise<boolean> {
    if (this.#client === stale) {
      if (await stale.ping(PING_TIMEOUT_MS)) return true
      if (this.#client === stale) this.#drop(stale)
    }
    const client = await this.client().catch(() => undefined)
    if (client && !this.#closed) this.onRestart()
    return client !== undefined
  }

  #drop(stale: PodmanClient): void {
    this.#client = undefined
    stale.close()
    if (!this.#owned) return
    this.#options.log('the Podman service does not answer: restarting it')
    this.#killService()
  }

  async #connect(): Promise<PodmanClient> {
    const existing = await this.#existingSocket()
    if (existing !== undefined) {
      const client = new PodmanClient(existing)
      if (await client.ping(PING_TIMEOUT_MS)) return (this.#client = client)
      client.close()
      throw new Fault('backend.unavailable', `Podman does not answer at ${existing}`, {
        hint: 'Start it with `systemctl --user start podman.socket`, or unset CONTAINER_HOST.',
      })
    }
    return (this.#client = await this.#startService())
  }

  /** A socket of a service that is not ours, if there is one. */
  async #existingSocket(): Promise<string | undefined> {
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
    const standardPaths = [
      ...(xdg ? [join(xdg, 'podman', 'podman.sock')] : []),
      ...(process.geteuid?.() === 0 ? ['/run/podman/podman.sock'] : []),
    ]
    for (const path of standardPaths) {
      if (!existsSync(path)) continue
      const client = new PodmanClient(path)
      const answers = await client.ping(PING_TIMEOUT_MS)
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
        { env: this.#options.env, timeout: PING_TIMEOUT_MS },
      )
      const path = stdout.split('\n')[0]?.trim()
      if (path) return path
    } catch (cause) {
      throw noMachine(cause)
    }
    throw noMachine()
  }

  async #startService(): Promise<PodmanClient> {
    const { run, log } = this.#options
    mkdirSync(run, { recursive: true, mode: 0o700 })
    const path = join(run, 'podman.sock')
    const client = new PodmanClient(path)
    this.#owned = true
    if (existsSync(path) && (await client.ping(PING_TIMEOUT_MS))) return client
    this.#killService()
    rmSync(path, { force: true })
    await this.#spawn(path)
    const deadline = Date.now() + START_TIMEOUT_MS
    while (Date.now() < deadline && this.#child) {
      if (existsSync(path) && (await client.ping(PING_TIMEOUT_MS))) {
        chmodSync(path, 0o600)
        log('started a Podman service')
        return client
      }
      await pause(20)
    }
    this.#killService()
    throw new Fault('backend.unavailable', "Podman's service does not start", {
      hint: `See ${join(run, 'podman.log')}, or run \`podman info\` in a shell.`,
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
    return new Promise((resolve, reject) => {
      child.on('spawn', () => {
        this.#child = child
        resolve()
      })
      child.on('error', (cause) =>
        reject(
          new Fault(
            'backend.unavailable',
            errno(cause) === 'ENOENT'
              ? 'Podman is not installed'
              : `Podman cannot be run: ${cause.message}`,
            { cause, hint: NO_PODMAN },
          ),
        ),
      )
    })
  }

  /**
   * Kills the service that this or an earlier supervisor of this deck started. Pods do not depend
   * on it.
   */
  #killService(): void {
    this.#child = undefined
    const socket = `unix://${join(this.#options.run, 'podman.sock')}`
    // Rootless Podman starts itself again in its user namespace; either process may outlive the
    // other.
    if (existsSync('/proc/self'))
      for (const { pid, words } of runningProcesses())
        if (words.includes(socket) && words.includes('service')) killProcess(pid)
  }

  async #readFacts(): Promise<EngineFacts> {
    const info = expect(InfoAnswer, await this.call('GET', '/libpod/info'), 'itself')
    const owner = (
      map: { container_id: number; host_id: number }[] | null | undefined,
      ownId: number | undefined,
    ): number => map?.find((range) => range.container_id === 0)?.host_id ?? ownId ?? 0
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

function isUnavailable(thrown: unknown): boolean {
  return thrown instanceof Fault && thrown.code === 'backend.unavailable'
}

function noMachine(cause?: unknown): Fault {
  return new Fault('backend.unavailable', 'No Podman machine was found', {
    cause,
    hint: 'Run `podman machine init && podman machine start`.',
  })
}
