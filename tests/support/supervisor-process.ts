import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deckHome, type Home } from '../../src/config/home.ts'
import type { Agent } from '../../src/domain/agents/types.ts'
import { isListening } from '../../src/wire/listening.ts'
import { openLink } from '../../src/doors/operator/client.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import { until } from './until.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** The built program as a supervisor of its own home, on plain local pods: quick to start, and nothing to install. */
export class SupervisorProcess {
  readonly home: Home
  readonly link: Link
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | undefined

  constructor(root: string, config = '') {
    this.home = deckHome({ CLAWDECK_HOME: root })
    this.link = openLink(this.home.socket, 'cli')
    this.#env = {
      PATH: process.env['PATH'],
      HOME: root,
      CLAWDECK_HOME: root,
      CLAWDECK_LOCAL_PLAIN: '1',
    }
    mkdirSync(dirname(this.home.supervisorLog), { recursive: true, mode: 0o700 })
    writeFileSync(this.home.config, `backend: local\n${config}`)
  }

  /** The most files that the supervisor may open; without it, as many as this process. */
  maxFiles: number | undefined

  /** Begins a start, and does not wait for it. What it says goes to its log, or into pipes. */
  spawn(says: 'log' | 'pipe' = 'log'): ChildProcess {
    const log = says === 'pipe' ? 'pipe' : openSync(this.home.supervisorLog, 'a', 0o600)
    const limit = this.maxFiles === undefined ? '' : `ulimit -n ${this.maxFiles}; `
    const words = ['-c', `${limit}exec "$@"`, 'sh', process.execPath, PROGRAM, 'supervisor', 'run']
    this.#child = spawn('/bin/sh', words, {
      env: this.#env,
      stdio: ['ignore', log, log],
    })
    if (log !== 'pipe') closeSync(log)
    return this.#child
  }

  /** Resolves when the supervisor answers; rejects with its log when it ended instead. */
  async ready(): Promise<void> {
    const child = this.#child
    await until('the supervisor answers', async () => {
      if (child === undefined || child.exitCode !== null)
        throw new Error(`the supervisor ended (${child?.exitCode}):\n${this.log()}`)
      return isListening(this.home.socket)
    })
  }

  async start(): Promise<this> {
    this.spawn()
    await this.ready()
    return this
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Lets it end in order. Pods run on. */
  async terminate(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  /** Ends every pod, then the supervisor: nothing of the test runs on. */
  async end(): Promise<void> {
    try {
      if (!(await isListening(this.home.socket))) await this.start()
      for (const { name } of (await this.link.do('agent.list')) as Agent[])
        await this.link.do('agent.delete', { agent: name, force: true })
    } finally {
      await this.kill()
    }
  }

  log(): string {
    return readFileSync(this.home.supervisorLog, 'utf8')
  }
}
