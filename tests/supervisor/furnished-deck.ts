import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Caller } from '../../src/commands/act.ts'
import { plainQuestion } from '../../src/domain/policy/normalise.ts'
import { comparedPart } from '../../src/domain/agents/keys/rules.ts'
import type { Role } from '../../src/domain/operators/rules.ts'
import { executor, type Execute } from '../../src/supervisor/execute.ts'
import { refusedActs } from '../../src/supervisor/refusals.ts'
import { ManualClock } from '../support/clock.ts'
import { yesTo } from '../support/confirmed.ts'
import type { Deck } from '../../src/commands/deck.ts'
import { OPERATOR, TestDeck } from '../support/deck.ts'

export function callerAs(role: Role): Caller {
  const common = { actor: `test:${role}`, role, signal: new AbortController().signal }
  return role === 'agent'
    ? { ...common, door: 'guard', agent: 'a1' }
    : { ...common, door: 'operator' }
}

function fail(what: string): never {
  throw new Error(what)
}

/** Nobody listens there. */
const UNUSED_URL = 'http://127.0.0.1:9/'

/** A device that is trusted, and one that has taken an offer. */
async function pairedDevice({ access }: Deck) {
  const newKey = () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    return { type: 'ed25519', spki } as const
  }
  const present = async () => {
    const rights = { role: 'viewer', agents: null } as const
    const terms = { kind: 'console', operator: null, rights, seconds: 600 } as const
    const { token } = await access.offer(terms, OPERATOR)
    return access.present({ token, person: 'Eve', device: 'laptop', identity: newKey() }, 'guest')
  }
  const device = await access.confirm((await present()).id, 'bob', OPERATOR)
  const next = await present()
  return { device, next, key: newKey(), code: next.presented?.code }
}

/** The key of an agent outside of pods, and the request to trust it. */
async function requestedKey({ agents, agentKeys }: Deck, folder: string) {
  await agents.create({ template: 'coder', agent: 'far', backend: 'outside' }, OPERATOR)
  const key = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' })
  const offer = { agent: 'far', key: key.toString() }
  const file = join(folder, 'far.pub')
  writeFileSync(file, offer.key)
  return { offer, file, request: await agentKeys.request(offer, 'guest') }
}

/** A deck with something of everything that acts are about, and an input for each act. */
export async function furnishedDeck(later: (act: () => unknown) => void) {
  const clock = new ManualClock()
  const deck = await new TestDeck(later, clock)
    .withAccess()
    .withSettings('webhooks: { allowPrivate: [127.0.0.1] }')
    .start()
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
  const hook = { id: 'ops', url: UNUSED_URL, events: ['lease.*'], agents: null }
  await deck.deck.webhooks.add(hook, OPERATOR)
  const { ledger } = await deck.deck.governance()
  await ledger.create(
    { org: 'org_pods', slug: 'pods', actor: 'agent:a2' },
    { action_id: 'told', agent_id: 'a2', action_type: 'research', declared_goal: 'look' },
  )
  const apiKey = await deck.deck.orgs.createKey(
    { org: 'org_default', label: 'ops', role: 'admin' },
    OPERATOR,
  )
  const paired = await pairedDevice(deck.deck)
  const far = await requestedKey(deck.deck, deck.home.root)
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
    'agent_key.add': { agent: 'far', file: far.file },
    'agent_key.confirm': { id: far.request.id, confirm: { code: comparedPart(far.request) } },
    'agent_key.end': { id: far.request.id },
    'agent_key.present': { ...far.offer, token: 'x' },
    'agent_key.request': far.offer,
    'access.vouch': { token: 'x', person: 'Ada', user: 42 },
    'chat.connect': { token: 'x' },
    'api.serve': { state: 'on', port: 0 },
    'api_key.create': { label: 'nightly' },
    'api_key.revoke': { id: apiKey.key.id },
    'compliance.evidence': { framework: 'soc2', control: 'CC6.1' },
    'compliance.export': { framework: 'soc2', path: join(deck.home.root, 'soc2.md') },
    'compliance.policy': { id: 'gp_x' },
    'ledger.show': { id: 'told' },
    'ledger.work': { agent: 'a2' },
    'org.create': { slug: 'acme' },
    'org.rename': { id: 'org_default', name: 'Ours' },
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
    'agent.freeze': { agent: 'a1' },
    'agent.thaw': { agent: 'a1' },
    'approval.allow': yesTo(asked),
    'approval.deny': { ids: [waiting.id], remember: true },
    'approval.get': { id: waiting.id },
    'approval.look': { id: waiting.id },
    'approval.why': { id: waiting.id },
    'audit.export': { path: join(deck.home.root, 'out.jsonl') },
    'budget.set': { perHour: 3 },
    'egress.add': { effect: 'block', host: 'a.test' },
    'egress.end': { agent: 'a1' },
    'egress.refused': { target: '', host: '', port: 0, code: 'busy', reason: 'too many' },
    'egress.revoke': { id: waiting.id },
    'egress.use': { id: waiting.id },
    'guard.foresee': plainQuestion('net', 'https://a.test/'),
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
    'webhook.add': { id: 'more', url: UNUSED_URL },
    'webhook.deliveries': { id: 'ops' },
    'webhook.replay': { id: 'ops' },
    'webhook.rm': { id: 'ops' },
    'webhook.test': { id: 'ops' },
  }
  const { journal } = deck.running.composed.record
  const refused = refusedActs({ journal, clock, problem: fail })
  return { deck, inputs, execute: executor({ deck: deck.deck, journal, refused }), journal, clock }
}

/** Has an act done to its end, whether it answers or streams. */
export async function done(
  execute: Execute,
  id: string,
  input: unknown,
  caller: Caller,
): Promise<void> {
  const stop = new AbortController()
  const answer = await execute(id, input, { ...caller, signal: stop.signal })
  if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) return
  for await (const item of answer as AsyncIterable<unknown>) void item
}
