import { join } from 'node:path'
import { asFault } from '../base/fault.ts'
import type { Clock } from '../base/clock.ts'
import { shipped } from '../config/data.ts'
import type { Home } from '../config/home.ts'
import type { HostKey } from '../config/host-key.ts'
import type { Settings } from '../config/settings.ts'
import type { Deck } from '../commands/deck.ts'
import { agentLook } from '../domain/agents/look.ts'
import { agentService } from '../domain/agents/service.ts'
import { approvalService } from '../domain/approvals/decide.ts'
import { keepExpiry } from '../domain/approvals/expiry.ts'
import { leaseService } from '../domain/leases/service.ts'
import { guardService } from '../domain/approvals/service.ts'
import type { CompiledPolicies } from '../domain/policy/compiled.ts'
import { ruleFiles } from '../domain/rules/files/service.ts'
import { budgetService } from '../domain/rules/budget/service.ts'
import { openLearning, type Learning } from '../domain/rules/service.ts'
import { packService } from '../domain/policy/packs/service.ts'
import { packShelf } from '../domain/policy/packs/store.ts'
import { PACKS_FOLDER, policyFile } from '../domain/policy/policies-file.ts'
import { evaluate } from '../domain/policy/evaluate.ts'
import { assessRisk } from '../domain/policy/risk.ts'
import type { Action, Verdict } from '../domain/policy/types.ts'
import { nouns } from '../domain/nouns.ts'
import { ShellService } from '../domain/shells/service.ts'
import { listTemplates, readTemplate, type TemplateFolder } from '../domain/templates/catalog.ts'
import { keepCheckpoints } from '../journal/checkpoints.ts'
import { openClerk } from '../journal/index-worker.ts'
import { openJournal } from '../journal/journal.ts'
import { keepMirror } from '../journal/mirror.ts'
import { eventReader } from '../journal/read.ts'
import { healLateNouns, healNouns } from '../journal/heal.ts'
import { auditService } from '../journal/service.ts'
import { openReadOnly, openStore, type Store } from '../store/open.ts'
import { guardDoors } from './guard-doors.ts'
import { governance } from '../domain/agents/governed.ts'
import { Keeper } from './reconcile/reconciler.ts'
import { policyDesk } from '../domain/policy/service.ts'
import { ruleDesks } from '../domain/rules/compose.ts'
import { standings } from '../domain/agents/bounds.ts'
import { trialDesk } from '../domain/rules/trials/service.ts'
import type { Lease } from '../domain/leases/types.ts'
import type { Governed } from '../domain/agents/types.ts'
import type { Backends } from '../ports/backends.ts'

export interface Ground {
  home: Home
  settings: Settings
  key: HostKey
  backends: Backends
  log: (what: string) => void
  clock: Clock
}

