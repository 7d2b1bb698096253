import type { ServerResponse } from 'node:http'
import type { Watch } from '../../commands/deck.ts'
import type { RowChange, World, WorldFrame } from '../../commands/wire.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import { BEAT_MS, type PageFrame, type PageReader } from './page-wire.ts'

/** A reader with more unread bytes is skipped, and sent all that waits when it has caught up. */
const MAX_UNREAD_BYTES = 1 << 20

interface Follower {
  watch: Watch
  reader: PageReader
  now: () => number
  /** Aborted when it is cut off; the reason is a fault. */
  signal: AbortSignal
}

/** Tells a page what waits and what was decided, until it is gone or cut off. */
export function follow(response: ServerResponse, { watch, reader, now, signal }: Follower): void {
  let missed = false
  const tell = (frame: PageFrame) => response.write(`${JSON.stringify(frame)}\n`)
  const tellAll = () =>
    tell({ kind: 'all', now: now(), reader, waiting: waitingIn(watch.snapshot()) })
  const ready = (): boolean => {
    missed ||= response.writableLength > MAX_UNREAD_BYTES
    return !missed
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  tellAll()
  const stop = watch.follow((line) => {
    const told = toldIn(line)
    if (told.end !== undefined) response.end(`${JSON.stringify(told.end)}\n`)
    else if (told.approvals.length > 0 && ready())
      tell({ kind: 'some', now: now(), approvals: told.approvals })
  })
  const beat = setInterval(() => {
    if (ready()) tell({ kind: 'beat', now: now() })
  }, BEAT_MS).unref()
  response.on('drain', () => {
    if (!missed) return
    missed = false
    tellAll()
  })
  const cutOff = () => {
    const why = signal.reason instanceof Error ? signal.reason.message : 'the trust has ended'
    if (response.writable) response.end(`${JSON.stringify({ kind: 'end', why })}\n`)
  }
  signal.addEventListener('abort', cutOff, { once: true })
  response.once('close', () => {
    stop()
    clearInterval(beat)
    signal.removeEventListener('abort', cutOff)
  })
  if (signal.aborted) cutOff()
}

function waitingIn({ rows }: World): Approval[] {
  return (rows.approval ?? []).map(([, row]) => row).filter(({ state }) => state === 'pending')
}

interface Told {
  approvals: Approval[]
  end?: PageFrame
}

let latest: { line: string; told: Told } | undefined

/** What a line of the feed tells pages. All followers get the same line: it is read once. */
function toldIn(line: string): Told {
  if (latest?.line !== line) latest = { line, told: read(JSON.parse(line) as WorldFrame) }
  return latest.told
}

function read(frame: WorldFrame): Told {
  if (frame.kind === 'bye') return { approvals: [], end: { kind: 'end', why: frame.reason } }
  if (frame.kind !== 'delta') return { approvals: [] }
  return { approvals: frame.rows.flatMap(approvalIn) }
}

function approvalIn({ noun, row }: RowChange): Approval[] {
  return noun === 'approval' && row !== null ? [row] : []
}
