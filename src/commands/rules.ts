import * as z from 'zod'
import { ruleCan } from '../domain/policy/learning/can.ts'
import type { RuleRow } from '../domain/policy/learning/types.ts'
import { command, query, screen } from './command.ts'
import { AgentName, Id, Limit, Note, Nothing, RuleId } from './inputs.ts'

const OneRule = z.strictObject({ id: RuleId })
const Acted = z.strictObject({ id: RuleId, note: Note.default('') })
const Days = z.coerce.number().min(0).max(3650)
const Decision = z.enum(['allow', 'ask'])
const Scope = z.enum(['project', 'domain', 'global'])
const note = { note: { about: 'why, for its history', value: 'text' } }

/** Days on the command line: none for ever. */
const lasting = (days: number): number | null => days === 0 ? null : days

const questions = [
  query({
    id: 'rule.list', title: 'List learned rules', about: 'deck', viewer: true, help: 'What was learned, most in need of a look first.', cli: 'policy rules',
    flags: {
      status: { about: 'hint, candidate, confirmed, suspended or archived', value: 'state' }, agent: { about: 'those that hold for it', value: 'name' },
      text: { about: 'words in what it says', value: 'words' }, limit: { about: 'how many at most (100)', value: 'n' },
    },
    example: 'clawdeck policy rules --status candidate',
    input: () => z.strictObject({ status: z.enum(['hint', 'candidate', 'confirmed', 'suspended', 'archived']).optional(), agent: AgentName.optional(), text: z.string().max(200).optional(), limit: Limit.default(100) }),
    run: (deck, filter) => deck.rules.list(filter),
  }),
  query({
    id: 'rule.get', title: 'Show rule', about: 'rule', viewer: true, subjectKey: 'id', help: 'One rule: what it says, what it still needs, its evidence, its history, its conflicts.', cli: 'policy rule <id>',
    example: 'clawdeck policy rule policy_…', input: () => OneRule, run: (deck, { id }) => deck.rules.get(id),
  }),
  query({
    id: 'rule.status', title: 'Where learned rules stand', about: 'deck', viewer: true, help: 'How many rules are in each state, the latest moves, and what wants a look.', cli: 'policy status',
    example: 'clawdeck policy status', input: () => Nothing, run: (deck) => deck.rules.status(),
  }),
  query({
    id: 'rule.recent', title: 'Recent moves of rules', about: 'deck', viewer: true, help: 'Rules that moved from one state to another, latest first.', cli: 'policy recent',
    flags: { limit: { about: 'how many at most (10)', value: 'n' } }, example: 'clawdeck policy recent --limit 20',
    input: () => z.strictObject({ limit: Limit.default(10) }), run: (deck, { limit }) => deck.rules.recent(limit),
  }),
  query({
    id: 'rule.risky', title: 'Risky rules', about: 'deck', viewer: true, help: 'Confirmed rules that allow what is of high or critical risk.', cli: 'policy risky',
    example: 'clawdeck policy risky', input: () => Nothing, run: (deck) => deck.rules.risky(),
  }),
  query({
    id: 'rule.suspended', title: 'Suspended rules', about: 'deck', viewer: true, help: 'Rules that ask again, and why.', cli: 'policy suspended',
    flags: { limit: { about: 'how many at most (20)', value: 'n' } }, example: 'clawdeck policy suspended',
    input: () => z.strictObject({ limit: Limit.default(20) }), run: (deck, { limit }) => deck.rules.list({ status: 'suspended', limit }),
  }),
  query({
    id: 'rule.proposals', title: 'Rules that a question could make', about: 'deck', viewer: true, help: 'What a rule about this question could say, narrowest first, and what it would have covered so far.',
    cli: 'policy proposals <approval>', flags: { ask: { about: 'rules that always want a person, instead of rules that allow' } }, example: 'clawdeck policy proposals apr_…',
    input: () => z.strictObject({ approval: Id, ask: z.boolean().default(false) }), run: (deck, { approval, ask }) => deck.rules.proposals(approval, ask ? 'ask' : 'allow'),
  }),
]

