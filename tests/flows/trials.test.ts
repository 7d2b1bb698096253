import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { OPERATOR, TestDeck, type Heard, type TestAgent } from '../support/deck.ts'
import { PUSH, allowed } from '../support/learned.ts'
import { tempFolder } from '../support/journal.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck((act) => cleanups.push(act)).start()
const signal = new AbortController().signal

async function denied(deck: TestDeck, agent: TestAgent, command: string): Promise<Heard> {
  const heard = await agent.exec(command)
  await deck.deck.approvals.deny(heard.id, {}, OPERATOR)
  return heard
}

const theRule = async (deck: TestDeck) => (await deck.deck.rules.list({ limit: 1 }))[0]?.id ?? ''

describe('a change, tried on the past', () => {
  it('says what a candidate would have let through, once it is confirmed, and changes nothing', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await allowed(deck, a1)
    await allowed(deck, a1)
    await denied(deck, a1, 'make release')
    const rule = (await deck.deck.rules.list({ limit: 5 })).find(
      ({ decision }) => decision === 'allow',
    )
    const before = deck.events().length
    const seen = await deck.deck.rules.simulate({ kind: 'rule', id: rule?.id ?? '' }, { signal })
    expect(seen).toMatchObject({
      questions: 3,
      changed: 2,
      toAllow: 2,
      toAsk: 0,
      toBlock: 0,
      severe: 0,
      leftOut: 0,
      byAgent: [{ agent: 'a1', toAllow: 2 }],
      flips: [{ target: PUSH, was: 'allowed by a person', would: 'allow', times: 2 }],
    })
    expect(seen.change).toContain('confirmed')
    expect(deck.events()).toHaveLength(before)
    expect(await deck.deck.rules.list({ status: 'candidate', limit: 5 })).toHaveLength(2)
  })

  it('says what a confirmed rule answered, that would be asked again without it', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    for (let i = 0; i < 3; i++) await allowed(deck, a1)
    await a1.exec(PUSH)
    await a1.exec(PUSH)
    const seen = await deck.deck.rules.simulate(
      { kind: 'rule', id: await theRule(deck) },
      { signal },
    )
    // What a person was asked before it was confirmed would be asked again: nothing changes there.
    expect(seen).toMatchObject({
      changed: 2,
      toAsk: 2,
      flips: [{ was: 'allowed', would: 'require_approval', times: 2 }],
    })
  })

  it('names first what a person had refused, then what is risky', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1', 'devops')
    const ask = async (target: string, more: object) => {
      const heard = await a1.ask({ type: 'exec', target, ...more })
      return heard.id
    }
    await deck.deck.approvals.allow(await ask('make small', {}), {}, OPERATOR)
    await deck.deck.approvals.deny(await ask('make no', {}), {}, OPERATOR)
    const file = join(
      tempFolder((act) => cleanups.push(act)),
      'p.yaml',
    )
    writeFileSync(file, 'policies:\n  - { id: all, effect: allow, type: exec, target: "make *" }\n')
    const seen = await deck.deck.rules.simulate({ kind: 'file', path: file }, { signal })
    expect(seen).toMatchObject({
      changed: 2,
      toAllow: 2,
      severe: 1,
      flips: [
        { target: 'make no', was: 'denied by a person', severe: true },
        { target: 'make small', severe: false },
      ],
    })
  })

  it('shows what the rule of a pending question would have covered, at three widths', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await allowed(deck, a1, 'git push origin one')
    const asked = await a1.exec('git push origin two')
    const at = async (width: 'exact' | 'kind') =>
      (
        await deck.deck.rules.simulate(
          { kind: 'proposal', approval: asked.id, width, decision: 'allow', scope: 'project' },
          { signal },
        )
      ).flips.map(({ target, was }) => `${target}: ${was}`)
    expect(await at('exact')).toEqual(['git push origin two: waiting'])
    expect(await at('kind')).toEqual([
      'git push origin two: waiting',
      'git push origin one: allowed by a person',
    ])
  })

  it('leaves what a lease answered as it was, unless a policy would have forbidden it', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const { id } = await a1.exec('make all')
    await deck.deck.approvals.allow(id, { lease: { uses: 5, minutes: 10 } }, OPERATOR)
    expect(await a1.exec('make all')).toMatchObject({ decision: 'allow' })
    const policies = (effect: 'ask' | 'block') => ({
      kind: 'policies' as const,
      policies: [{ id: 'p', effect, type: 'exec', target: 'make *' }],
    })
    expect(await deck.deck.rules.simulate(policies('ask'), { signal })).toMatchObject({
      changed: 0,
    })
    expect(
      (await deck.deck.rules.simulate(policies('block'), { signal })).flips.map(
        ({ was, would }) => [was, would],
      ),
    ).toEqual([
      ['allowed by a lease', 'block'],
      ['allowed by a person', 'block'],
    ])
  })

  it('judges an agent that is gone by its template, and says so', async () => {
    const deck = await open()
    await allowed(deck, await deck.agent('a1'), 'make all')
    await deck.deck.agents.remove('a1', true, OPERATOR)
    const seen = await deck.deck.rules.simulate(
      {
        kind: 'policies',
        policies: [{ id: 'p', effect: 'allow', type: 'exec', target: 'make *' }],
      },
      { signal },
    )
    expect(seen).toMatchObject({
      changed: 1,
      leftOut: 0,
      notes: [expect.stringContaining('a1') as string],
    })
  })

  it('looks at one agent, or at what was asked since, if that is wished', async () => {
    const deck = await open()
    await allowed(deck, await deck.agent('a1'), 'make all')
    await allowed(deck, await deck.agent('a2'), 'make all')
    const trial = {
      kind: 'policies' as const,
      policies: [{ id: 'p', effect: 'block' as const, type: 'exec' }],
    }
    expect((await deck.deck.rules.simulate(trial, { agent: 'a2', signal })).byAgent).toMatchObject([
      { agent: 'a2', toBlock: 1 },
    ])
    expect(
      await deck.deck.rules.simulate(trial, { since: Date.now() + 60_000, signal }),
    ).toMatchObject({ questions: 0, changed: 0, from: null, until: null })
  })

  it('takes rules from a rules.json', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    for (let i = 0; i < 3; i++) await allowed(deck, a1)
    const { stored } = await deck.deck.rules.get(await theRule(deck))
    const other = await deck.agent('a2')
    await other.exec(PUSH)
    const file = join(
      tempFolder((act) => cleanups.push(act)),
      'rules.json',
    )
    writeFileSync(
      file,
      JSON.stringify({
        policy_new: { ...stored.rule, id: 'policy_new', scope: 'global', scope_key: '' },
      }),
    )
    expect(
      (await deck.deck.rules.simulate({ kind: 'file', path: file }, { signal })).flips,
    ).toMatchObject([{ agent: 'a2', was: 'waiting', would: 'allow' }])
  })
})

