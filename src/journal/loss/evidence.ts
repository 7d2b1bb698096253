import type { Store } from '../../store/open.ts'
import { GENESIS, type Head } from '../chain.ts'
import { hashAt } from '../checkpoint-files.ts'
import type { HeadMark, Mark } from '../head-mark.ts'
import type { Loss } from '../types.ts'

interface Witnesses {
  store: Store
  mark: Pick<HeadMark, 'found' | 'boot' | 'path'>
  /** Copies of events that were written outside of the database, after their commit. */
  copies: readonly { where: string; head: Head | 'changed' | undefined }[]
}

/** The latest event in a database. */
export function headIn(store: Store): Head {
  return (
    store.prepare<[], Head>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1').get() ?? {
      seq: 0,
      hash: GENESIS,
    }
  )
}

/**
 * What is wrong with the end of the journal, by what else knows of it; undefined if it ends with
 * what was last written, as far as a crash can tell. Reads a few rows only.
 */
export function lossAtEnd({ store, mark, copies }: Witnesses): Loss | undefined {
  const head = headIn(store)
  const losses = [
    markedLoss(store, head, mark),
    ...copies.map(({ where, head: copied }) => copiedLoss(store, head, { where, copied })),
  ].filter((loss) => loss !== undefined)
  const [first] = losses
  if (first === undefined) return undefined
  const counts = losses.map(({ lost }) => lost).filter((lost) => lost !== null)
  return { ...first, lost: counts.length === 0 ? null : Math.max(...counts) }
}

function markedLoss(
  store: Store,
  head: Head,
  { found, boot, path }: Witnesses['mark'],
): Loss | undefined {
  if (found === 'missing' && head.seq <= firstMarked(store)) return undefined
  if (typeof found === 'string')
    return {
      after: null,
      lost: null,
      what: `${path} ${found === 'missing' ? 'is missing' : 'was changed'}, so it cannot be told whether the journal is whole`,
    }
  return goneEvents(store, head, found.head) ?? addedEvents(head, found, boot)
}

/** Events that were written and are not there any more. */
function goneEvents(store: Store, head: Head, written: Head): Loss | undefined {
  if (written.seq === 0) return undefined
  if (written.seq > head.seq)
    return {
      after: head.seq,
      lost: written.seq - head.seq,
      what: `it ends at event ${head.seq}, but event ${written.seq} had been written`,
    }
  if (hashAt(store, written.seq) === written.hash) return undefined
  return { after: null, lost: null, what: `event ${written.seq} is not the one that was written` }
}

/**
 * Events that this deck did not write, unless the machine failed and took the latest records with
 * it.
 */
function addedEvents(
  head: Head,
  { head: last, next, boot, closed }: Mark,
  now: string,
): Loss | undefined {
  if (head.seq === last.seq) return undefined
  if (!closed && (boot === '' || boot !== now)) return undefined
  if (!closed && next !== null && next.seq === head.seq && next.hash === head.hash) return undefined
  const from = last.seq + 1
  return {
    after: last.seq,
    lost: 0,
    what: `${from === head.seq ? `event ${from} was` : `events ${from} to ${head.seq} were`} not written by this deck`,
  }
}

function copiedLoss(
  store: Store,
  head: Head,
  { where, copied }: { where: string; copied: Head | 'changed' | undefined },
): Loss | undefined {
  if (copied === undefined) return undefined
  if (copied === 'changed') return { after: null, lost: null, what: `${where} was changed` }
  const gone = goneEvents(store, head, copied)
  return gone === undefined ? undefined : { ...gone, what: `${gone.what} (${where})` }
}

/** Up to this event the journal is older than head marks are. */
function firstMarked(store: Store): number {
  return store.prepare<[], number>('SELECT seq FROM unmarked').pluck().get() ?? 0
}
