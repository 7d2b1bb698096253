import { setPriority } from 'node:os'
import type { MessagePort } from 'node:worker_threads'
import type { FaultJson } from '../../../base/fault.ts'
import type { WorkerEntry } from '../../../base/worker.ts'
import { openReadOnly, storeFault, type Store } from '../../../store/open.ts'
import { mayMatch, type Prefilter } from './prefilter.ts'
import type { RecordedAnswer } from './types.ts'

/** Which recorded questions are read. */
export interface ReplayQuery {
  database: string
  /** Of one agent; undefined for all. */
  agent?: string | undefined
  /** Unix milliseconds. */
  since?: number | undefined
  /** Only questions that one of these rules may match. */
  prefilters?: readonly Prefilter[] | undefined
}

/** Equal questions of one agent with the same answer. */
export interface QuestionGroup {
  agent: string
  /** The action's text in the journal. */
  action: string
  score: number
  /** `fixed`: the supervisor answered by itself, whatever the policy. */
  was: RecordedAnswer | 'fixed'
  /** Of the latest question. */
  seq: number
  at: number
  times: number
}

/** Some recorded questions, and when they were asked. */
export interface ReplayChunk {
  questions: number
  groups: QuestionGroup[]
  from: number
  until: number
}

export type ReplayReply =
  | { kind: 'chunk'; chunk: ReplayChunk }
  | { kind: 'failed'; fault: FaultJson }
  | { kind: 'end' }
export type ReplayRequest = 'more' | 'close'

/** Events of one chunk: this limits the memory, and how long its reader is busy with it. */
const CHUNK = 500
/** A low priority: nobody waits for this thread except the trial itself. */
const NICE = 10

type QuestionRow = [seq: number, at: number, agent: string, body: string, state: string | null]

/** Reads recorded questions, a chunk for each request. */
export const replayWorker: WorkerEntry<ReplayQuery> = {
  url: import.meta.url,
  name: 'replayWorker',
  run,
}

function run(port: MessagePort, query: ReplayQuery): void {
  // On other systems this would set the priority of the whole process.
  if (process.platform === 'linux') setPriority(NICE)
  const reply = (message: ReplayReply) => port.postMessage(message)
  let store: Store
  let chunks: Iterator<ReplayChunk>
  const guarded = (work: () => void) => {
    try {
      work()
    } catch (thrown) {
      reply({ kind: 'failed', fault: storeFault(thrown, query.database).toJSON() })
    }
  }
  guarded(() => {
    store = openReadOnly(query.database)
    chunks = readChunks(store, query)
  })
  port.on('message', (request: ReplayRequest) =>
    guarded(() => {
      if (request === 'close') {
        store?.close()
        port.close()
        return
      }
      const next = chunks.next()
      reply(next.done === true ? { kind: 'end' } : { kind: 'chunk', chunk: next.value })
    }),
  )
}

function* readChunks(
  store: Store,
  { agent, since, prefilters }: ReplayQuery,
): Generator<ReplayChunk> {
  const last =
    store.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM event').get()?.seq ?? 0
  const where = `type = ? AND seq > ? AND seq <= ?${agent === undefined ? '' : ' AND subject = ?'}${since === undefined ? '' : ' AND at >= ?'} ORDER BY seq LIMIT ${CHUNK}`
  const parameters = [
    ...(agent === undefined ? [] : [agent]),
    ...(since === undefined ? [] : [since]),
  ]
  const decided = store
    .prepare(`SELECT seq, at, subject, body, NULL FROM event WHERE ${where}`)
    .raw()
  const requested = store
    .prepare(
      `SELECT seq, at, subject, body, (SELECT state FROM approval WHERE id = body ->> '$.id') FROM event WHERE ${where}`,
    )
    .raw()
  for (const [type, rows] of [
    ['action.decided', decided],
    ['approval.requested', requested],
  ] as const) {
    for (let seq = 0; ;) {
      const found = rows.all(type, seq, last, ...parameters) as QuestionRow[]
      if (found.length > 0) yield chunkOf(found, type === 'action.decided', prefilters)
      if (found.length < CHUNK) break
      seq = (found.at(-1) as QuestionRow)[0]
    }
  }
}

function chunkOf(
  rows: readonly QuestionRow[],
  isDecided: boolean,
  prefilters: readonly Prefilter[] | undefined,
): ReplayChunk {
  const kinds = new Map<string, Map<string, QuestionGroup>>()
  let [from, until] = [Infinity, -Infinity]
  for (const [seq, at, agent, body, state] of rows) {
    if (at < from) from = at
    if (at > until) until = at
    // The keys after the action are the deck's own, so this text cannot occur in them again.
    const end = body.lastIndexOf(isDecided ? '},"decision":' : '},"expiresAt":') + 1
    const action = body.slice(10, end)
    if (prefilters?.some((prefilter) => mayMatch(prefilter, action)) === false) continue
    const was = isDecided ? decidedAnswer(body, end) : approvalAnswer(state)
    const score = Number.parseInt(body.slice(body.lastIndexOf('"score":') + 8), 10)
    const kind = `${agent} ${was} ${score}`
    const groups = kinds.get(kind) ?? new Map<string, QuestionGroup>()
    const known = groups.get(action)
    if (known === undefined)
      kinds.set(kind, groups.set(action, { agent, action, score, was, seq, at, times: 1 }))
    else {
      known.times++
      known.seq = seq
      known.at = at
    }
  }
  const groups = [...kinds.values()].flatMap((byAction) => [...byAction.values()])
  return { questions: rows.length, groups, from, until }
}

/** `end`: where the action ends in the body. */
function decidedAnswer(body: string, end: number): QuestionGroup['was'] {
  if (body.includes('"layer":"supervisor"', end)) return 'fixed'
  if (body.startsWith('"block"', end + 12)) return 'blocked'
  const lease = body.indexOf(',"lease":', end)
  return body.startsWith('null', lease + 9) ? 'allowed' : 'allowed by a lease'
}

function approvalAnswer(state: string | null): QuestionGroup['was'] {
  if (state === 'allowed') return 'allowed by a person'
  if (state === 'denied') return 'denied by a person'
  return state === 'expired' ? 'expired' : 'waiting'
}
