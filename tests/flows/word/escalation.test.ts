import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { AlertMessage, Channel } from '../../../src/domain/alerts/types.ts'
import type { DeckEvent, EventType } from '../../../src/journal/types.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR, TestDeck, type TestAgent } from '../../support/deck.ts'
import { tempFolder } from '../../support/journal.ts'
import { Receiver } from '../../support/receiver.ts'
import { until } from '../../support/until.ts'

const MINUTE = 60_000
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** A way to reach people that only notes what it was given. */
class Noting implements Channel {
  readonly heard: { who: string; message: AlertMessage }[] = []
  readonly name: string
  problem: string | undefined
  readonly #people: readonly string[]

  constructor(name: string, people: readonly string[] = []) {
    this.name = name
    this.#people = people
  }
  reaches(operator: string): boolean {
    return this.#people.includes(operator)
  }
  async deliver(message: AlertMessage, who: string): Promise<void> {
    if (this.problem !== undefined) throw new Error(this.problem)
    this.heard.push({ who, message })
  }
}

interface Scene {
  clock: ManualClock
  deck: TestDeck
  a1: TestAgent
  phone: Noting
}

async function scene(settings: string): Promise<Scene> {
  const clock = new ManualClock()
  const deck = new TestDeck((act) => cleanups.push(act), clock).withSettings(settings)
  await deck.start()
  return { clock, deck, a1: await deck.agent('a1'), phone: withPhone(deck) }
}

function withPhone(deck: TestDeck): Noting {
  const phone = new Noting('telegram', ['maya'])
  deck.running.composed.alerts.register(phone)
  return phone
}

const of = (deck: TestDeck, ...types: EventType[]) =>
  deck.events().filter(({ type }) => types.includes(type))
const named = (deck: TestDeck, type: EventType, count: number) =>
  until(`${count} ${type}`, () => {
    const found = of(deck, type)
    return found.length >= count && found
  })
const toldOf = (deck: TestDeck, of: number) =>
  deck.event(
    ({ type, body }) =>
      type === 'alert.told' && (body as DeckEvent<'alert.told'>['body']).of === of,
  )

const CHAIN = `
escalation:
  - { after: 1, to: [console, "webhook:ops"] }
  - { after: 3, to: ["operator:maya"] }`