describe('what cannot be tried', () => {
  it('is refused with its reason and its place', async () => {
    const deck = await open()
    const folder = tempFolder((act) => cleanups.push(act))
    const file = (name: string, text: string) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return { kind: 'file' as const, path }
    }
    const tried = (trial: Parameters<typeof deck.deck.rules.simulate>[0]) =>
      deck.deck.rules.simulate(trial, { signal })
    await expect(tried({ kind: 'rule', id: 'policy_none' })).rejects.toMatchObject({
      code: 'not.found',
    })
    await expect(
      tried({
        kind: 'proposal',
        approval: 'apr_none',
        width: 'exact',
        decision: 'allow',
        scope: 'project',
      }),
    ).rejects.toMatchObject({ code: 'not.found' })
    await expect(tried({ kind: 'file', path: join(folder, 'none.yaml') })).rejects.toMatchObject({
      code: 'not.found',
    })
    await expect(tried(file('p.yaml', 'policies:\n  - { effect: maybe }\n'))).rejects.toMatchObject(
      { code: 'policies.invalid', message: expect.stringContaining('p.yaml:2:') as string },
    )
    await expect(tried(file('r.json', '{\n  "a": {\n'))).rejects.toMatchObject({
      code: 'policies.invalid',
      message: expect.stringMatching(/line \d+ column/) as string,
    })
    await expect(tried(file('big.yaml', 'x'.repeat(10 << 20)))).rejects.toMatchObject({
      code: 'policies.invalid',
      message: expect.stringContaining('too large') as string,
    })
    await expect(tried(file('big.json', '['.repeat(10 << 20)))).rejects.toMatchObject({
      code: 'policies.invalid',
    })
    mkdirSync(join(folder, 'folder.json'))
    await expect(tried({ kind: 'file', path: join(folder, 'folder.json') })).rejects.toMatchObject({
      code: 'policies.invalid',
    })
  })

  it('is nothing in an empty journal', async () => {
    const deck = await open()
    expect(
      await deck.deck.rules.simulate({ kind: 'policies', policies: [] }, { signal }),
    ).toMatchObject({ questions: 0, changed: 0, flips: [], from: null })
  })

  it('ends when nobody waits for it any more', async () => {
    const deck = await open()
    const stop = new AbortController()
    stop.abort(new Error('gone'))
    await expect(
      deck.deck.rules.simulate({ kind: 'policies', policies: [] }, { signal: stop.signal }),
    ).rejects.toThrow('gone')
  })
})
