import { splitWords } from '../../command-analysis/shell-words.ts'
import { plain } from '../../base/text.ts'
import type { RuleRow, Status } from '../../domain/rules/types.ts'
import type { Decision } from '../../domain/policy/types.ts'

/** How each state is drawn and called, wherever one is shown: glyph and word, so that nothing is said by colour alone. */
export const STATES: Record<Status, { glyph: string; word: string; means: string }> = {
  hint: { glyph: '·', word: 'hint', means: 'decides nothing' },
  candidate: { glyph: '◇', word: 'candidate', means: 'still asks' },
  confirmed: { glyph: '✓', word: 'confirmed', means: 'answers for you' },
  suspended: { glyph: '⏸', word: 'suspended', means: 'asks again' },
  archived: { glyph: '□', word: 'archived', means: 'says nothing' },
}

/** What stands under a name, which a file may have chosen: nothing that every object has. */
export function wordIn<T>(words: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined
}

type Said = Pick<RuleRow, 'trigger' | 'summary' | 'decision'>

/** What a rule is about, in words: `git push origin main`, `every git push`. */
export function ruleAbout({ trigger, summary }: Pick<Said, 'trigger' | 'summary'>): string {
  const parts = trigger
    .map((text) => /^([a-z_]+):(.*)$/s.exec(text))
    .filter((match) => match !== null)
    .map(([, kind = '', value = '']) => ({ kind, value }))
  const type = parts.find(({ kind }) => kind === 'task_type')?.value ?? ''
  const said = parts
    .filter(({ kind }) => kind !== 'task_type')
    .map(({ kind, value }) => wordIn(KINDS, kind)?.(value, type) ?? `${kind} ${value}`)
  // What is no command has no better name than the one that it was given.
  const named =
    trigger.length > 0 &&
    parts.every(({ kind }) => kind !== 'command' && kind !== 'runs') &&
    summary !== ''
  if (named) return plain(summary, 500)
  return plain(said.length > 0 ? said.join(', ') : type !== '' ? `every ${type}` : summary, 500)
}

const KINDS: Record<string, (value: string, type: string) => string> = {
  command: (value, type) => (type === 'exec' || type === '' ? value : quoted(value)),
  runs: (value, type) =>
    type === 'net' ? request(value) : type === 'file' ? inFolder(value) : `every ${value}`,
  keyword: (value) => `what speaks of “${value}”`,
}

/** `net <authority> <method>` */
function request(value: string): string {
  const [, authority = '', method] = value.split(' ')
  return authority === ''
    ? `every ${value}`
    : method === undefined
      ? `anything at ${authority}`
      : `every ${method} to ${authority}`
}

/** `file <verb> <folder>/` */
function inFolder(value: string): string {
  const [, verb = '', folder] = value.split(' ')
  return folder === undefined ? `every ${value}` : `every ${verb} in ${folder}`
}

/** The target of an action that is no command, which stands behind its type and where it leads, and what it is given. */
function quoted(value: string): string {
  const words = splitWords(value) ?? []
  const [target, given] = words.slice(words[0] === 'net' || words[0] === 'file' ? 3 : 1)
  return target === undefined ? value : given === undefined ? target : `${target} with ${given}`
}

/** What it is about, and what it does where that is not to allow. */
export function ruleText(rule: Said): string {
  const about = ruleAbout(rule)
  if (rule.decision === 'allow') return about
  return rule.decision === 'ask' ? `ask: ${about}` : `advice: ${about}`
}

/** The whole rule as a sentence: `Allow every git push, unasked, for backend.` */
export function ruleSentence(rule: Said & Pick<RuleRow, 'scope' | 'scopeKey'>): string {
  const about = ruleAbout(rule)
  if (rule.decision === 'allow') return `Allow ${about} unasked, ${ruleWhere(rule)}.`
  return rule.decision === 'ask'
    ? `Always ask a person before ${about}, ${ruleWhere(rule)}.`
    : `Advice about ${about}, ${ruleWhere(rule)}. It decides nothing.`
}

/** Where a rule holds, in words. */
export function ruleWhere({ scope, scopeKey }: Pick<RuleRow, 'scope' | 'scopeKey'>): string {
  if (scope === 'global' || scopeKey === '') return 'for every agent'
  return scope === 'project' ? `for ${plain(scopeKey, 64)}` : `for ${plain(scopeKey, 64)} work`
}

/** An answer in a word. */
export const WOULD: Record<Decision, string> = {
  allow: 'allowed',
  warn: 'allowed, warned',
  require_approval: 'asked',
  block: 'denied',
}

const SUSPENDED: Record<string, string> = {
  rollback: 'rolled back',
  conflict: 'another rule says otherwise',
  repeated_failure: 'failed twice',
  repeated_override: 'overruled twice',
  missed_confirmation: 'twice a person should have been asked',
  operator: 'by an operator',
  agent_deleted: 'its agent was deleted',
}

/** Why a rule was suspended, in a few words. */
export function suspendedWhy(reason: string): string {
  return wordIn(SUSPENDED, reason) ?? plain(reason.replaceAll('_', ' '), 80)
}

const MISSING: Record<string, string> = {
  'insufficient evidence': 'more yeses in a row, with nothing against it since',
  'scope missing': 'where it holds',
  'policy decision missing': 'what it decides',
  'summary missing': 'a summary',
  'minimal test missing': 'a test',
  'unresolved conflict': 'another confirmed rule says otherwise: suspend or archive that one first',
  'weak hints cannot promote directly':
    "a person's yes: it comes from watching, not from a decision",
  'no explicit confirmation or stable success pattern': "a person's own yes, or three successes",
  'high-risk auto rules require explicit confirmation': "a person's own yes, as the risk is high",
}

/** What keeps a candidate from being confirmed, in words that say what would help. */
export function missingText(missing: string): string {
  return wordIn(MISSING, missing) ?? plain(missing, 200)
}

const BECAUSE: Record<string, string> = {
  explicit_correction: 'a person decided',
  explicit_preference: 'a person said so',
  candidate_promoted: 'it was right often enough',
  operator: 'a person decided',
  expired: 'its time was over',
  repeated_successful_execution: 'it worked again and again',
  repeated_outcome: 'the same outcome again and again',
  feedback: 'what came of it',
}

const EVIDENCE: Record<string, string> = {
  missed_confirmation: 'a person should have been asked',
  repeated_failure: 'it went wrong',
  repeated_success: 'it went well',
  accepted_confirmation: 'it went well after a yes',
  set_back: 'this spoke against it',
}

/** Why something happened to a rule, in words; where the rule stayed in its state, what kind of evidence it heard. */
export function becauseText(because: string, moved = true): string {
  return (
    (moved ? undefined : wordIn(EVIDENCE, because)) ??
    wordIn(BECAUSE, because) ??
    wordIn(SUSPENDED, because) ??
    plain(/^[a-z]+(_[a-z]+)+$/.test(because) ? because.replaceAll('_', ' ') : because, 200)
  )
}

/** Cells that fill with the evidence: `▇▇▇▇··`. */
export function evidenceBar(support: number, needed: number, cells: number): string {
  const full = Math.max(0, Math.min(cells, Math.round((cells * support) / Math.max(1, needed))))
  return '▇'.repeat(full) + '·'.repeat(cells - full)
}