const states = [
  command({
    id: 'rule.confirm', title: 'Confirm rule', about: 'rule', keys: ['y'], hint: 1, many: true, subjectKey: 'id', help: 'Let a rule answer from now on, on your word.', cli: 'policy confirm <id>', flags: note,
    example: 'clawdeck policy confirm policy_… --note "seen it often enough"', input: () => Acted, unavailable: (rule: RuleRow) => ruleCan.confirm(rule), run: (deck, { id, note }, { actor }) => deck.rules.confirm(id, note, actor),
  }),
  command({
    id: 'rule.suspend', title: 'Suspend rule', about: 'rule', keys: ['p'], hint: 2, many: true, subjectKey: 'id', help: 'Let a person decide again what a rule is about.', cli: 'policy suspend <id>', flags: note,
    example: 'clawdeck policy suspend policy_…', input: () => Acted, unavailable: (rule: RuleRow) => ruleCan.suspend(rule), run: (deck, { id, note }, { actor }) => deck.rules.suspend(id, note, actor),
  }),
  command({
    id: 'rule.resume', title: 'Resume rule', about: 'rule', keys: ['u'], hint: 3, many: true, subjectKey: 'id', help: 'Make a suspended rule a candidate, which learns again.', cli: 'policy resume <id>', flags: note,
    example: 'clawdeck policy resume policy_…', input: () => Acted, unavailable: (rule: RuleRow) => ruleCan.resume(rule), run: (deck, { id, note }, { actor }) => deck.rules.resume(id, note, actor),
  }),
  command({
    id: 'rule.archive', title: 'Archive rule', about: 'rule', keys: ['x'], hint: 5, danger: 'confirm', many: true, subjectKey: 'id', help: 'Put a rule away; it says nothing any more, and can be restored.', cli: 'policy archive <id>', flags: note,
    example: 'clawdeck policy archive policy_…', input: () => Acted, unavailable: (rule: RuleRow) => ruleCan.archive(rule), run: (deck, { id, note }, { actor }) => deck.rules.archive(id, note, actor),
  }),
  command({
    id: 'rule.restore', title: 'Restore rule', about: 'rule', keys: ['b'], hint: 6, many: true, subjectKey: 'id', help: 'Take a rule out of the archive, as a candidate.', cli: 'policy restore <id>', flags: note,
    example: 'clawdeck policy restore policy_…', input: () => Acted, unavailable: (rule: RuleRow) => ruleCan.restore(rule), run: (deck, { id, note }, { actor }) => deck.rules.restore(id, note, actor),
  }),
]

const makers = [
  command({
    id: 'rule.propose', title: 'Make a rule', about: 'deck', help: 'Make a rule of a question that was asked: exactly this, this kind or this family; for 7 days unless said otherwise.',
    cli: 'policy propose <approval>',
    flags: {
      width: { about: 'exact (default), kind or family', value: 'width' }, ask: { about: 'always want a person, instead of allowing' }, scope: { about: 'project, its agent (default); domain, its kind of work; global', value: 'scope' },
      days: { about: 'how long it holds (7); 0 until somebody ends it', value: 'n' }, ...note,
    },
    example: 'clawdeck policy propose apr_… --width kind --days 30',
    input: () => z.strictObject({ approval: Id, width: z.enum(['exact', 'kind', 'family']).default('exact'), ask: z.boolean().default(false), scope: Scope.default('project'), days: Days.default(7), note: Note.optional() }),
    run: (deck, { ask, days, ...input }, { actor }) => deck.rules.propose({ ...input, decision: ask ? 'ask' : 'allow', days: lasting(days) }, actor),
  }),
  command({
    id: 'rule.edit', title: 'Change rule', about: 'rule', subjectKey: 'id', unavailable: (rule: RuleRow) => ruleCan.edit(rule),
    help: 'Change what a rule says or how long it holds. One that is made to be about something else has to be confirmed again.', cli: 'policy edit <id>',
    flags: {
      summary: { about: 'what it is called', value: 'text' }, trigger: { about: 'when it speaks, as command:npm test; once for each', value: 'text', many: true }, decision: { about: 'allow or ask', value: 'decision' },
      scope: { about: 'project, domain or global', value: 'scope' }, key: { about: 'the agent, or the kind of work', value: 'name' }, days: { about: 'how long from now; 0 until somebody ends it', value: 'n' },
    },
    example: 'clawdeck policy edit policy_… --days 30',
    input: () => z.strictObject({
      id: RuleId, summary: z.string().trim().min(1).max(500).optional(), trigger: z.array(z.string().min(1).max(4096)).min(1).max(32).optional(), decision: Decision.optional(), scope: Scope.optional(), key: z.string().max(200).optional(), days: Days.optional(),
    }),
    run: (deck, { id, key, days, ...change }, { actor }) => deck.rules.edit(id, { ...change, ...(key === undefined ? {} : { scopeKey: key }), ...(days === undefined ? {} : { days: lasting(days) }) }, actor),
  }),
  screen({ id: 'rule.edit_form', title: 'Change rule…', about: 'rule', keys: ['e'], hint: 4, help: 'Change what a rule says, when, where and how long.', unavailable: (rule: RuleRow) => ruleCan.edit(rule) }),
  command({
    id: 'rule.merge', title: 'Merge rules', about: 'deck', help: 'Put rules together that decide the same in the same place: the first keeps what it says and gets the evidence of all, the others are archived.', cli: 'policy merge <ids...>',
    example: 'clawdeck policy merge policy_… policy_…2', input: () => z.strictObject({ ids: z.array(RuleId).min(2).max(100) }), run: (deck, { ids }, { actor }) => deck.rules.merge(ids, actor),
  }),
  screen({ id: 'rule.merge_form', title: 'Merge rules…', about: 'rule', keys: ['m'], hint: 7, many: true, help: 'Merge the marked rules into the one under the cursor.', unavailable: (rule: RuleRow) => ruleCan.edit(rule) }),
  command({
    id: 'rule.missed', title: 'Should have asked', about: 'deck', help: 'Complain that a person should have been asked about an action; twice suspends the rule that allowed it.', cli: 'policy missed <action>', flags: note,
    example: 'clawdeck policy missed act_…', input: () => z.strictObject({ action: Id, note: Note.default('') }), run: (deck, { action, note }, { actor }) => deck.rules.missed(action, note, actor),
  }),
]

export const ruleRows = [...questions, ...states, ...makers]
