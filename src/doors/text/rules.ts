import { plain } from '../../base/text.ts'
import { unquote } from '../../base/quote.ts'
import type { Decision } from '../../domain/policy/types.ts'
import type { RuleRow, Status } from '../../domain/rules/types.ts'

/** Each status as glyph and word, so that nothing is shown by colour alone, and its effect. */
export const STATES: Record<Status, { glyph: string; word: string; means: string }> = {
  hint: { glyph: '·', word: 'hint', means: 'has no effect' },
  candidate: { glyph: '◇', word: 'candidate', means: 'still asks' },
  confirmed: { glyph: '✓', word: 'confirmed', means: 'answers for you' },
  suspended: { glyph: '⏸', word: 'suspended', means: 'asks again' },
  archived: { glyph: '□', word: 'archived', means: 'has no effect' },
}

/** An entry by a name from a file: ignores what every object inherits. */
export function ownEntry<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined
}

type RuleContent = Pick<RuleRow, 'trigger' | 'summary' | 'decision'>

interface TriggerPart {
  kind: string
  value: string
}

/** What a rule is about: `git push origin main`, `every git push`. */
export function ruleAbout({ trigger, summary }: Pick<RuleContent, 'trigger' | 'summary'>): string {
  const parts = trigger.flatMap(triggerPart)
  const commands = parts.filter(({ kind }) => kind === 'command' || kind === 'runs')
  // Without a command, the summary describes a rule best.
  if (trigger.length > 0 && commands.length === 0 && summary !== '') return plain(summary, 500)
  const type = parts.find(({ kind }) => kind === 'task_type')?.value ?? ''
  const described = parts
    .filter(({ kind }) => kind !== 'task_type')
    .map(({ kind, value }) => ownEntry(PARTS, kind)?.(value, type) ?? `${kind} ${value}`)
  if (described.length > 0) return plain(described.join(', '), 500)
  return plain(type === '' ? summary : `every ${type}`, 500)
}

function triggerPart(text: string): TriggerPart[] {
  const match = /^([a-z_]+):(.*)$/s.exec(text)
  return match === null ? [] : [{ kind: match[1] ?? '', value: match[2] ?? '' }]
}

const PARTS: Record<string, (value: string, type: string) => string> = {
  command: (value, type) => (type === 'exec' || type === '' ? value : targetIn(value)),
  runs: (value, type) => ownEntry(RUNS, type)?.(value.split(' ')) ?? `every ${value}`,
  keyword: (value) => `anything about “${value}”`,
}

/** By type: the words of a trigger's `runs`, in words for people. */
const RUNS: Record<string, (words: string[]) => string | undefined> = {
  net([, authority, method]) {
    if (authority === undefined || authority === '') return undefined
    return method === undefined ? `anything at ${authority}` : `every ${method} to ${authority}`
  },
  file: ([, verb, folder]) => (folder === undefined ? undefined : `every ${verb} in ${folder}`),
}

/** The target of an action that is not a command, which follows its type, and what it is given. */
function targetIn(value: string): string {
  const words = unquote(value) ?? []
  const hasPlace = words[0] === 'net' || words[0] === 'file'
  const [target, given] = words.slice(hasPlace ? 3 : 1)
  if (target === undefined) return value
  return given === undefined ? target : `${target} with ${given}`
}

/** What a rule is about, and what it does unless that is to allow. */
export function ruleText(rule: RuleContent): string {
  const about = ruleAbout(rule)
  if (rule.decision === 'allow') return about
  return rule.decision === 'ask' ? `ask: ${about}` : `advice: ${about}`
}

/** The whole rule as a sentence: `Allow every git push without asking, for backend.` */
export function ruleSentence(rule: RuleContent & Pick<RuleRow, 'scope' | 'scopeKey'>): string {
  const about = ruleAbout(rule)
  if (rule.decision === 'allow') return `Allow ${about} without asking, ${ruleWhere(rule)}.`
  return rule.decision === 'ask'
    ? `Always ask before ${about}, ${ruleWhere(rule)}.`
    : `Advice about ${about}, ${ruleWhere(rule)}. It has no effect.`
}

/** The scope of a rule, in words. */
export function ruleWhere({ scope, scopeKey }: Pick<RuleRow, 'scope' | 'scopeKey'>): string {
  if (scope === 'global' || scopeKey === '') return 'for every agent'
  return scope === 'project' ? `for ${plain(scopeKey, 64)}` : `for ${plain(scopeKey, 64)} work`
}

/** A decision in one word. */
export const DECISION_WORDS: Record<Decision, string> = {
  allow: 'allowed',
  warn: 'allowed, warned',
  require_approval: 'asked',
  block: 'denied',
}

const SUSPENDED: Record<string, string> = {
  rollback: 'rolled back',
  conflict: 'conflicts with another rule',
  repeated_failure: 'failed twice',
  repeated_override: 'overridden twice',
  missed_confirmation: 'should have asked, twice',
  operator: 'by an operator',
  agent_deleted: 'its agent was deleted',
}

/** Why a rule was suspended, in a few words. */
export function suspendedWhy(reason: string): string {
  return ownEntry(SUSPENDED, reason) ?? plain(reason.replaceAll('_', ' '), 80)
}

const MISSING: Record<string, string> = {
  'insufficient evidence': 'more approvals in a row, and nothing against it since',
  'scope missing': 'a scope',
  'policy decision missing': 'a decision',
  'summary missing': 'a summary',
  'minimal test missing': 'a test',
  'unresolved conflict': 'another confirmed rule contradicts it: suspend or archive that one first',
  'weak hints cannot promote directly':
    'an approval: this was learned by observation, not from a decision',
  'no explicit confirmation or stable success pattern': 'a confirmation, or three successes',
  'high-risk auto rules require explicit confirmation': 'a confirmation, because the risk is high',
}

/** What a candidate still needs to be confirmed. */
export function missingText(missing: string): string {
  return ownEntry(MISSING, missing) ?? plain(missing, 200)
}

const REASONS: Record<string, string> = {
  explicit_correction: 'a person decided',
  explicit_preference: 'a person decided',
  candidate_promoted: 'it had enough evidence',
  operator: 'a person decided',
  expired: 'it expired',
  repeated_successful_execution: 'it succeeded repeatedly',
  repeated_outcome: 'the outcome was the same repeatedly',
  feedback: 'an outcome was reported',
}

const EVIDENCE: Record<string, string> = {
  missed_confirmation: 'it should have asked',
  repeated_failure: 'it failed',
  repeated_success: 'it succeeded',
  accepted_confirmation: 'it succeeded after an approval',
  set_back: 'this counted against it',
}

/** Why a rule changed its status or, if it did not, what evidence was added. */
export function becauseText(because: string, moved = true): string {
  return (
    (moved ? undefined : ownEntry(EVIDENCE, because)) ??
    ownEntry(REASONS, because) ??
    ownEntry(SUSPENDED, because) ??
    plain(/^[a-z]+(_[a-z]+)+$/.test(because) ? because.replaceAll('_', ' ') : because, 200)
  )
}

/** Evidence as a bar: `▇▇▇▇··`. */
export function evidenceBar(support: number, needed: number, cells: number): string {
  const full = Math.max(0, Math.min(cells, Math.round((cells * support) / Math.max(1, needed))))
  return '▇'.repeat(full) + '·'.repeat(cells - full)
}