describe('a question that nobody answers', () => {
  test('goes to the next of the chain, step by step, and the last hears that it expired', async () => {
    const { clock, deck, a1, phone } = await scene(CHAIN)
    const { id } = await a1.exec('git push origin main')
    clock.advance(MINUTE)
    const [first] = await named(deck, 'approval.escalated', 1)
    expect(first).toMatchObject({
      subject: 'a1',
      actor: 'supervisor',
      body: { id, step: 1, of: 2, to: ['console', 'webhook:ops'] },
    })
    const told = await toldOf(deck, first?.seq ?? 0)
    expect(told.body).toMatchObject({
      told: [],
      failed: [
        { to: 'console', why: 'no console is open' },
        { to: 'webhook:ops', why: 'there is no webhook ops' },
      ],
    })
    expect(phone.heard).toEqual([])
    clock.advance(2 * MINUTE)
    await until('the phone hears of it', () => phone.heard.length === 1)
    expect(phone.heard[0]).toMatchObject({
      who: 'maya',
      message: {
        kind: 'question',
        step: { number: 2, of: 2 },
        question: { id, agent: 'a1', type: 'exec', target: 'git push origin main' },
        text: expect.stringMatching(/^a1 asks: exec git push origin main \(risk \d+\)$/),
      },
    })
    clock.advance(5 * MINUTE)
    await until('the phone hears the end', () => phone.heard.length === 2)
    expect(phone.heard[1]?.message).toMatchObject({
      kind: 'unanswered',
      text: expect.stringMatching(/^Nobody answered: a1 asks/),
    })
    expect(await a1.wait(id)).toMatchObject({ decision: 'block' })
    expect((await deck.deck.audit.rebuild()).same).toBe(true)
  })

  test('goes no further once somebody decided', async () => {
    const { clock, deck, a1, phone } = await scene(CHAIN)
    const { id } = await a1.exec('git push origin main')
    clock.advance(MINUTE)
    await named(deck, 'approval.escalated', 1)
    await deck.deck.approvals.allow(id, {}, OPERATOR)
    clock.advance(60 * MINUTE)
    await deck.deck.operators.add('ada', { role: 'viewer', agents: null }, OPERATOR)
    expect(of(deck, 'approval.escalated', 'approval.unanswered')).toHaveLength(1)
    expect(phone.heard).toEqual([])
  })

  test('goes on where it was after a crash, and what was not handed over is', async () => {
    const { clock, deck, a1, phone } = await scene(CHAIN)
    const { id } = await a1.exec('git push origin main')
    clock.advance(MINUTE)
    await named(deck, 'alert.told', 1)
    const stuck = Promise.withResolvers<void>()
    phone.deliver = () => stuck.promise
    clock.advance(2 * MINUTE)
    const [, second] = await named(deck, 'approval.escalated', 2)
    await deck.crash()
    stuck.resolve()
    const later = deck.start()
    await later
    const again = withPhone(deck)
    // It began before this phone was there, as if it had been out of reach.
    const failed = await toldOf(deck, second?.seq ?? 0)
    expect(failed.body).toMatchObject({
      told: [],
      failed: [{ to: 'operator:maya', why: 'maya cannot be reached now' }],
    })
    clock.advance(2 * MINUTE)
    await until('the end is told', () => again.heard.length === 1)
    expect(again.heard[0]?.message).toMatchObject({ kind: 'unanswered', question: { id } })
    expect(of(deck, 'approval.escalated')).toHaveLength(2)
  })

  test('that passed several steps while the supervisor was down is told once', async () => {
    const { clock, deck, a1 } = await scene(CHAIN)
    await a1.exec('git push origin main')
    await deck.stop()
    clock.advance(4 * MINUTE)
    await deck.start()
    const [only] = await named(deck, 'approval.escalated', 1)
    expect(only?.body).toMatchObject({
      step: 2,
      to: ['console', 'webhook:ops', 'operator:maya'],
    })
  })

  test('is one that an agent cannot fill with what harms a screen', async () => {
    const { clock, deck, a1, phone } = await scene(
      'escalation: [{ after: 1, to: ["operator:maya"] }]',
    )
    await a1.exec(`echo \u001b]0;pwned\u0007 \u202e ${'x'.repeat(3000)}`)
    clock.advance(MINUTE)
    await until('the phone hears of it', () => phone.heard.length === 1)
    const { text, question } = (phone.heard[0] as Noting['heard'][number]).message
    expect(text).not.toMatch(/[\u0000-\u001f\u007f\u202e]/)
    expect(text.length).toBeLessThan(600)
    expect(question?.target.length).toBe(500)
    const [event] = of(deck, 'approval.escalated')
    expect(JSON.stringify(event?.body).length).toBeLessThan(4000)
  })

  test('reaches a webhook that hears of nothing else, by the event itself', async () => {
    const receiver = await Receiver.open((act) => cleanups.push(act))
    const { clock, deck, a1 } = await scene(
      'escalation: [{ after: 1, to: ["webhook:ops"] }]\nwebhooks: { allowPrivate: [127.0.0.1] }',
    )
    const terms = { id: 'ops', url: receiver.url, events: ['lease.revoked'], agents: ['other'] }
    await deck.deck.webhooks.add(terms, OPERATOR)
    const { id } = await a1.exec('git push origin main')
    clock.advance(MINUTE)
    const [asked] = await receiver.got(1)
    expect(asked?.json.event).toMatchObject({
      type: 'approval.escalated',
      body: { id, question: { agent: 'a1', target: 'git push origin main' } },
    })
    clock.advance(4 * MINUTE)
    await receiver.got(1, 'approval.unanswered')
    expect(receiver.received).toHaveLength(2)
  })
})

