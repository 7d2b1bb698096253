import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { Journal } from '../../journal/journal.ts'
import { LOGIN_SHELL, type PodTerminal, type PodTerminals } from '../../ports/pods.ts'
import type { Store } from '../../store/open.ts'
import type { Agent } from '../agents/types.ts'
import { agentCan } from '../agents/rules.ts'
import type { Holder } from './holder.ts'
import type { Attachment, Shell, Viewer } from './types.ts'

export interface ShellParts {
  journal: Journal
  store: Store
  terminals: (agent: Agent) => PodTerminals
  /** Takes over a terminal (see `holder.ts`), loaded when the first one opens. */
  hold: (terminal: PodTerminal, size: { columns: number; rows: number }) => Promise<Holder>
}

export interface OpenOptions {
  argv?: string[] | undefined
  columns: number
  rows: number
}

/** Shells that one agent may have open. */
const MOST_OPEN = 16

/** Shells in pods: they belong to the supervisor, so that they outlive every console. */
export class ShellService {
  readonly #parts: ShellParts
  readonly #holders = new Map<string, Holder>()
  readonly #open: { all(): { row: string }[] }

  constructor(parts: ShellParts) {
    this.#parts = parts
    this.#open = parts.store.prepare<[], { row: string }>(
      "SELECT row FROM shell WHERE state = 'open'",
    )
  }

  async list(): Promise<Shell[]> {
    return this.#rows()
  }

  async open(agentName: string, options: OpenOptions, actor: string): Promise<Shell> {
    const agent = this.#attachable(agentName)
    const argv = options.argv ?? [...LOGIN_SHELL]
    const size = { columns: options.columns, rows: options.rows }
    const terminal = await this.#parts
      .terminals(agent)
      .open(agentName, argv, size, { TERM: 'xterm-256color', COLORTERM: 'truecolor' })
    const id = newId('shl')
    const holder = await this.#parts.hold(terminal, size)
    this.#holders.set(id, holder)
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
      this.#holders.delete(id)
      await holder.end()
      throw thrown
    }
    // What the journal cannot take now is healed at the next start, as any shell that nobody holds.
    holder.onExit((code) => {
      this.#ended(id, code, '', 'supervisor').catch(() => undefined)
    })
    return this.#get(id)
  }

  async end(id: string, actor: string): Promise<Shell> {
    await this.#held(id).end()
    await this.#ended(id, null, `ended by ${actor}`, actor)
    return this.#get(id)
  }

  /** Finds an open shell and answers how a viewer takes a seat. Faults: `not.found`, `shell.ended`. */
  join(id: string): (viewer: Viewer, size?: { columns: number; rows: number }) => Attachment {
    const holder = this.#held(id)
    return (viewer, size) => holder.attach(viewer, size)
  }

  /** Ends all shells of an agent whose pod is gone, or is about to go. */
  async dropAgent(agent: string, note: string): Promise<void> {
    for (const shell of this.#rows().filter((s) => s.agent === agent)) await this.#drop(shell, note)
  }

  /** After a crash: ends what an earlier supervisor's shells left in the pods. */
  async reapOrphans(): Promise<void> {
    for (const shell of this.#rows().filter((s) => !this.#holders.has(s.id))) {
      const agent = this.#parts.journal.rows.get<Agent>('agent', shell.agent)
      if (agent !== undefined)
        await this.#parts
          .terminals(agent)
          .reap(shell.agent, shell.handle)
          .catch(() => undefined)
      await this.#ended(shell.id, null, 'the supervisor was restarted', 'supervisor')
    }
  }

  async close(): Promise<void> {
    for (const shell of this.#rows()) await this.#drop(shell, 'the supervisor stopped')
  }

  /** The pod may have taken its processes with it: then there is nothing left to end. */
  async #drop(shell: Shell, note: string): Promise<void> {
    await this.#holders
      .get(shell.id)
      ?.end()
      .catch(() => undefined)
    await this.#ended(shell.id, null, note, 'supervisor')
  }

  async #ended(id: string, exitCode: number | null, note: string, actor: string): Promise<void> {
    const { journal } = this.#parts
    const holder = this.#holders.get(id)
    this.#holders.delete(id)
    await journal.append(() => {
      const shell = journal.rows.get<Shell>('shell', id)
      if (shell?.state !== 'open') return []
      return [
        {
          type: 'shell.ended',
          actor,
          subject: shell.agent,
          body: { id, exitCode, note, bytes: holder?.bytes ?? 0, sha256: holder?.sha256 ?? '' },
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
      throw new Fault('not.found', `no shell ${id}`, {
        hint: '`clawdeck shells list` shows open ones.',
      })
    return shell
  }

  #held(id: string): Holder {
    const holder = this.#holders.get(id)
    if (holder !== undefined) return holder
    const shell = this.#get(id)
    throw new Fault(
      'shell.ended',
      `the shell of ${shell.agent} has ended${shell.note === '' ? '' : `: ${shell.note}`}`,
      { hint: `Open a new one: clawdeck attach ${shell.agent}` },
    )
  }

  #attachable(name: string): Agent {
    const agent = this.#parts.journal.rows.get<Agent>('agent', name)
    if (agent === undefined)
      throw new Fault('agent.unknown', `no agent ${name}`, {
        hint: '`clawdeck list` shows the fleet.',
      })
    const cannot = agentCan.attach(agent)
    if (cannot !== undefined) throw new Fault('not.possible', cannot)
    if (this.#rows().filter((s) => s.agent === name).length >= MOST_OPEN)
      throw new Fault('not.possible', `${name} already has ${MOST_OPEN} shells open`, {
        hint: 'End one: clawdeck shells list',
      })
    return agent
  }
}
