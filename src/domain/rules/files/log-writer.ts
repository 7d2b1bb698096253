import { canonical } from '../../../base/canonical.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import { ASK, AUTO, type Rule } from '../../../clawpolicy/types.ts'
import type { Action } from '../../policy/types.ts'
import { toRule } from '../stored.ts'
import type { RuleChange, RuleOutcome } from '../types.ts'
import { evaluatedLine, outcomeLine, type LoggedQuestion } from './decision-lines.ts'
import { ruleEventLine, transitionOf } from './rule-lines.ts'

/** Lines of rule events that one outcome caused, held back until the outcome's own line follows. */
interface OutcomeGroup {
  /** The action or approval that they are about. */
  of: string
  at: number
  lines: string[]
  outcome: RuleOutcome | null
  rules: string[]
  transitions: string[]
}

/** The latest questions, which are remembered for their outcomes. */
const MAX_QUESTIONS = 4096

/** Writes events of the journal, given in order, as lines of the policy log. */
export class LogWriter {
  readonly #templates = new Map<string, string>()
  readonly #rules = new Map<string, Rule>()
  readonly #questions = new Map<string, LoggedQuestion>()
  #group: OutcomeGroup | undefined

  /** The lines that are complete with this event. */
  take(event: DeckEvent): string[] {
    if (event.type.startsWith('rule.')) return this.#ruleChanged(event as DeckEvent<'rule.added'>)
    switch (event.type) {
      case 'rules.imported':
        return [...this.end(), ...importedLines(event as DeckEvent<'rules.imported'>)]
      case 'agent.created':
      case 'agent.restored':
        this.#templates.set(event.subject, (event as DeckEvent<'agent.created'>).body.template)
        return []
      case 'approval.decided':
        return this.#decided(event as DeckEvent<'approval.decided'>)
      case 'action.decided':
        return typeof (event as DeckEvent<'action.decided'>).body.rule === 'string'
          ? this.#asked(event as DeckEvent<'action.decided'>)
          : []
      case 'approval.requested':
        return this.#asked(event as DeckEvent<'approval.requested'>)
      default:
        return []
    }
  }

  /** The lines that are still held back. */
  end(): string[] {
    if (this.#group === undefined) return []
    const { of, lines, outcome, rules, transitions } = this.#group
    this.#group = undefined
    if (outcome === null) return lines
    return [...lines, outcomeLine({ of, rules, transitions, outcome }, this.#questions.get(of))]
  }

  #asked(event: DeckEvent<'approval.requested' | 'action.decided'>): string[] {
    const complete = this.end()
    const { id, action, risk, reasons } = event.body
    const question: LoggedQuestion = {
      id,
      agent: event.subject,
      template: this.#templates.get(event.subject) ?? '',
      action,
      risk,
    }
    this.#remember(question)
    const wasAllowed =
      'decision' in event.body &&
      (event.body.decision === 'allow' || event.body.decision === 'warn')
    const line = evaluatedLine(question, {
      decision: wasAllowed ? AUTO : ASK,
      reasons,
      at: event.at,
      rules: this.#rules,
    })
    return [...complete, line]
  }

  #remember(question: LoggedQuestion): void {
    this.#questions.set(question.id, question)
    const oldest = this.#questions.keys().next().value
    if (this.#questions.size > MAX_QUESTIONS && oldest !== undefined) this.#questions.delete(oldest)
  }

  /** An outcome is about the action that was allowed instead of the one that was asked about. */
  #decided({ body: { id, edited } }: DeckEvent<'approval.decided'>): string[] {
    const question = this.#questions.get(id)
    if (question !== undefined && edited !== null)
      this.#questions.set(id, { ...question, action: edited as Action })
    return this.end()
  }

  #ruleChanged(event: DeckEvent<'rule.added'>): string[] {
    const { body, at } = event
    const rule = toRule(body.stored)
    const before = this.#rules.get(rule.id)
    this.#rules.set(rule.id, rule)
    if ((event.type as string) === 'rule.imported') return this.end()
    const complete = this.#belongsToGroup(body, at) ? [] : this.end()
    const group = (this.#group ??= emptyGroup(body.of, at))
    const line = ruleEventLine(event, {
      rule,
      isSameSubject: subjectOfRule(before) === subjectOfRule(rule),
      question: this.#questions.get(body.of),
    })
    group.lines.push(line)
    group.outcome ??= body.outcome
    if (body.outcome === null) return complete
    const transition = transitionOf(body)
    group.rules.push(rule.id)
    if (transition !== undefined) group.transitions.push(transition)
    return complete
  }

  /** Rules that the archive sweep changes at the same time have no outcome of their own. */
  #belongsToGroup({ of, outcome }: RuleChange, at: number): boolean {
    const group = this.#group
    if (group === undefined || of === '' || group.of !== of || group.at !== at) return false
    return (
      outcome === null || group.outcome === null || canonical(outcome) === canonical(group.outcome)
    )
  }
}

function emptyGroup(of: string, at: number): OutcomeGroup {
  return { of, at, lines: [], outcome: null, rules: [], transitions: [] }
}

function importedLines({ body: { lines } }: DeckEvent<'rules.imported'>): string[] {
  return lines.map((line) => `${line}\n`)
}

/** What a rule covers and decides, as a text that can be compared. */
function subjectOfRule(rule: Rule | undefined): string {
  return rule === undefined
    ? ''
    : canonical([rule.policy_decision, rule.scope, rule.scope_key, rule.trigger])
}
