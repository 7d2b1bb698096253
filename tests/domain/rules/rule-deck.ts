import { join } from 'node:path'
import { approvalService } from '../../../src/domain/approvals/service.ts'
import { Expiry } from '../../../src/domain/approvals/expiry.ts'
import { leaseService } from '../../../src/domain/leases/service.ts'
import { lockedAskers } from '../../../src/domain/approvals/askers.ts'
import { GuardService } from '../../../src/domain/approvals/guard-service.ts'
import type { Answer } from '../../../src/domain/approvals/types.ts'
import { votersOf } from '../../../src/domain/operators/people/voters.ts'
import type { Operator } from '../../../src/domain/operators/types.ts'
import { compilePolicies } from '../../../src/domain/policy/matching/compiled.ts'
import { policyJudge } from '../../../src/domain/policy/judge.ts'
import { Learning } from '../../../src/domain/rules/learning/learning.ts'
import type { RuleRecord, RuleRow, StoredRule } from '../../../src/domain/rules/types.ts'
import { toStored } from '../../../src/domain/rules/stored.ts'
import { newRule } from '../../../src/clawpolicy/files/records.ts'
import type { Rule } from '../../../src/clawpolicy/types.ts'
import type { OperatorPolicy } from '../../../src/domain/policy/types.ts'
import type { GuardBounds } from '../../../src/domain/templates/types.ts'
import { openJournal } from '../../../src/journal/journal.ts'
import { eventReader } from '../../../src/journal/read.ts'
import type { DeckEvent, Draft } from '../../../src/journal/types.ts'
import { openStore } from '../../../src/store/open.ts'
import { ensureTables } from '../../../src/journal/tables/tables.ts'
import { nouns } from '../../../src/commands/registry.ts'
import { composeRuleServices } from '../../../src/domain/rules/compose.ts'
import { ManualClock } from '../../support/clock.ts'
import { tempFolder } from '../../support/journal.ts'
import { question } from '../policy/question.ts'
import type { LeaseTerms } from '../../../src/domain/leases/types.ts'

export const WHO = 'operator:cli'
const LOCAL: Operator = {
  id: 'maya',
  kind: 'person',
  role: 'owner',
  agents: null,
  local: true,
  keyHash: null,
  addedAt: 0,
  addedBy: 'supervisor',
  state: 'active',
}
export const DAY = 86_400_000
/** A lock that decides nothing. */
export const BOUNDS: GuardBounds = { types: ['*'], block: [], ask: [], allow: [], maxAutoRisk: 100 }
export const RUN = 'npm run build'

export interface Options {
  clock?: ManualClock
  folder?: string
  bounds?: Partial<GuardBounds>
  policies?: OperatorPolicy[]
  verified?: () => Promise<void>
  /** Does not wait until the rules are read. */
  early?: boolean
  agents?: Record<string, string>
}

/**
 * Everything that asks, decides and learns, on a real journal, without pods, doors or a supervisor.
 */
