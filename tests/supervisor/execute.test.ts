import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Act, Caller } from '../../src/commands/act.ts'
import { RIGHTS, type Right, type Role } from '../../src/domain/operators/rules.ts'
import { acts } from '../../src/commands/registry.ts'
import { executor, type Execute } from '../../src/supervisor/execute.ts'
import { yesTo } from '../support/confirmed.ts'
import type { Fault } from '../../src/base/fault.ts'
import type { Deck, Watch } from '../../src/commands/deck.ts'
import { OPERATOR, TestDeck } from '../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** What each act needs, written down by hand: a second opinion on `needs`. */
const NEEDS: Readonly<Record<string, Right>> = {
  'access.await': 'pair',
  'access.confirm': 'own',
  'access.follow': 'own',
  'access.list': 'see',
  'access.pair': 'own',
  'access.pairings': 'see',
  'access.present': 'pair',
  'access.refuse': 'own',
  'access.revoke': 'own',
  'agent.create': 'operate',
  'agent.delete': 'operate',
  'agent.exec': 'operate',
  'agent.get': 'see',
  'agent.inspect': 'see',
  'agent.list': 'see',
  'agent.logs': 'see',
  'agent.openclaw': 'operate',
  'agent.restart': 'operate',
  'agent.restore': 'operate',
  'agent.start': 'operate',
  'agent.stats': 'see',
  'agent.stop': 'operate',
  'agent.trash': 'see',
  'approval.allow': 'decide',
  'approval.deny': 'decide',
  'approval.get': 'see',
  'approval.list': 'see',
  'approval.why': 'see',
  'audit.accept_loss': 'own',
  'audit.checkpoint': 'operate',
  'audit.export': 'operate',
  'audit.rebuild': 'see',
  'audit.search': 'see',
  'audit.tail': 'see',
  'audit.verify': 'see',
  'budget.set': 'operate',
  'deck.watch': 'see',
  'guard.ask': 'ask',
  'guard.refused': 'ask',
  'guard.report': 'ask',
  'guard.wait': 'ask',
  'guard.whoami': 'ask',
  'image.build': 'operate',
  'lab.evaluate': 'see',
  'lab.train': 'see',
  'lab.tune': 'see',
  'lease.list': 'see',
  'lease.revoke': 'operate',
  'operator.add': 'own',
  'operator.key': 'own',
  'operator.list': 'see',
  'operator.me': 'see',
  'operator.rm': 'own',
  'operator.role': 'own',
  'pack.disable': 'operate',
  'pack.enable': 'operate',
  'pack.list': 'see',
  'pack.show': 'see',
  'pack.test': 'see',
  'playbook.apply': 'operate',
  'playbook.list': 'see',
  'playbook.rm': 'operate',
  'playbook.save': 'operate',
  'playbook.suggest': 'see',
  'policy.add': 'operate',
  'policy.explain': 'see',
  'policy.list': 'see',
  'policy.rm': 'operate',
  'policy.show': 'see',
  'policy.test': 'see',
  'policy.validate': 'see',
  'rule.analyze': 'operate',
  'rule.archive': 'operate',
  'rule.confirm': 'operate',
  'rule.edit': 'operate',
  'rule.export': 'operate',
  'rule.get': 'see',
  'rule.import': 'operate',
  'rule.list': 'see',
  'rule.merge': 'operate',
  'rule.missed': 'operate',
  'rule.proposals': 'see',
  'rule.propose': 'operate',
  'rule.recent': 'see',
  'rule.restore': 'operate',
  'rule.resume': 'operate',
  'rule.risky': 'see',
  'rule.simulate': 'see',
  'rule.status': 'see',
  'rule.suspend': 'operate',
  'rule.suspended': 'see',
  'rule.why': 'see',
  'shell.attach': 'operate',
  'shell.end': 'operate',
  'shell.list': 'see',
  'shell.open': 'operate',
  'supervisor.reconcile': 'operate',
  'supervisor.status': 'see',
  'supervisor.stop': 'operate',
  'template.list': 'see',
  'template.show': 'see',
}

/** Who has a right, where that is no owner. */
const WHO_MAY: Partial<Record<Right, Role>> = { ask: 'agent', pair: 'guest' }

const ROLES: readonly Role[] = ['owner', 'operator', 'viewer', 'agent', 'guest']

