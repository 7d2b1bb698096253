import type { PairingOffer } from '../../src/domain/operators/pairing/types.ts'
import { BotApi, TOKEN } from '../support/bot-api.ts'
import { ChatUser } from '../support/chat-user.ts'
import { until } from '../support/until.ts'
import { agentUp, openDeck, type Deck } from './deck.ts'
import { bytesOfLoading } from './floors.ts'
import { amount, median, percentile, row, type Bench, type Group, type Row } from './harness.ts'
import { doorstep, openAsker, type Asker } from './load.ts'
import { mebibytes, usageOf } from './processes.ts'
import { Relay } from './relay.ts'

const ROWS = [
  'question → message handed to the Bot API',
  'tap → agent released',
  'question → messages of ten chats handed over',
  'ten chats: resident, more',
] as const
const TIMES = 40
const CHATS = 10
/** Beyond a bare relay, which tells and decides nothing. */
const MOST_TIMES = 5
/**
 * The relay brings one line to disk. A tap that follows its message at once waits for two commits
 * in turn, over half of its time: that the message was shown, and the decision. The rest is what
 * the decision teaches, what grammY and zod do with an update, and the answer to the agent.
 */
const MOST_TIMES_TAP = 12
const MOST_MEMORY = 4

interface Times {
  handed: number[]
  released: number[]
  /** The same of a bare relay. */
  bare: { handed: number[]; released: number[] }
}

/** An agent asks, chats at a Bot API server on loopback are told, and a tap decides. */
export const chat: Group = {
  name: 'chat',
  rows: ROWS,
  async run({ program, say }: Bench): Promise<Row[]> {
    const api = await new BotApi().start()
    const telegram = `telegram: { apiRoot: "${api.root}", digestAt: null }\n`
    const deck = await openDeck(program, 'local', telegram)
    try {
      await using relay = await Relay.open()
      const { door } = await agentUp(deck, 'asking')
      const asker = openAsker(await doorstep(deck, 'asking', door), door)
      const before = usageOf(deck.pid).bytes
      await deck.link.do('chat.connect', { token: TOKEN })
      const first = await paired(api, deck, 1)
      say(`${TIMES} questions to one chat`)
      const one = await questions({ api, asker, relay }, [first])
      const all = [first]
      for (let user = 2; user <= CHATS; user++) all.push(await paired(api, deck, user))
      say(`${TIMES} questions to ${CHATS} chats`)
      const ten = await questions({ api, asker, relay }, all)
      const more = mebibytes(usageOf(deck.pid).bytes - before)
      asker.close()
      return [
        times(ROWS[0], { samples: one.handed, floor: one.bare.handed, atMost: 300 }),
        times(ROWS[1], {
          samples: one.released,
          floor: one.bare.released,
          atMost: 100,
          ratio: MOST_TIMES_TAP,
        }),
        times(ROWS[2], { samples: ten.handed, floor: ten.bare.handed, atMost: 300 }),
        row({
          what: ROWS[3],
          value: more,
          unit: 'MiB',
          floor: { what: 'grammY loaded', value: mebibytes(await bytesOfLoading('grammy')) },
          target: { atMost: 40, ratio: MOST_MEMORY },
        }),
      ]
    } finally {
      await deck.dispose()
      await api.stop()
    }
  },
}

function times(
  what: string,
  {
    samples,
    floor,
    atMost,
    ratio = MOST_TIMES,
  }: { samples: number[]; floor: number[]; atMost: number; ratio?: number },
): Row {
  return row({
    what,
    value: percentile(samples, 0.95),
    unit: 'ms',
    floor: { what: 'bare relay', value: percentile(floor, 0.95) },
    target: { atMost, ratio },
    note: `p95; p50 ${amount(median(samples))} ms, bare ${amount(median(floor))}`,
  })
}

async function paired(api: BotApi, { link }: Deck, user: number): Promise<ChatUser> {
  const person = new ChatUser(api, user)
  const offer = { kind: 'telegram', scope: 'deck', role: 'operator' }
  const { pairing, token } = (await link.do('access.pair', offer)) as PairingOffer
  person.says(`/start ${token}`)
  const code = /\d{6}/.exec((await person.sees(/Your code is/)).text)?.[0]
  const named = { id: pairing.id, operator: `person${user}`, confirm: { code } }
  await link.do('access.confirm', named)
  await person.sees(/You are paired/)
  return person
}

/** Asks again and again, waits until all chats are told, and has one of them decide. */
async function questions(
  { api, asker, relay }: { api: BotApi; asker: Asker; relay: Relay },
  people: readonly ChatUser[],
): Promise<Times> {
  const found: Times = { handed: [], released: [], bare: { handed: [], released: [] } }
  for (let i = 0; i < TIMES; i++) {
    const target = `make chat${people.length}n${i}x`
    const told = () => api.called('sendMessage').filter(({ params }) => named(params, target))
    found.bare.handed.push(await relay.send(target, people.length))
    found.bare.released.push(await relay.poll(target))
    const answer = asker.ask(target)
    await until('all are told', () => told().length === people.length)
    const last = told().at(-1)?.at ?? Number.NaN
    const shown = await people[0]?.sees(new RegExp(target))
    if (shown === undefined) throw new Error('nobody is paired')
    const tapped = performance.timeOrigin + performance.now()
    people[0]?.taps(shown, /Allow/)
    const { askedAt, answeredAt, decision } = await answer
    if (decision !== 'allow') throw new Error(`the tap was to allow, but the answer is ${decision}`)
    found.handed.push(last - askedAt)
    found.released.push(answeredAt - tapped)
    await until('all are told the outcome', () =>
      people.every(
        ({ screen }) => screen.findLast(({ text }) => text.includes(target))?.edits === 1,
      ),
    )
  }
  return found
}

function named(params: Record<string, unknown>, target: string): boolean {
  return String(params['text']).includes(`\n${target}\n`)
}
