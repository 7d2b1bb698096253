import type { RuleRow } from '../../../domain/rules/types.ts'
import { ruleAbout, ruleSentence } from '../../text/rules.ts'
import type { FormField, FormPurpose, FormStep } from '../store/layer.ts'
import type { ConsoleContext } from './context.ts'
import { field, fieldWhen, openForm } from './fields.ts'

/** How long a rule can hold, in days; 0 is without end. */
export const DURATIONS: Record<string, string> = {
  '1 day': '1',
  '7 days': '7',
  '30 days': '30',
  'no end': '0',
}

const UNCHANGED = 'unchanged'

/** How many conditions of a rule its form shows. Rules with more come from files. */
const MAX_CONDITIONS = 5

/** A form that changes a learned rule. Only what changed is sent. */
export function openRuleEdit(context: ConsoleContext, rule: RuleRow): void {
  const hidden = rule.trigger.length - MAX_CONDITIONS
  openForm(context, {
    title: `Change: ${ruleAbout(rule)}`,
    intro: [
      ruleSentence(rule),
      ...(hidden > 0
        ? [`These are its first ${MAX_CONDITIONS} conditions. The other ${hidden} stay unchanged.`]
        : []),
      ...(rule.status === 'confirmed'
        ? ['If you change what it is about, you have to confirm it again.']
        : []),
    ],
    fields: ruleFields(rule),
    purpose: { actId: 'rule.edit', input: { id: rule.id, was: rule }, kind: 'rule' },
  })
}

function ruleFields(rule: RuleRow): FormField[] {
  const conditions = [...rule.trigger.slice(0, MAX_CONDITIONS), ''].map((text, i) =>
    field(`trigger${i}`, {
      label: i === 0 ? 'when' : 'and when',
      text,
      about: 'such as command:npm test or runs:git push; empty removes it',
    }),
  )
  return [
    field('summary', { label: 'summary', text: rule.summary, about: 'a short description' }),
    ...conditions,
    field('decision', {
      label: 'decision',
      text: rule.decision || 'allow',
      about: '',
      choices: ['allow', 'ask'],
    }),
    field('scope', {
      label: 'scope',
      text: rule.scope,
      about: '',
      choices: ['project', 'domain', 'global'],
    }),
    fieldWhen(
      'scope',
      ['project', 'domain'],
      field('key', {
        label: 'applies to',
        text: rule.scopeKey,
        about: 'an agent, or a kind of work: code, ops, docs, review, analysis',
      }),
    ),
    field('days', {
      label: 'until',
      text: UNCHANGED,
      about: '',
      choices: [UNCHANGED, ...Object.keys(DURATIONS)],
    }),
  ]
}

export function editStep(
  { actId, input: { id, was } }: FormPurpose,
  values: Record<string, string>,
): FormStep {
  return { actId, input: { id, ...changedValues(was as RuleRow, values) } }
}

function changedValues(was: RuleRow, values: Record<string, string>): Record<string, unknown> {
  const conditions = Object.entries(values)
    .filter(([key, text]) => key.startsWith('trigger') && text !== '')
    .map(([, text]) => text)
  const now: Record<string, unknown> = {
    summary: values['summary'],
    trigger: [...conditions, ...was.trigger.slice(MAX_CONDITIONS)],
    decision: values['decision'],
    scope: values['scope'],
    key: values['key'] ?? was.scopeKey,
    days: DURATIONS[values['days'] ?? ''],
  }
  const before: Record<string, unknown> = {
    summary: was.summary,
    trigger: was.trigger,
    decision: was.decision || 'allow',
    scope: was.scope,
    key: was.scopeKey,
    days: undefined,
  }
  return Object.fromEntries(
    Object.entries(now).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key]),
    ),
  )
}
