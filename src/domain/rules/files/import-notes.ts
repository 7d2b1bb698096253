import { count, plain } from '../../../base/text.ts'
import { AUTO } from '../../../clawpolicy/types.ts'
import type { StoredRule } from '../types.ts'
import { isBlanket } from './sanitize.ts'

const MAX_NAMED = 20

/** What an import brings: the rules, and how many of them became candidates. */
interface ImportedRules {
  rules: readonly StoredRule[]
  candidates: number
  isTrusted: boolean
  isAgent: (name: string) => boolean
}

/** What an operator should know of the rules that an import brings. */
export function importNotes({ rules, candidates, isTrusted, isAgent }: ImportedRules): string[] {
  const ofUnknownAgents = rules.filter(
    ({ rule }) => rule.scope === 'project' && rule.scope_key !== '' && !isAgent(rule.scope_key),
  )
  const blanket = rules.filter(
    (stored) => stored.rule.policy_decision === AUTO && isBlanket(stored),
  )
  return [
    ...(candidates > 0 ? [candidatesNote(candidates, isTrusted)] : []),
    ...(ofUnknownAgents.length > 0 ? [unknownAgentsNote(ofUnknownAgents)] : []),
    ...(blanket.length > 0 ? [blanketNote(blanket, isTrusted)] : []),
  ]
}

function candidatesNote(many: number, isTrusted: boolean): string {
  const became = many === 1 ? 'became a candidate' : 'became candidates'
  const trust = isTrusted ? '' : '; --trust imports all unchanged'
  return `${count(many, 'confirmed allow rule')} ${became}: a file cannot confirm a rule. \`clawdeck policy confirm <id>\` confirms one${trust}`
}

function unknownAgentsNote(rules: readonly StoredRule[]): string {
  return `${count(rules.length, 'rule')} for unknown agents, with no effect until an agent has that name or the scope is changed with \`clawdeck policy edit\`: ${namesOf(rules)}`
}

function blanketNote(rules: readonly StoredRule[], isTrusted: boolean): string {
  return `${count(rules.length, 'rule')} that would allow everything, or every action of a type${isTrusted ? '' : ', archived'}: ${namesOf(rules)}`
}

function namesOf(rules: readonly StoredRule[]): string {
  const names = rules.slice(0, MAX_NAMED).map(({ rule }) => plain(rule.id))
  const more = rules.length - MAX_NAMED
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
