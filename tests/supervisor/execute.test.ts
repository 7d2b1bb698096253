import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Act, Caller } from '../../src/commands/act.ts'
import { RIGHTS, type Right, type Role } from '../../src/domain/operators/rules.ts'
import { acts } from '../../src/commands/registry.ts'
import type { Execute } from '../../src/supervisor/execute.ts'
import type { Fault } from '../../src/base/fault.ts'
import type { Watch } from '../../src/commands/deck.ts'
import { until } from '../support/until.ts'
import { callerAs, done, furnishedDeck } from './furnished-deck.ts'
import { NEEDS, ROLES, WHO_MAY } from './rights-of-acts.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const furnished = () => furnishedDeck((act) => cleanups.push(act))

describe('who may', () => {
  test('every act is in the table of rights', () => {
    const golden = readFileSync(new URL('acts-without-rights.golden', import.meta.url), 'utf8')
    const untested = [...acts.keys()].filter((id) => NEEDS[id] === undefined)
    expect(untested.map((id) => `${id}\n`).join('')).toBe(golden)
    expect(golden).toBe('')
    expect(Object.keys(NEEDS).filter((id) => !acts.has(id))).toEqual([])
  })

  test('an agent asks and nothing else; a viewer sees and changes nothing', () => {
    expect([...RIGHTS.agent]).toEqual(['ask'])
    expect([...RIGHTS.viewer]).toEqual(['see'])
    for (const [id, act] of acts)
      if (act.needs({}) === 'see' && id !== 'budget.set') expect(act.audit({}), id).toBe('none')
  })

  test('every act is refused to every role without the right, with an event', async () => {
    const { deck, inputs, execute } = await furnished()
    let refusals = 0
    for (const [id, needs] of Object.entries(NEEDS)) {
      const { needs: needed, needsFirst } = acts.get(id) as Act
      expect(needed(inputs[id] ?? {}), id).toBe(needs)
      // Whoever has the one has the other: what is refused first would be refused in any case.
      for (const role of ROLES)
        if (RIGHTS[role].has(needs)) expect(RIGHTS[role].has(needsFirst), id).toBe(true)
      for (const role of ROLES.filter((role) => !RIGHTS[role].has(needs))) {
        await expect(
          done(execute, id, inputs[id] ?? {}, callerAs(role)),
          `${id} as ${role}`,
        ).rejects.toMatchObject({ code: 'refused' })
        refusals++
      }
    }
    const told = deck.events().filter(({ type }) => type === 'act.refused')
    expect(told).toHaveLength(refusals)
    expect(told[0]).toMatchObject({
      actor: expect.stringContaining('test:'),
      body: { door: expect.any(String), times: 1 },
    })
  })

  test('what is tried again and again is told of once a minute', async () => {
    const { deck, execute, clock } = await furnished()
    const refusals = () => deck.events().filter(({ type }) => type === 'act.refused')
    const caller = callerAs('viewer')
    const attempt = async (agent: unknown) =>
      expect(execute('agent.stop', { agent }, caller)).rejects.toMatchObject({ code: 'refused' })
    for (const agent of ['a1', 'a2', 'a2']) await attempt(agent)
    clock.advance(60_000)
    await until('the others are told', () => refusals().length === 2)
    for (const agent of ['no-such', 'x'.repeat(100_000), ...Array<unknown>(50).fill({})])
      await attempt(agent)
    clock.advance(60_000)
    await until('the others are told', () => refusals().length === 4)
    expect(
      refusals().map(({ subject, body }) => [subject, (body as { times: number }).times]),
    ).toEqual([
      ['a1', 1],
      ['a2', 2],
      ['', 1],
      ['', 51],
    ])
  })
})

/** What the answers of an act say, all together. */
async function heard(
  execute: Execute,
  id: string,
  input: unknown,
  caller: Caller,
): Promise<string> {
  const answer = await execute(id, input, caller)
  if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer))
    return id === 'deck.watch'
      ? JSON.stringify((answer as Watch).snapshot())
      : (JSON.stringify(answer) ?? '')
  const items: unknown[] = []
  for await (const item of answer as AsyncIterable<unknown>) items.push(item)
  return JSON.stringify(items)
}

