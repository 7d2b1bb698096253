import { createHash, type Hash } from 'node:crypto'
import { yielder } from '../../base/yield.ts'
import type { Store } from '../../store/open.ts'
import { brokenLink, GENESIS, lineOf, type StoredEvent } from '../chain.ts'
import type { HeadMark } from '../head-mark.ts'
import type { eventReader } from '../read.ts'
import type { EventBodies } from '../types.ts'

const SLICE = 128

type Digest = NonNullable<EventBodies['journal.loss_accepted']['digest']>

/**
 * Follows the chain of a journal event by event. Broken links are no problem in the part that an
 * owner accepted as it was, provided that it is still the same.
 */
export class ChainWalk {
  seq = 0
  prev = GENESIS
  readonly #upTo: number
  readonly #sha256: string
  readonly #sum: Hash = createHash('sha256')

  constructor(accepted: Digest | undefined) {
    this.#upTo = accepted?.upTo ?? 0
    this.#sha256 = accepted?.sha256 ?? ''
  }

  /** Takes the next event. Returns what is wrong with it. */
  next(event: StoredEvent): string | undefined {
    const inside = event.seq <= this.#upTo
    const broken = inside ? undefined : brokenLink(event, this.seq + 1, this.prev)
    if (broken !== undefined) return broken
    if (inside) this.#sum.update(`${lineOf(event)}\n`)
    if (event.seq === this.#upTo && this.#sum.digest('hex') !== this.#sha256)
      return 'what was accepted up to here is not the same any more'
    this.seq = event.seq
    this.prev = event.hash
    return undefined
  }
}

/** The part of a journal that was accepted although its chain is broken there. */
export function acceptedPart(store: Store): Digest | undefined {
  return acceptances(store)
    .map(({ body }) => body.digest)
    .find((digest) => digest !== null)
}

/**
 * The event by which an owner accepted what a head mark is evidence of, if one did: every record of
 * a mark has another count.
 */
export function acceptedBefore(
  store: Store,
  { found }: Pick<HeadMark, 'found'>,
): number | undefined {
  if (typeof found === 'string') return undefined
  return acceptances(store).find(({ body }) => body.mark === found.count)?.seq
}

/** The latest first. */
function acceptances(store: Store): { seq: number; body: EventBodies['journal.loss_accepted'] }[] {
  return store
    .prepare<[], { seq: number; body: string }>(
      "SELECT seq, body FROM event WHERE type = 'journal.loss_accepted' ORDER BY seq DESC",
    )
    .all()
    .map(({ seq, body }) => ({ seq, body: JSON.parse(body) as never }))
}

/** The digest of all events up to one, whether or not they are chained. */
export async function digestUpTo(
  read: Pick<ReturnType<typeof eventReader>, 'since'>,
  upTo: number,
): Promise<Digest> {
  const sum = createHash('sha256')
  const yieldIfBusy = yielder()
  for (let seq = 0; seq < upTo; await yieldIfBusy()) {
    const slice = read.since(seq, Math.min(SLICE, upTo - seq))
    if (slice.length === 0) break
    for (const event of slice) if (event.seq <= upTo) sum.update(`${lineOf(event)}\n`)
    seq = slice.at(-1)?.seq ?? upTo
  }
  return { upTo, sha256: sum.digest('hex') }
}

/** Whether the chain is broken up to an event, besides where that was accepted. */
export async function chainIsBroken(
  read: Pick<ReturnType<typeof eventReader>, 'since'>,
  upTo: number,
  accepted: Digest | undefined,
): Promise<boolean> {
  const walk = new ChainWalk(accepted)
  const yieldIfBusy = yielder()
  while (walk.seq < upTo) {
    const slice = read.since(walk.seq, SLICE)
    if (slice.length === 0) return true
    for (const event of slice) if (walk.next(event) !== undefined) return true
    await yieldIfBusy()
  }
  return false
}
