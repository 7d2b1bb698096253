import { setPriority } from 'node:os'
import type { MessagePort } from 'node:worker_threads'
import type { FaultJson } from '../../../base/fault.ts'
import type { WorkerEntry } from '../../../base/worker.ts'
import { openReadOnly, storeFault, type Store } from '../../../store/open.ts'
import { mayMeet, type Needle } from './prefilter.ts'

/** Which recorded questions are read: of one agent or all, asked since a moment or ever, and only those that one of some rules could speak of. */
export interface Past {
  database: string
  agent?: string | undefined
  since?: number | undefined
  needles?: readonly Needle[] | undefined
}

/** Questions of one agent that were alike in everything, and were answered alike. `action` is its text in the journal. */
export interface Alike {
  agent: string
  action: string
  score: number
  was:
    | 'allowed'
    | 'allowed by a lease'
    | 'blocked'
    | 'fixed'
    | 'allowed by a person'
    | 'denied by a person'
    | 'expired'
    | 'waiting'
  /** The latest of them. */
  seq: number
  at: number
  times: number
}

/** A piece of the past: how many questions were read, those that may matter, and from when to when they are. */
export interface Piece {
  questions: number
  alike: Alike[]
  from: number
  until: number
}

export type ReplayReply =
  | { kind: 'piece'; piece: Piece }
  | { kind: 'failed'; fault: FaultJson }
  | { kind: 'end' }
export type ReplayRequest = 'more' | 'close'

/** Events in one piece: this bounds what is in memory at once, and how long taking it over holds up its reader. */
const PIECE = 500
/** Behind everything that somebody waits for. */
const NICE = 10

type Read = [seq: number, at: number, agent: string, body: string, state: string | null]

/** Reads recorded questions piece by piece, each on request. */
export const replayWorker: WorkerEntry<Past> = { url: import.meta.url, name: 'replayWorker', run }

function run(port: MessagePort, past: Past): void {
  // On other systems this would be the priority of the whole process.
  if (process.platform === 'linux') setPriority(NICE)
  let store: Store
  let pieces: Iterator<Piece>
  const guarded = (act: () => void) => {
    try {
      act()
    } catch (thrown) {
      tell(port, { kind: 'failed', fault: storeFault(thrown, past.database).toJSON() })
    }
  }
  guarded(() => {
    store = openReadOnly(past.database)
    pieces = piecesOf(store, past)
  })
  port.on('message', (request: ReplayRequest) =>
    guarded(() => {
      if (request === 'close') {
        store?.close()
        port.close()
        return
      }
      const next = pieces.next()
      tell(port, next.done === true ? { kind: 'end' } : { kind: 'piece', piece: next.value })
    }),
  )
}

function tell(port: MessagePort, reply: ReplayReply): void {
  port.postMessage(reply)
}

function* piecesOf(store: Store, { agent, since, needles }: Past): Generator<Piece> {
  const last =
    store.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM event').get()?.seq ?? 0
  const where = `type = ? AND seq > ? AND seq <= ?${agent === undefined ? '' : ' AND subject = ?'}${since === undefined ? '' : ' AND at >= ?'} ORDER BY seq LIMIT ${PIECE}`
  const more = [...(agent === undefined ? [] : [agent]), ...(since === undefined ? [] : [since])]
  const decided = store
    .prepare(`SELECT seq, at, subject, body, NULL FROM event WHERE ${where}`)
    .raw()
  const asked = store
    .prepare(
      `SELECT seq, at, subject, body, (SELECT state FROM approval WHERE id = body ->> '$.id') FROM event WHERE ${where}`,
    )
    .raw()
  for (const [type, rows] of [
    ['action.decided', decided],
    ['approval.requested', asked],
  ] as const) {
    for (let seq = 0; ;) {
      const found = rows.all(type, seq, last, ...more) as Read[]
      if (found.length > 0) yield pieceOf(found, type === 'action.decided', needles)
      if (found.length < PIECE) break
      seq = (found.at(-1) as Read)[0]
    }
  }
}

function pieceOf(
  rows: readonly Read[],
  decided: boolean,
  needles: readonly Needle[] | undefined,
): Piece {
  const kinds = new Map<string, Map<string, Alike>>()
  const piece: Piece = { questions: rows.length, alike: [], from: Infinity, until: -Infinity }
  for (const [seq, at, agent, body, state] of rows) {
    if (at < piece.from) piece.from = at
    if (at > piece.until) piece.until = at
    // After the action come keys of the deck's own, in which the same cannot stand again.
    const end = body.lastIndexOf(decided ? '},"decision":' : '},"expiresAt":') + 1
    const action = body.slice(10, end)
    if (needles?.some((needle) => mayMeet(needle, action)) === false) continue
    const was = decided ? answered(body, end) : became(state)
    const score = Number.parseInt(body.slice(body.lastIndexOf('"score":') + 8), 10)
    const kind = `${agent} ${was} ${score}`
    const group = kinds.get(kind) ?? new Map<string, Alike>()
    const known = group.get(action)
    if (known === undefined)
      kinds.set(kind, group.set(action, { agent, action, score, was, seq, at, times: 1 }))
    else {
      known.times++
      known.seq = seq
      known.at = at
    }
  }
  piece.alike = [...kinds.values()].flatMap((group) => [...group.values()])
  return piece
}

/** What the supervisor said by itself is `fixed`: the agent was not governed, or had too much waiting. */
function answered(body: string, from: number): Alike['was'] {
  if (body.includes('"layer":"supervisor"', from)) return 'fixed'
  if (body.startsWith('"block"', from + 12)) return 'blocked'
  const lease = body.indexOf(',"lease":', from)
  return body.startsWith('null', lease + 9) ? 'allowed' : 'allowed by a lease'
}

function became(state: string | null): Alike['was'] {
  if (state === 'allowed') return 'allowed by a person'
  if (state === 'denied') return 'denied by a person'
  return state === 'expired' ? 'expired' : 'waiting'
}
