import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { Journal } from '../../journal/journal.ts'
import { LOGIN_SHELL, type PodTerminal, type PodTerminals } from '../../ports/pods.ts'
import type { Store } from '../../store/open.ts'
import type { Agent } from '../agents/types.ts'
import { agentCan } from '../agents/rules.ts'
import type { HeldTerminal } from './held-terminal.ts'
import type { Attachment, Shell, Shells, Viewer } from './types.ts'

interface ShellServiceParts {
  journal: Journal
  store: Store
  terminals: (agent: Agent) => PodTerminals
  /** `holdTerminal`, loaded when the first shell opens. */
  hold: (terminal: PodTerminal, size: { columns: number; rows: number }) => Promise<HeldTerminal>
}

const MAX_OPEN_PER_AGENT = 16

/** Shells in pods. They belong to the supervisor, so that they outlive consoles. */
export class ShellService implements Shells {
  readonly #parts: ShellServiceParts
  readonly #held = new Map<string, HeldTerminal>()
  readonly #open: { all(): { row: string }[] }

  constructor(parts: ShellServiceParts) {
    this.#parts = parts
    this.#open = parts.store.prepare<[], { row: string }>(
      "SELECT row FROM shell WHERE state = 'open'",
    )
  }

  async list(): Promise<Shell[]> {
    return this.#rows()
  }

  async open(
    agentName: string,
    options: { argv?: string[] | undefined; columns: number; rows: number },
    actor: string,
  ): Promise<Shell> {
    const agent = this.#attachable(agentName)
    const argv = options.argv ?? [...LOGIN_SHELL]
    const size = { columns: options.columns, rows: options.rows }
    const terminal = await this.#parts
      .terminals(agent)
      .open(agentName, argv, size, { TERM: 'xterm-256color', COLORTERM: 'truecolor' })
    const id = newId('shl')
    const held = await this.#parts.hold(terminal, size)
    this.#held.set(id, held)
    const title = options.argv === undefined ? 'shell' : options.argv.join(' ').slice(0, 200)
    try {
      await this.#parts.journal.append(() => [
        {
          type: 'shell.opened',
          actor,
          subject: agentName,
          body: { id, title, argv, ...size, handle: terminal.handle },
        },
      ])
    } catch (thrown) {
      this.#held.delete(id)
      await held.end()
      throw thrown
    }
    // If this cannot be journalled, `reapOrphans` does it at the next start.
    held.onExit((exitCode) => {
      this.#journalEnd(id, { exitCode, note: '' }, 'supervisor').catch(() => undefined)
    })
    return this.#get(id)
  }

  async end(id: string, actor: string): Promise<Shell> {
    await this.#heldTerminal(id).end()
    await this.#journalEnd(id, { exitCode: null, note: `ended by ${actor}` }, actor)
    return this.#get(id)
  }

  /**
   * Finds an open shell and returns a function that attaches viewers. Faults: `not.found`,
   * `shell.ended`.
   */
  join(id: string): (viewer: Viewer, size?: { columns: number; rows: number }) => Attachment {
    const held = this.#heldTerminal(id)
    return (viewer, size) => held.attach(viewer, size)
  }

  /** Ends all shells of an agent whose pod ended or is about to. */
  async dropAgent(agent: string, note: string): Promise<void> {
    for (const shell of this.#rows().filter((s) => s.agent === agent)) await this.#drop(shell, note)
  }

  /**
   * After a crash, kills what an earlier supervisor's shells left in the pods: in a paused one
   * nothing ends, so of a frozen agent only once it goes on.
   */
  async reapOrphans(): Promise<void> {
    for (const shell of this.#rows().filter((s) => !this.#held.has(s.id) && !this.#isFrozen(s))) {
      const agent = this.#parts.journal.rows.get<Agent>('agent', shell.agent)
      if (agent !== undefined)
        await this.#parts
          .terminals(agent)
          .reap(shell.agent, shell.handle)
          .catch(() => undefined)
      const end = { exitCode: null, note: 'the supervisor was restarted' }
      await this.#journalEnd(shell.id, end, 'supervisor')
    }
  }

  /** Ends all shells, except where the pod is paused: the next supervisor does that. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const shell of this.#rows().filter((s) => !this.#isFrozen(s)))
      await this.#drop(shell, 'the supervisor stopped')
  }

  #isFrozen({ agent }: Shell): boolean {
    return this.#parts.journal.rows.get<Agent>('agent', agent)?.frozen !== undefined
  }

  async #drop(shell: Shell, note: string): Promise<void> {
    // Fails if the pod is gone, and its processes with it.
    await this.#held
      .get(shell.id)
      ?.end()
      .catch(() => undefined)
    await this.#journalEnd(shell.id, { exitCode: null, note }, 'supervisor')
  }

  async #journalEnd(
    id: string,
    end: { exitCode: number | null; note: string },
    actor: string,
  ): Promise<void> {
    const { journal } = this.#parts
    const held = this.#held.get(id)
    this.#held.delete(id)
    await journal.append(() => {
      const shell = journal.rows.get<Shell>('shell', id)
      if (shell?.state !== 'open') return []
      return [
        {
          type: 'shell.ended',
          actor,
          subject: shell.agent,
          body: { id, ...end, bytes: held?.bytes ?? 0, sha256: held?.sha256 ?? '' },
        },
      ]
    })
  }

  #rows(): Shell[] {
    return this.#open.all().map(({ row }) => JSON.parse(row) as Shell)
  }

  #get(id: string): Shell {
    const shell = this.#parts.journal.rows.get<Shell>('shell', id)
    if (shell === undefined)
      throw new Fault('not.found', `there is no shell ${id}`, {
        hint: 'Run `clawdeck shells list` to see the open shells.',
      })
    return shell
  }

  #heldTerminal(id: string): HeldTerminal {
    const held = this.#held.get(id)
    if (held !== undefined) return held
    const shell = this.#get(id)
    throw new Fault(
      'shell.ended',
      `the shell of ${shell.agent} has ended${shell.note === '' ? '' : `: ${shell.note}`}`,
      { hint: `Open a new one with \`clawdeck attach ${shell.agent}\`.` },
    )
  }

  #attachable(name: string): Agent {
    const agent = this.#parts.journal.rows.get<Agent>('agent', name)
    if (agent === undefined)
      throw new Fault('agent.unknown', `there is no agent ${name}`, {
        hint: 'Run `clawdeck list` to see all agents.',
      })
    const cannot = agentCan.attach(agent)
    if (cannot !== undefined) throw new Fault('not.possible', cannot)
    if (this.#rows().filter((s) => s.agent === name).length >= MAX_OPEN_PER_AGENT)
      throw new Fault('not.possible', `${name} already has ${MAX_OPEN_PER_AGENT} open shells`, {
        hint: 'End one of them: `clawdeck shells list` shows them.',
      })
    return agent
  }
}
