import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { Journal } from '../../journal/journal.ts'
import type { PodTerminal, PodTerminals } from '../../ports/pods.ts'
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

export interface OpenOptions { argv?: string[] | undefined; columns: number; rows: number }

/** What a bare attach runs: the best shell that the pod has. */
const SHELL = ['/bin/sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash -l || exec sh -l']
/** Shells that one agent may have open. */
const MOST_OPEN = 16

/** Shells in pods: they belong to the supervisor, so that they outlive every console. */
export function sessionService(parts: SessionParts) {
  const { journal, store } = parts
  const open = store.prepare<[], { row: string }>("SELECT row FROM session WHERE state = 'open'")
  const holders = new Map<string, Holder>()
  const openRows = () => open.all().map(({ row }) => JSON.parse(row) as Session)

  function get(id: string): Session {
    const session = journal.rows.get<Session>('session', id)
    if (session === undefined) throw new Fault('not.found', `no session ${id}`, { hint: '`clawdeck sessions list` shows open ones.' })
    return session
  }

  function held(id: string): Holder {
    const holder = holders.get(id)
    if (holder !== undefined) return holder
    const session = get(id)
    throw new Fault('session.ended', `the shell of ${session.agent} has ended${session.note === '' ? '' : `: ${session.note}`}`, { hint: `Open a new one: clawdeck attach ${session.agent}` })
  }

  async function ended(id: string, exitCode: number | null, note: string, actor: string): Promise<void> {
    const holder = holders.get(id)
    holders.delete(id)
    await journal.append(() => {
      const session = journal.rows.get<Session>('session', id)
      if (session?.state !== 'open') return []
      return [{ type: 'session.ended', actor, subject: session.agent, body: { id, exitCode, note, bytes: holder?.bytes ?? 0, sha256: holder?.sha256 ?? '' } }]
    })
  }

  return {
    async list(): Promise<Session[]> { return openRows() },

    async open(agentName: string, options: OpenOptions, actor: string): Promise<Session> {
      const agent = journal.rows.get<Agent>('agent', agentName)
      if (agent === undefined) throw new Fault('agent.unknown', `no agent ${agentName}`, { hint: '`clawdeck list` shows the fleet.' })
      const cannot = agentCan.attach(agent)
      if (cannot !== undefined) throw new Fault('not.possible', cannot)
      if (openRows().filter((s) => s.agent === agentName).length >= MOST_OPEN) throw new Fault('not.possible', `${agentName} already has ${MOST_OPEN} shells open`, { hint: 'End one: clawdeck sessions list' })
      const argv = options.argv ?? SHELL
      const size = { columns: options.columns, rows: options.rows }
      const terminal = await parts.terminals(agent).open(agentName, argv, size, { TERM: 'xterm-256color', COLORTERM: 'truecolor' })
      const id = newId('ses')
      const holder = await parts.hold(terminal, size)
      holders.set(id, holder)
      const title = options.argv === undefined ? 'shell' : options.argv.join(' ').slice(0, 200)
      try {
        await journal.append(() => [{ type: 'session.opened', actor, subject: agentName, body: { id, title, argv, ...size, handle: terminal.handle } }])
      } catch (thrown) {
        holders.delete(id)
        await holder.end()
        throw thrown
      }
      holder.onExit((code) => { ended(id, code, '', 'supervisor').catch(() => { /* said by the journal itself; healed at the next start */ }) })
      return get(id)
    },

    async end(id: string, actor: string): Promise<Session> {
      const holder = held(id)
      await holder.end()
      await ended(id, null, `ended by ${actor}`, actor)
      return get(id)
    },

    /** Seats a viewer. Faults: `not.found`, `session.ended`. */
    join(id: string): (viewer: Viewer, size?: { columns: number; rows: number }) => Attachment {
      const holder = held(id)
      return (viewer, size) => holder.attach(viewer, size)
    },

    /** Ends all shells of an agent whose pod is gone. */
    async dropAgent(agent: string, note: string): Promise<void> {
      for (const session of openRows().filter((s) => s.agent === agent)) {
        await holders.get(session.id)?.end().catch(() => { /* the pod took its processes with it */ })
        await ended(session.id, null, note, 'supervisor')
      }
    },

    /** After a crash: ends what an earlier supervisor's shells left in the pods. */
    async reapOrphans(): Promise<void> {
      for (const session of openRows().filter((s) => !holders.has(s.id))) {
        const agent = journal.rows.get<Agent>('agent', session.agent)
        if (agent !== undefined) await parts.terminals(agent).reap(session.agent, session.handle).catch(() => { /* the pod may be gone as well */ })
        await ended(session.id, null, 'the supervisor was restarted', 'supervisor')
      }
    },

    async close(): Promise<void> {
      for (const [id, holder] of holders) {
        await holder.end().catch(() => { /* the pod may be gone */ })
        await ended(id, null, 'the supervisor stopped', 'supervisor')
      }
    },
  }
}

export type SessionService = ReturnType<typeof sessionService>