describe('quiet hours', () => {
  /** The manual clock begins on the hour, which is some hour here. */
  const quietNow = (): string => {
    const start = new Date(new ManualClock().now())
    const two = (hours: number) => `${String((start.getHours() + hours) % 24).padStart(2, '0')}:00`
    return `"${two(0)}-${two(2)}"`
  }
  const settings = (more = '') =>
    `escalation: [{ after: 1, to: ["operator:maya"] }]\nquietHours: { hours: ${quietNow()}${more} }`

  test('hold back what is not urgent, and end with one summary of all of it', async () => {
    const { clock, deck, a1, phone } = await scene(settings())
    const { id } = await a1.exec('make test')
    await a1.exec('make build')
    clock.advance(MINUTE)
    await named(deck, 'alert.held', 2)
    await deck.deck.approvals.deny(id, {}, OPERATOR)
    clock.advance(5 * MINUTE)
    await named(deck, 'approval.unanswered', 1)
    expect(phone.heard).toEqual([])
    await deck.crash()
    await deck.start()
    const again = withPhone(deck)
    clock.advance(100 * MINUTE)
    const late = await a1.exec('make more')
    expect(late.pending).toBe(true)
    clock.advance(MINUTE)
    await named(deck, 'alert.held', 4)
    clock.advance(4 * MINUTE)
    await named(deck, 'approval.unanswered', 2)
    expect(again.heard).toEqual([])
    clock.advance(10 * MINUTE)
    await until('a summary is told', () => again.heard.length > 0)
    expect(again.heard.map(({ message }) => message)).toMatchObject([
      {
        kind: 'summary',
        summary: { asked: 3, waiting: 0, unanswered: 2 },
        text: '3 questions came in quiet hours: 2 expired unanswered',
      },
    ])
    expect((await deck.deck.audit.rebuild()).same).toBe(true)
    await a1.exec('make awake')
    clock.advance(MINUTE)
    await until('the next one is told at once', () => again.heard.length === 2)
  })

  test('let pass what is urgent', async () => {
    const { clock, a1, phone, deck } = await scene(settings(', urgentRisk: 1'))
    await a1.exec('git push origin main')
    clock.advance(MINUTE)
    await until('it is told', () => phone.heard.length === 1)
    expect(of(deck, 'alert.held')).toEqual([])
  })
})

describe('the program for notifications', () => {
  function program(text: string): { path: string; out: string } {
    const folder = tempFolder((act) => cleanups.push(act))
    const [path, out] = [join(folder, 'notify'), join(folder, 'out')]
    writeFileSync(path, `#!/bin/sh\n${text.replaceAll('OUT', out)}\n`)
    chmodSync(path, 0o755)
    return { path, out }
  }

  test('hears of each question at once, as JSON', async () => {
    const { path, out } = program('cat > OUT; echo "$1" >> OUT')
    const { deck, a1 } = await scene(`notify: { command: [${path}, "a b; $(id)"] }`)
    const { id } = await a1.exec('git push origin main')
    const [event] = await named(deck, 'approval.escalated', 1)
    expect((await toldOf(deck, event?.seq ?? 0)).body).toMatchObject({
      told: ['notify'],
      failed: [],
    })
    const [json, argument] = readFileSync(out, 'utf8').split('\n')
    expect(JSON.parse(json ?? '')).toMatchObject({ kind: 'question', question: { id } })
    expect(argument).toBe('a b; $(id)')
  })

  test('that fails or hangs costs one event for each message, and delays no answer', async () => {
    const { path, out } = program(
      'echo run >> OUT; echo "no screen" >&2; [ "$1" = hang ] && sleep 1000; exit 1',
    )
    const { deck, a1 } = await scene(`notify: { command: [${path}, hang], timeoutSeconds: 0.2 }`)
    const asked = await Promise.all(Array.from({ length: 5 }, (_, i) => a1.exec(`make part${i}`)))
    await named(deck, 'approval.escalated', 5)
    const { id = '' } = asked[0] ?? {}
    expect((await deck.deck.approvals.allow(id, {}, OPERATOR)).state).toBe('allowed')
    const told = await named(deck, 'alert.told', 5)
    expect(told).toHaveLength(5)
    for (const { body } of told as DeckEvent<'alert.told'>[])
      expect(body.failed[0]?.why).toMatch(/it was ended after 0.2 s|it was decided/)
    expect(existsSync(out)).toBe(true)
  })
})