/** Puts the deck together: one journal, and every service on it. Nothing runs yet. */
export async function composeDeck(ground: Ground) {
  const { home, settings, key, backends, log, clock } = ground
  const store = openStore(home.database)
  await healNouns({ store, nouns, log })
  const journal = openJournal(store, { clock, nouns, path: home.database })
  const read = eventReader(store)
  const signedHeads = { all: home.checkpoints, last: join(home.secrets, 'head.json') }
  const checkpoints = keepCheckpoints({
    store,
    journal,
    signer: key,
    clock,
    files: signedHeads,
    problem: log,
  })
  const names = () =>
    store
      .prepare<[], { id: string }>('SELECT id FROM agent')
      .all()
      .map(({ id }) => id)
  const mirror = await keepMirror({
    store,
    journal,
    whole: home.mirror,
    ofAgent: (name) => home.agent(name).mirror,
    agents: names,
    problem: log,
  })
  const clerk = openClerk({ store, journal, words: home.words, problem: log })
  const audit = auditService({
    store,
    journal,
    key,
    checkpoints,
    mirror,
    clerk,
    nouns,
    files: {
      whole: home.mirror,
      checkpoints: signedHeads,
      mirrors: () => names().map((agent) => ({ agent, file: home.agent(agent).mirror })),
    },
  })

  const folders: TemplateFolder[] = [
    { origin: 'built-in', path: shipped('templates') },
    { origin: 'yours', path: home.templates },
  ]
  const leases = leaseService({ journal, store })
  const expiry = keepExpiry({ journal, store, clock })
  const govern = governance({ home, key, look: () => look })
  const policiesHeard: (() => void)[] = []
  const shelf = packShelf([
    { origin: 'built-in', path: shipped('templates', 'policies') },
    { origin: 'yours', path: join(home.root, PACKS_FOLDER) },
  ])
  const file = await policyFile({
    path: home.policies,
    clock,
    shelf,
    changed(body, actor) {
      journal
        .append(() => [{ type: 'policies.changed', actor, subject: '', body: { ...body } }])
        .catch((thrown: unknown) => log(asFault(thrown).message))
      for (const hear of policiesHeard) hear()
    },
  })
  const served = Promise.withResolvers<void>()
  const learning = openLearning({
    journal,
    store,
    clock,
    log,
    proven: () => served.promise.then(() => rulesProven(home.database, store, log)),
  })
  const guard = guardService({
    journal,
    clock,
    read,
    learner: learning,
    governed: govern.of,
    policies: file.compiled,
    activeLeases: leases.active,
    patience: settings.approvals.expiryMinutes * 60_000,
  })
  const shells = new ShellService({
    journal,
    store,
    terminals: (agent) => backends.of(agent.backend).terminals,
    hold: async (terminal, size) =>
      (await import('../domain/shells/holder.ts')).holdTerminal(terminal, size),
  })
  const doors = guardDoors(guard)
  const keep = new Keeper({
    journal,
    expiry,
    doors,
    log,
    backendOf: (a) => backends.of(a.backend),
    reportOf: (a) => backends.report(a.backend),
    charter: govern.charter,
    checked: govern.checked,
    govern: govern.govern,
    untouched: govern.untouched,
    doorPath: (name) => home.agent(name).door,
    shells: () => shells,
  })
  const agents = agentService({
    home,
    journal,
    store,
    clock,
    key,
    folders,
    backend: backends.of,
    report: backends.report,
    preferred: backends.preferred,
    settle: keep.settle,
    alone: keep.alone,
    drift: govern.drift,
    retire: (agent, actor) => [...leases.retire(agent, actor), ...rules.retire(agent, actor)],
  })
  const look = agentLook({
    home,
    journal,
    key,
    backend: backends.of,
    list: agents.list,
    get: agents.get,
  })
  const desk = policyDesk({
    journal,
    file,
    look,
    get: agents.get,
    report: backends.report,
    leases,
    learned: learning.judge,
    now: clock.now,
  })
  const rules = ruleDesks({ learning, journal, store, clock, read })
  const standing = standings({ home, key, journal, store, folders, governed: govern.of })
  const trials = trialDesk({
    learning,
    journal,
    store,
    clock,
    read,
    rules,
    policies: file.compiled,
    policiesOf: file.read,
    leases: leases.active,
    standing,
  })
  const budget = budgetService({
    learning,
    journal,
    store,
    clock,
    policies: file.compiled,
    standing,
    drafted: rules.proposing.drafted,
  })
  const approvals = approvalService({
    journal,
    store,
    clock,
    learner: learning,
    remember: desk.remember,
    judge: judgeNow({
      governed: govern.of,
      policies: file.compiled,
      leases: leases.active,
      learning,
      now: clock.now,
    }),
  })

  const deck: Omit<Deck, 'supervisor' | 'images'> = {
    agents: { ...agents, ...look },
    templates: { list: () => listTemplates(folders), show: (name) => readTemplate(folders, name) },
    policy: desk,
    playbooks: rules.playbooks,
    rules: { ...rules.deck, ...trials.deck, ...ruleFiles({ learning, journal, store, clock }) },
    packs: packService({ shelf, file }),
    budget,
    approvals,
    leases,
    shells,
    audit,
  }
  return {
    deck,
    served: served.resolve,
    rules,
    trials,
    budget,
    learning,
    store,
    journal,
    read,
    checkpoints,
    mirror,
    clerk,
    audit,
    expiry,
    guard,
    shells,
    doors,
    keep,
    look,
    desk,
    file,
    agents,
    onPolicies: (hear: () => void) => {
      policiesHeard.push(hear)
    },
  }
}

/** What the guard would answer now. */
function judgeNow({
  governed,
  policies,
  leases,
  learning,
  now,
}: {
  governed: (agent: string) => Governed | { refusal: string }
  policies: () => CompiledPolicies
  leases: () => Lease[]
  learning: Learning
  now: () => number
}) {
  return (agent: string, action: Action): Verdict => {
    const bounds = governed(agent)
    const risk = assessRisk(action)
    if ('refusal' in bounds)
      return {
        decision: 'block',
        reasons: [{ layer: 'supervisor', text: bounds.refusal }],
        risk,
        policies: [],
      }
    const doer = { name: agent, template: bounds.template }
    return evaluate({
      action,
      risk,
      agent: doer,
      bounds: bounds.bounds,
      policies: policies(),
      leases: leases(),
      learned: () => learning.judge(doer, action, risk),
      now: now(),
    })
  }
}

/** Holds the rules against the journal, on a connection of its own. */
async function rulesProven(
  database: string,
  store: Store,
  log: (what: string) => void,
): Promise<void> {
  const beside = openReadOnly(database)
  try {
    await healLateNouns({ store, nouns, log, beside })
  } finally {
    beside.close()
  }
}

export type ComposedDeck = Awaited<ReturnType<typeof composeDeck>>