function callerAs(role: Role): Caller {
  const common = { actor: `test:${role}`, role, signal: new AbortController().signal }
  return role === 'agent'
    ? { ...common, door: 'guard', agent: 'a1' }
    : { ...common, door: 'operator' }
}

/** A device that is trusted, and one that has taken an offer. */
async function pairedDevice({ access }: Deck) {
  const { publicKey } = generateKeyPairSync('ed25519')
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const key = { type: 'ed25519', spki } as const
  const present = async () => {
    const rights = { role: 'viewer', agents: null } as const
    const terms = { kind: 'console', operator: null, rights, seconds: 600 } as const
    const { token } = await access.offer(terms, OPERATOR)
    return access.present({ token, person: 'Eve', device: 'laptop', key }, 'guest')
  }
  const device = await access.confirm((await present()).id, 'bob', OPERATOR)
  const next = await present()
  return { device, next, key, code: next.presented?.code }
}

/** A deck with something of everything that acts are about, and an input for each act. */
async function furnished() {
  const deck = await new TestDeck((act) => cleanups.push(act)).withAccess().start()
  const a1 = await deck.agent('a1')
  const { agents, approvals, shells, rules, playbooks, policy, packs } = deck.deck
  await agents.create({ template: 'reviewer', agent: 'a2', backend: 'memory' }, OPERATOR)
  await agents.create({ template: 'reviewer', agent: 'gone', backend: 'memory' }, OPERATOR)
  await agents.remove('gone', false, OPERATOR)
  for (let i = 0; i < 3; i++) {
    const { id, pending } = await a1.exec('npm run build')
    if (pending) await approvals.allow(id, {}, OPERATOR)
  }
  const lent = await a1.exec('git push origin main')
  await approvals.allow(lent.id, { lease: { uses: 3, minutes: 60 } }, OPERATOR)
  const allowed = await a1.exec('git push origin main')
  const [rule] = await rules.list({ status: 'confirmed', limit: 1 })
  const other = await rules.propose(
    { approval: lent.id, width: 'exact', decision: 'ask', scope: 'project', days: null },
    OPERATOR,
  )
  const third = await rules.propose(
    { approval: lent.id, width: 'kind', decision: 'ask', scope: 'project', days: null },
    OPERATOR,
  )
  await rules.suspend(other.id, '', OPERATOR)
  const playbook = await playbooks.save({ summary: 'build', rules: [rule?.id ?? ''] }, OPERATOR)
  await policy.add({ effect: 'allow', type: 'exec', target: 'ls*', id: 'look' }, OPERATOR)
  await packs.enable('secrets', OPERATOR)
  await deck.deck.operators.add('ada', { role: 'operator', agents: null }, OPERATOR)
  const paired = await pairedDevice(deck.deck)
  const shell = await shells.open('a1', { columns: 80, rows: 24 }, OPERATOR)
  const [lease] = await deck.deck.leases.list('active')
  const waiting = await a1.exec('rm -rf build')
  const asked = await approvals.get(waiting.id)
  const id = rule?.id ?? ''
  const inputs: Record<string, unknown> = {
    'access.await': { id: paired.next.id, token: 'x' },
    'access.confirm': { id: paired.next.id, operator: 'eve', confirm: { code: paired.code } },
    'access.follow': { id: paired.next.id },
    'access.pair': { kind: 'console', scope: 'deck' },
    'access.present': { token: 'x', person: 'Ada', device: 'laptop', key: paired.key },
    'access.refuse': { id: paired.next.id },
    'access.revoke': { id: paired.device.id },
    'agent.create': { template: 'coder', agent: 'a3', backend: 'memory' },
    'agent.delete': { agent: 'a2' },
    'agent.exec': { agent: 'a1', argv: ['pwd'] },
    'agent.get': { agent: 'a1' },
    'agent.inspect': { agent: 'a1' },
    'agent.logs': { agent: 'a1' },
    'agent.openclaw': { agent: 'a1', argv: ['--version'] },
    'agent.restart': { agent: 'a1' },
    'agent.restore': { agent: 'gone' },
    'agent.start': { agent: 'a2' },
    'agent.stop': { agent: 'a1' },
    'approval.allow': yesTo(asked),
    'approval.deny': { ids: [waiting.id], remember: true },
    'approval.get': { id: waiting.id },
    'approval.why': { id: waiting.id },
    'audit.export': { path: join(deck.home.root, 'out.jsonl') },
    'budget.set': { perHour: 3 },
    'guard.ask': {
      type: 'exec',
      target: 'make install',
      argv: [],
      cwd: '',
      reversible: null,
      systems: [],
      goal: '',
      scope: '',
      risk: null,
      extra: {},
    },
    'guard.refused': { reason: 'too many', what: 'questions' },
    'guard.report': {
      id: allowed.id,
      outcome: { result: 'success', exitCode: 0, note: '' },
    },
    'guard.wait': { id: waiting.id, waitMs: 0 },
    'lease.revoke': { id: lease?.id },
    'operator.add': { id: 'bo' },
    'operator.key': { id: 'nightly' },
    'operator.rm': { id: 'ada' },
    'operator.role': { id: 'ada', role: 'viewer' },
    'pack.disable': { name: 'secrets' },
    'pack.enable': { name: 'git-safety' },
    'pack.show': { name: 'secrets' },
    'pack.test': { name: 'secrets' },
    'playbook.apply': { id: playbook.id, act: 'suspend' },
    'playbook.rm': { id: playbook.id },
    'playbook.save': { summary: 'more', rules: [id] },
    'policy.add': { effect: 'allow', type: 'exec', target: 'pwd' },
    'policy.explain': { agent: 'a1' },
    'policy.rm': { id: 'look' },
    'policy.show': { agent: 'a1' },
    'policy.test': { agent: 'a1', type: 'exec', target: 'ls' },
    'policy.validate': { agent: 'a1' },
    'rule.analyze': { repository: deck.home.root },
    'rule.archive': { id },
    'rule.confirm': { id: other.id },
    'rule.edit': { id, summary: 'other words' },
    'rule.export': { path: join(deck.home.root, 'exported') },
    'rule.get': { id },
    'rule.import': { path: deck.home.root },
    'rule.merge': { ids: [third.id, other.id] },
    'rule.missed': { action: allowed.id },
    'rule.proposals': { approval: waiting.id },
    'rule.propose': { approval: waiting.id },
    'rule.restore': { id },
    'rule.resume': { id: other.id },
    'rule.simulate': { what: id },
    'rule.suspend': { id },
    'rule.why': { id },
    'shell.attach': { id: shell.id },
    'shell.end': { id: shell.id },
    'shell.open': { agent: 'a1' },
    'template.show': { name: 'coder' },
  }
  const { journal } = deck.running.composed.record
  return { deck, inputs, execute: executor({ deck: deck.deck, journal }), journal }
}