export async function openRuleDeck(onEnd: (act: () => void) => void, options: Options = {}) {
  const clock = options.clock ?? new ManualClock()
  const folder = options.folder ?? tempFolder(onEnd)
  const path = join(folder, 'deck.db')
  const store = openStore(path)
  ensureTables(store, nouns)
  const journal = openJournal(store, { clock, nouns, path })
  const read = eventReader(store)
  const log: string[] = []
  const learning = new Learning({
    journal,
    store,
    clock,
    log: (what) => log.push(what),
    verified: options.verified ?? (async () => undefined),
  })
  const rulesOf = composeRuleServices({ learning, journal, store, clock, read })
  const leases = leaseService({ journal, store })
  const expiry = new Expiry({ journal, store, clock })
  const bounds = { ...BOUNDS, ...options.bounds }
  const policies = compilePolicies(options.policies ?? [])
  const templateOf = (agent: string) =>
    journal.rows.get<{ template: string }>('agent', agent)?.template ?? ''
  const voters = votersOf(journal, { local: () => LOCAL, all: () => [LOCAL] })
  const guard = new GuardService({
    journal,
    voters,
    clock,
    read,
    learner: learning,
    askers: lockedAskers(journal, (agent) => ({ template: templateOf(agent), bounds })),
    judge: policyJudge({
      policies: () => policies,
      leases: leases.active,
      learned: learning.judge,
      voters,
      distrust: () => undefined,
      now: () => clock.now(),
    }),
    freezes: { reasonFor: () => undefined, isHeld: () => false, whileHeld: async () => undefined },
    expiryMs: 10 * 60_000,
  })
  const approvals = approvalService({
    journal,
    voters,
    store,
    clock,
    learner: learning,
    remember: async () => undefined,
    templateOf: (agent) => journal.rows.get<{ template: string }>('agent', agent)?.template,
    judge: (agent, action) => guard.verdictNow(agent, action),
  })
  const close = () => {
    void learning[Symbol.asyncDispose]()
    void expiry[Symbol.asyncDispose]()
    void guard[Symbol.asyncDispose]()
    journal.close()
    if (store.open) store.close()
  }
  onEnd(close)
  const append = (...drafts: Draft[]) => journal.append(() => drafts)
  for (const [name, template] of Object.entries(options.agents ?? { a1: 'coder', a2: 'coder' })) {
    if (templateOf(name) === '')
      await append({
        type: 'agent.created',
        actor: WHO,
        subject: name,
        body: { template, backend: 'memory', isolation: 'none', unenforced: [], lock: '' },
      })
  }
  if (options.early !== true) await learning.ready

  const exec = (target: string, agent = 'a1'): Promise<Answer> =>
    guard.ask(agent, question({ target, argv: target.split(' ') }))
  const record = (id: string) => journal.rows.get<RuleRecord>('rule', id) as RuleRecord
  const rules = (): Promise<RuleRow[]> => rulesOf.service.list({ limit: 100 })

  return {
    clock,
    folder,
    path,
    store,
    journal,
    read,
    log,
    learning,
    leases,
    guard,
    approvals,
    deck: rulesOf.service,
    playbooks: rulesOf.playbooks,
    services: rulesOf,
    append,
    close,
    exec,
    record,
    rules,

    /** A command in one string, as for a shell. */
    shell: (target: string, agent = 'a1'): Promise<Answer> =>
      guard.ask(agent, question({ target })),

    /** The only rule. */
    async only(): Promise<RuleRow> {
      const all = await rules()
      if (all.length !== 1) throw new Error(`there are ${all.length} rules`)
      return all[0] as RuleRow
    },
    async approve(
      target = RUN,
      { agent = 'a1', lease, edit }: { agent?: string; lease?: LeaseTerms; edit?: string } = {},
    ): Promise<Answer> {
      const asked = await exec(target, agent)
      if (!asked.pending)
        throw new Error(
          `${target} was not asked about: ${asked.reasons.map(({ text }) => text).join('; ')}`,
        )
      await approvals.allow(
        asked.id,
        { lease, edit: edit === undefined ? undefined : { target: edit, argv: edit.split(' ') } },
        WHO,
      )
      clock.advance(1000)
      return asked
    },
    async deny(target = RUN, agent = 'a1'): Promise<Answer> {
      const asked = await exec(target, agent)
      await approvals.deny(asked.id, {}, WHO)
      clock.advance(1000)
      return asked
    },
    async ended(
      { id }: { id: string },
      result: 'success' | 'failure' | 'rollback',
      agent = 'a1',
    ): Promise<void> {
      await guard.report(agent, id, { result, exitCode: null, note: '' })
      clock.advance(1000)
    },
    /** A confirmed rule that was learned from three approvals. */
    async learned(target = RUN, agent = 'a1'): Promise<string> {
      for (let i = 0; i < 3; i++) await this.approve(target, { agent })
      return (await this.exec(target, agent)).reasons[0]?.id ?? ''
    },
    /** A rule as an import would bring it. */
    async given(
      fields: Partial<Rule> & { id: string },
      more: Partial<Pick<StoredRule, 'expiresAt' | 'by'>> = {},
    ): Promise<string> {
      const rule = newRule({
        summary: 'given',
        trigger: [`command:${RUN}`],
        scope: 'project',
        scope_key: 'a1',
        policy_decision: 'auto_execute',
        status: 'candidate',
        validation: ['v'],
        source_type: 'explicit_preference',
        risk_level: 'medium',
        ...fields,
      })
      await append({
        type: 'rule.imported',
        actor: WHO,
        subject: '',
        body: {
          stored: toStored(rule, { expiresAt: null, by: WHO, ...more }),
          from: null,
          because: 'import',
          of: '',
          outcome: null,
        },
      })
      return rule.id
    },
    /** Days that pass one after another, so that timers can set others. */
    async days(many: number): Promise<void> {
      for (let left = many; left > 0; left -= 10) {
        clock.advance(Math.min(left, 10) * DAY)
        await append()
      }
    },
    events: (): DeckEvent[] =>
      read
        .since(0, 100_000)
        .map((event) => ({ ...event, body: JSON.parse(event.body) as unknown }) as DeckEvent),
  }
}

export type RuleDeck = Awaited<ReturnType<typeof openRuleDeck>>

/** What a test has to clean up, run last first. */
export function endings(): { add: (act: () => unknown) => void; run: () => Promise<void> } {
  const acts: (() => unknown)[] = []
  return {
    add: (act) => {
      acts.push(act)
    },
    run: async () => {
      for (const act of acts.splice(0).toReversed()) await act()
    },
  }
}
