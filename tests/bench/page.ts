import type { DoorRow } from '../../src/domain/doors/types.ts'
import type { Device, PairingOffer } from '../../src/domain/operators/pairing/types.ts'
import type { Approval } from '../../src/domain/approvals/types.ts'
import { Phone } from '../support/phone.ts'
import { agentUp, openDeck, type Deck } from './deck.ts'
import {
  amount,
  median,
  percentile,
  row,
  wait,
  type Bench,
  type Group,
  type Row,
} from './harness.ts'
import { doorstep, openAsker } from './load.ts'
import { mebibytes, usageOf } from './processes.ts'
import { Relay } from './relay.ts'

const ROWS = [
  'question → page’s stream shows it',
  'tap → agent released',
  'revoked → phone is out',
  '50 phones follow: memory',
] as const
const TIMES = 40
const PHONES = 50
const REVOKED = 20
const SETTLE_MS = 3000
/** Beyond a bare relay, which tells and decides nothing. */
const MOST_TIMES = 5
const MOST_MEMORY = 4

/** An agent asks, phones are told, one of them signs a decision, the agent goes on. */
export const page: Group = {
  name: 'page',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const deck = await openDeck(program)
    const end = new AbortController()
    try {
      const { door } = await agentUp(deck, 'asking')
      const asker = openAsker(await doorstep(deck, 'asking', door), door)
      const served = (await deck.link.do('access.serve', { port: 0 })) as DoorRow
      await using relay = await Relay.open({ isSecure: true })
      await relay.follow()
      const first = new Follower(await paired(deck, served, 0), end.signal)
      await first.shows(() => true, 'all')
      await wait(SETTLE_MS)
      const alone = usageOf(deck.pid).bytes
      const bareAlone = usageOf(relay.pid).bytes
      say(`${PHONES} phones`)
      const others: Follower[] = []
      for (let i = 1; i < PHONES; i++) {
        const other = new Follower(await paired(deck, served, i), end.signal)
        await other.shows(() => true, 'all')
        others.push(other)
        await relay.follow()
      }
      await wait(SETTLE_MS)
      const together = usageOf(deck.pid).bytes
      const bareTogether = usageOf(relay.pid).bytes
      say(`${TIMES} questions, with ${PHONES} phones`)
      const [shown, released]: [number[], number[]] = [[], []]
      const floor: Record<'tell' | 'release', number[]> = { tell: [], release: [] }
      for (let i = 0; i < TIMES; i++) {
        await wait(40 + ((i * 37) % 60))
        const target = `make mark${i}x`
        floor.tell.push(await relay.tell(target))
        floor.release.push(await relay.release(target))
        const answer = asker.ask(target)
        const { at, approval } = await first.shows((one) => one.action.target === target, 'some')
        const tapped = performance.now()
        await first.phone.decide('allow', approval as Approval)
        const { askedAt, answeredAt, decision } = await answer
        if (decision !== 'allow') throw new Error(`the answer is ${decision}, not allow`)
        shown.push(at + performance.timeOrigin - askedAt)
        released.push(answeredAt - performance.timeOrigin - tapped)
      }
      asker.close()
      const out = await revokedInTurn(deck, others.slice(0, REVOKED))
      return [
        timeRow(ROWS[0], { samples: shown, floor: floor.tell, atMost: 150 }),
        timeRow(ROWS[1], { samples: released, floor: floor.release, atMost: 100 }),
        timeRow(ROWS[2], { samples: out, floor: floor.tell, atMost: 1000 }),
        row({
          what: ROWS[3],
          value: mebibytes(together - alone),
          unit: 'MiB',
          floor: { what: 'bare streams', value: mebibytes(bareTogether - bareAlone) },
          target: { atMost: 40, ratio: MOST_MEMORY },
          note: `beyond ${amount(mebibytes(alone))} MiB with one`,
        }),
      ]
    } finally {
      end.abort()
      await deck.dispose()
    }
  },
}

function timeRow(
  what: string,
  { samples, floor, atMost }: { samples: number[]; floor: number[]; atMost: number },
): Row {
  return row({
    what,
    value: percentile(samples, 0.95),
    unit: 'ms',
    floor: { what: 'bare relay', value: percentile(floor, 0.95) },
    target: { atMost, ratio: MOST_TIMES },
    note: `p95 with ${PHONES} phones; p50 ${amount(median(samples))} ms, bare ${amount(median(floor))}`,
  })
}

/** A phone of its own, from an address of its own: those of one address have to take turns. */
async function paired(deck: Deck, served: DoorRow, i: number): Promise<Phone> {
  const phone = await Phone.at(served, `127.0.1.${i + 1}`)
  const terms = { kind: 'device', scope: 'deck', role: 'operator' }
  const { link } = (await deck.link.do('access.pair', terms)) as PairingOffer
  const { id, code } = await phone.present(link)
  const confirmed = { id, operator: `phone${i}`, confirm: { code } }
  await phone.open(((await deck.link.do('access.confirm', confirmed)) as Device).id)
  return phone
}

/** How long each of these phones followed the deck after its device was revoked, in ms. */
async function revokedInTurn(deck: Deck, phones: readonly Follower[]): Promise<number[]> {
  const all: number[] = []
  for (const one of phones) {
    const out = one.shows(() => true, 'end')
    const began = performance.now()
    await deck.link.do('access.revoke', { id: one.phone.device })
    all.push((await out).at - began)
  }
  return all
}

interface Shown {
  at: number
  approval: Approval | undefined
}

/** A phone that follows the deck. */
class Follower {
  readonly phone: Phone
  #awaited:
    | { fits: (approval: Approval) => boolean; kind: string; take: (s: Shown) => void }
    | undefined
  #failed: unknown

  constructor(phone: Phone, end: AbortSignal) {
    this.phone = phone
    void this.#follow(end).catch((thrown: unknown) => {
      this.#failed = thrown
    })
  }

  /** The next frame of a kind that tells of an approval that fits. */
  shows(fits: (approval: Approval) => boolean, kind: 'all' | 'some' | 'end'): Promise<Shown> {
    if (this.#failed !== undefined) throw this.#failed
    return new Promise((take) => {
      this.#awaited = { fits, kind, take }
    })
  }

  async #follow(end: AbortSignal): Promise<void> {
    for await (const frame of this.phone.follow(end)) {
      const at = performance.now()
      const awaited = this.#awaited
      if (awaited === undefined || frame.kind !== awaited.kind) continue
      const approval = frame.kind === 'some' ? frame.approvals.find(awaited.fits) : undefined
      if (frame.kind === 'some' && approval === undefined) continue
      this.#awaited = undefined
      awaited.take({ at, approval })
    }
  }
}