/** Has an act done to its end, whether it answers or streams. */
async function done(execute: Execute, id: string, input: unknown, caller: Caller): Promise<void> {
  const stop = new AbortController()
  const answer = await execute(id, input, { ...caller, signal: stop.signal })
  if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) return
  for await (const item of answer as AsyncIterable<unknown>) void item
}

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
      expect((acts.get(id) as Act).needs(inputs[id] ?? {}), id).toBe(needs)
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
      body: { door: expect.any(String) },
    })
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
  /** What is no agent's: the deck's version, how it is with who asks, and what agents are made from. */
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
      'approval.list',
      'audit.search',
      'audit.tail',
      'deck.watch',
      'lease.list',
      'shell.list',
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

/** The supervisor ends and looks around also on a full disk; a door that turns an agent away does so in any case. */
const NOTHING_TO_LOSE = ['supervisor.stop', 'supervisor.reconcile', 'guard.refused']

describe('what cannot be written down does not happen', () => {
  /** Files of the deck home, but for the journal and what follows it, and for what every look at a lock makes anew. */
  function files(root: string): string[] {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/deck\.db|search\.db|\.jsonl|checkpoints|head\.json|\/bin\//.test(path))
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
      if (act.audit(input) === 'none' || NOTHING_TO_LOSE.includes(id)) continue
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
      input: '{"effect":"block","target":"dd *","type":"exec"}',
    })
    expect(told[2]?.body).toMatchObject({ of: told[0]?.seq })
    expect(told[4]?.body).toMatchObject({ act: 'policy.rm', code: 'not.found' })
  })
})