describe('who may for some agents only', () => {
  /**
   * What is no agent's: the deck's version, how it is with who asks, and what agents are made from.
   */
  const EVERYBODYS = ['operator.me', 'supervisor.status', 'template.list', 'template.show']

  test('sees and changes nothing of another agent, by any act', async () => {
    const { deck, inputs, execute } = await furnished()
    const caller: Caller = { ...callerAs('operator'), agents: new Set(['b1']) }
    const head = deck.events().length
    const refused: string[] = []
    for (const [id, needs] of Object.entries(NEEDS)) {
      if (!RIGHTS.operator.has(needs) || EVERYBODYS.includes(id)) continue
      const said = await heard(execute, id, inputs[id] ?? {}, caller).catch((thrown: Fault) => {
        expect(thrown.code, id).toBe('refused')
        refused.push(id)
        return ''
      })
      expect(said, id).not.toMatch(/"(a1|a2|gone)"/)
    }
    expect(
      deck
        .events()
        .slice(head)
        .filter(({ type, actor }) => actor === caller.actor && type !== 'act.refused'),
    ).toEqual([])
    // What is narrowed instead of refused: lists, and what is followed.
    const seen = Object.keys(NEEDS).filter(
      (id) => RIGHTS.operator.has(NEEDS[id] as Right) && !refused.includes(id),
    )
    expect(seen.filter((id) => !EVERYBODYS.includes(id)).toSorted()).toEqual([
      'agent.list',
      'agent.stats',
      'agent.trash',
      'agent_key.list',
      'approval.list',
      'audit.search',
      'audit.tail',
      'deck.watch',
      'egress.list',
      'lease.list',
      'ledger.list',
      'shell.list',
      'signal.list',
    ])
  })

  test('works with an agent that is theirs', async () => {
    const { deck, execute } = await furnished()
    const caller: Caller = { ...callerAs('operator'), agents: new Set(['a2']) }
    await done(execute, 'agent.start', { agent: 'a2' }, caller)
    expect((await deck.deck.agents.get('a2')).phase).toBe('up')
    expect(await heard(execute, 'agent.list', {}, caller)).toContain('"a2"')
    expect(await heard(execute, 'audit.tail', {}, caller)).toContain('"a2"')
  })
})

/**
 * The supervisor ends and looks around also on a full disk; a door that turns an agent away does so
 * in any case.
 */
const NOTHING_TO_LOSE = ['supervisor.stop', 'supervisor.reconcile', 'guard.refused']
/** Whatever happens to the journal, pods are paused; the act fails and says so. */
const DONE_NEVERTHELESS = ['agent.freeze', 'fleet.freeze']

describe('what cannot be written down does not happen', () => {
  /**
   * Files of the deck home, but for the journal and what follows it, and for what every look at a
   * lock makes anew.
   */
  function files(root: string): string[] {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(
        (path) =>
          !/deck\.db|search\.db|deliveries\.db|\.jsonl|checkpoints|head\.json|\/bin\//.test(path),
      )
      .map((path) => `${path} ${statSync(path).mtimeMs}`)
      .toSorted()
  }

  let home: Awaited<ReturnType<typeof furnished>>
  beforeEach(async () => {
    home = await furnished()
  })

  test('neither in the journal, nor in files, nor in pods', async () => {
    const { deck, inputs, execute } = home
    const { store, journal } = deck.running.composed.record
    const before = {
      files: files(deck.home.root),
      pods: await deck.memory.backend.lifecycle.list(),
    }
    const head = journal.head()
    store.pragma('query_only = ON')
    const survived: string[] = []
    for (const [id, act] of acts) {
      const input = inputs[id] ?? {}
      if (act.audit(input) === 'none' || [...NOTHING_TO_LOSE, ...DONE_NEVERTHELESS].includes(id))
        continue
      const role: Role = WHO_MAY[NEEDS[id] as Right] ?? 'owner'
      const failed = await done(execute, id, input, callerAs(role)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (failed === undefined) survived.push(id)
    }
    store.pragma('query_only = OFF')
    expect(survived).toEqual([])
    expect(journal.head()).toEqual(head)
    expect(files(deck.home.root)).toEqual(before.files)
    expect(await deck.memory.backend.lifecycle.list()).toEqual(before.pods)
  })
})

describe('what is written down', () => {
  test('before and after for what has effects elsewhere: what was meant, and what came of it', async () => {
    const { deck, execute } = await furnished()
    const owner = callerAs('owner')
    await done(execute, 'policy.add', { effect: 'block', type: 'exec', target: 'dd *' }, owner)
    await done(execute, 'policy.rm', { id: 'nothing' }, owner).catch(() => undefined)
    const told = deck
      .events()
      .filter(({ type, actor }) => actor === 'test:owner' || type === 'policies.changed')
      .slice(-5)
    expect(told.map(({ type }) => type)).toEqual([
      'act.started',
      'policies.changed',
      'act.finished',
      'act.started',
      'act.failed',
    ])
    expect(told[0]?.body).toMatchObject({
      act: 'policy.add',
      door: 'operator',
      input: '{"confirm":{},"effect":"block","target":"dd *","type":"exec"}',
    })
    expect(told[2]?.body).toMatchObject({ of: told[0]?.seq })
    expect(told[4]?.body).toMatchObject({ act: 'policy.rm', code: 'not.found' })
  })
})
