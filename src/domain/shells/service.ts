import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { Journal } from '../../journal/journal.ts'
import { LOGIN_SHELL, type PodTerminal, type PodTerminals } from '../../ports/pods.ts'
import type { Store } from '../../store/open.ts'
import type { Agent } from '../agents/types.ts'
import { agentCan } from '../agents/rules.ts'
import type { Holder } from './holder.ts'
import type { Attachment, Session, Viewer } from './types.ts'

export interface SessionParts {
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
export class SessionService {
  readonly #parts: SessionParts
  readonly #holders = new Map<string, Holder>()
  readonly #open: { all(): { row: string }[] }

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#open = parts.store.prepare<[], { row: string }>(
      "SELECT row FROM session WHERE state = 'open'",
    )
  }

  async list(): Promise<Session[]> {
    return this.#rows()
  }

  async open(agentName: string, options: OpenOptions, actor: string): Promise<Session> {
    const agent = this.#attachable(agentName)
    const argv = options.argv ?? [...LOGIN_SHELL]
    const size = { columns: options.columns, rows: options.rows }
    const terminal = await this.#parts
      .terminals(agent)
      .open(agentName, argv, size, { TERM: 'xterm-256color', COLORTERM: 'truecolor' })
    const id = newId('ses')
    const holder = await this.#parts.hold(terminal, size)
    this.#holders.set(id, holder)
    const title = options.argv === undefined ? 'shell' : options.argv.join(' ').slice(0, 200)
    try {
      await this.#parts.journal.append(() => [
        {
          type: 'session.opened',
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

  async end(id: string, actor: string): Promise<Session> {
    await this.#held(id).end()
    await this.#ended(id, null, `ended by ${actor}`, actor)
    return this.#get(id)
  }

  /** Finds an open shell and answers how a viewer takes a seat. Faults: `not.found`, `session.ended`. */
  join(id: string): (viewer: Viewer, size?: { columns: number; rows: number }) => Attachment {
    const holder = this.#held(id)
    return (viewer, size) => holder.attach(viewer, size)
  }

  /** Ends all shells of an agent whose pod is gone, or is about to go. */
  async dropAgent(agent: string, note: string): Promise<void> {
    for (const session of this.#rows().filter((s) => s.agent === agent))
      await this.#drop(session, note)
  }

  /** After a crash: ends what an earlier supervisor's shells left in the pods. */
  async reapOrphans(): Promise<void> {
    for (const session of this.#rows().filter((s) => !this.#holders.has(s.id))) {
      const agent = this.#parts.journal.rows.get<Agent>('agent', session.agent)
      if (agent !== undefined)
        await this.#parts
          .terminals(agent)
          .reap(session.agent, session.handle)
          .catch(() => undefined)
      await this.#ended(session.id, null, 'the supervisor was restarted', 'supervisor')
    }
  }

  async close(): Promise<void> {
    for (const session of this.#rows()) await this.#drop(session, 'the supervisor stopped')
  }

  /** The pod may have taken its processes with it: then there is nothing left to end. */
  async #drop(session: Session, note: string): Promise<void> {
    await this.#holders
      .get(session.id)
      ?.end()
      .catch(() => undefined)
    await this.#ended(session.id, null, note, 'supervisor')
  }

  async #ended(id: string, exitCode: number | null, note: string, actor: string): Promise<void> {
    const { journal } = this.#parts
    const holder = this.#holders.get(id)
    this.#holders.delete(id)
    await journal.append(() => {
      const session = journal.rows.get<Session>('session', id)
      if (session?.state !== 'open') return []
      return [
        {
          type: 'session.ended',
          actor,
          subject: session.agent,
          body: { id, exitCode, note, bytes: holder?.bytes ?? 0, sha256: holder?.sha256 ?? '' },
        },
      ]
    })
  }

  #rows(): Session[] {
    return this.#open.all().map(({ row }) => JSON.parse(row) as Session)
  }

  #get(id: string): Session {
    const session = this.#parts.journal.rows.get<Session>('session', id)
    if (session === undefined)
      throw new Fault('not.found', `no session ${id}`, {
        hint: '`clawdeck sessions list` shows open ones.',
      })
    return session
  }

  #held(id: string): Holder {
    const holder = this.#holders.get(id)
    if (holder !== undefined) return holder
    const session = this.#get(id)
    throw new Fault(
      'session.ended',
      `the shell of ${session.agent} has ended${session.note === '' ? '' : `: ${session.note}`}`,
      { hint: `Open a new one: clawdeck attach ${session.agent}` },
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
        hint: 'End one: clawdeck sessions list',
      })
    return agent
  }
}
