import { afterEach, describe, expect, it } from 'vitest'
import { TestDeck } from '../support/deck.ts'
import { PUSH, allowed } from '../support/learned.ts'
import type { Why, WhyRule } from '../../src/domain/rules/why/types.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck((act) => cleanups.push(act)).start()

const theRule = async (deck: TestDeck) => (await deck.deck.rules.list({ limit: 1 }))[0]?.id ?? ''
const why = async (deck: TestDeck, id: string) => (await deck.deck.rules.why(id)) as Why

describe('why', () => {
  it('tells the way of an answer, layer by layer, and what would turn it', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const heard = await a1.exec('make all')
    const told = await why(deck, heard.id)
    expect(told).toMatchObject({
      decision: 'require_approval',
      became: 'waiting for a person',
      now: { decision: 'require_approval' },
    })
    expect(told.path.map(({ layer }) => layer)).toEqual([
      'input',
      'risk',
      'lock',
      'policy',
      'lease',
      'rule',
      'default',
    ])
    expect(told.path.filter(({ decided }) => decided).map(({ layer }) => layer)).toEqual([
      'default',
    ])
    expect(told.turns.map(({ command }) => command)).toEqual([
      `clawdeck approvals allow ${heard.id} --uses 10 --minutes 60`,
      `clawdeck policy propose ${heard.id} --width exact`,
      "clawdeck policy add allow --type exec --target 'make all' --agent a1",
      `clawdeck policy propose ${heard.id} --width kind`,
    ])
  })

  it('names the rule that answered, and the evidence that confirmed it', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    for (let i = 0; i < 3; i++) await allowed(deck, a1)
    const fourth = await a1.exec(PUSH)
    const id = await theRule(deck)
    const told = await why(deck, fourth.id)
    expect(told).toMatchObject({
      decision: 'allow',
      rules: [{ id, status: 'confirmed', decision: 'allow' }],
    })
    expect(told.path.find(({ decided }) => decided)).toMatchObject({ layer: 'rule', id })
    expect(told.turns[0]).toMatchObject({ command: `clawdeck policy suspend ${id}` })
    const confirmed = deck.events().find(({ type }) => type === 'rule.confirmed')
    const moved = (await deck.deck.rules.why(String(confirmed?.seq))) as WhyRule
    expect(moved).toMatchObject({ about: 'rule', rule: id, from: 'candidate', to: 'confirmed' })
    expect(moved.evidence.map(({ text }) => text)).toEqual(
      Array.from({ length: 3 }, () => `a person approved: exec ${PUSH}`),
    )
  })

  it('answers for every event of a question, and says where there is none', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const { id } = await allowed(deck, a1)
    for (const type of ['approval.requested', 'approval.decided']) {
      const event = deck.events().find((one) => one.type === type)
      expect(await why(deck, String(event?.seq))).toMatchObject({
        id,
        became: expect.stringContaining('allowed by operator:cli') as string,
      })
    }
    await expect(deck.deck.rules.why('1')).rejects.toMatchObject({
      code: 'not.found',
      message: expect.stringContaining('which is not about a question') as string,
    })
    for (const none of ['act_zzzz', 'apr_none', '99999999', 'policy_none', '999999999999999'])
      await expect(deck.deck.rules.why(none)).rejects.toMatchObject({ code: 'not.found' })
  })
})
