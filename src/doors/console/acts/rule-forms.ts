import { asFault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { ChangedAnswer } from '../../../domain/rules/trials/types.ts'
import type { RuleProposal } from '../../../domain/rules/types.ts'
import {
  askedFields,
  type FormField,
  type FormPurpose,
  type FormStep,
  type LayerOf,
  type TextLine,
} from '../store/layer.ts'
import { changeTop } from '../store/store.ts'
import { severeText } from '../../text/simulation.ts'
import { BLANK_LINE, textLine } from '../views/lines.ts'
import type { ConsoleContext } from './context.ts'
import { agreedLines, askedLines, field, fieldWhen, noteField, openForm } from './fields.ts'
import { DURATIONS } from './rule-edit.ts'
import { simulateForm } from './simulate.ts'

type Values = Record<string, string>

const EXACT = 'exactly this'
const EVERY_AGENT = 'every agent'
const ITS_WORK = 'its kind of work'
const RULE = 'a rule'
const LEASE = 'a lease'
const ONCE = 'only this once'
const BLOCK = 'block exactly this'
const ASK = 'always ask me'

/** What a rule from an approval covers, where and how long, while `key` has the value `is`. */
function ruleFields(key: string, is: string, agent: string): FormField[] {
  const fields = [
    field('width', {
      label: 'covers',
      text: EXACT,
      about: 'loading what it could cover…',
      choices: [EXACT],
    }),
    field('scope', {
      label: 'for',
      text: agent,
      about: 'where it applies',
      choices: [agent, ITS_WORK, EVERY_AGENT],
    }),
    field('days', {
      label: 'until',
      text: '7 days',
      about: 'then it asks again',
      choices: Object.keys(DURATIONS),
    }),
  ]
  return fields.map((each) => fieldWhen(key, [is], each))
}

const valuesFor = (agent: string): Values => ({
  [EXACT]: 'exact',
  [agent]: 'project',
  [ITS_WORK]: 'domain',
  [EVERY_AGENT]: 'global',
})

/**
 * Allows this and more like it, by a rule of one of three widths or by a lease. If the lock always
 * asks, allowing only this comes first.
 */
export function openMore(context: ConsoleContext, a: Approval): void {
  const lock = lockLines(a)
  // No rule answers where more people have to agree.
  const ways = [
    ...(lock.length > 0 ? [ONCE] : []),
    ...(a.quorum === undefined ? [RULE] : []),
    LEASE,
  ]
  openForm(context, {
    title: 'Allow more like this',
    intro: [...askedLines(a), ...agreedLines(a), ...lock],
    fields: [
      field('how', {
        label: 'by',
        text: ways[0] ?? RULE,
        about: 'a rule answers from now on, a lease a few times',
        choices: ways,
      }),
      ...ruleFields('how', RULE, a.agent),
      ...leaseFields(a).map((each) => fieldWhen('how', [LEASE], each)),
      noteField(),
    ],
    purpose: {
      actId: 'approval.allow',
      input: { id: a.id },
      kind: 'more',
      values: valuesFor(a.agent),
    },
  })
  void loadProposals(context, a, false)
}

function leaseFields(a: Approval): FormField[] {
  const others = a.quorum?.agreements.findLast(({ lease }) => lease !== null)?.lease
  return [
    field('target', {
      label: 'covers',
      text: others?.target ?? a.action.target,
      about: 'exactly this; * matches any text',
    }),
    field('uses', { label: 'uses', text: String(others?.uses ?? 5), about: '1 to 1000' }),
    field('minutes', {
      label: 'minutes',
      text: String(others?.minutes ?? 60),
      about: '1 to 10080 (7 days)',
    }),
  ]
}

/** Denies this, and blocks it from now on or makes a rule that always asks. */
export function openNever(context: ConsoleContext, a: Approval): void {
  openForm(context, {
    title: 'Deny and remember',
    intro: askedLines(a),
    fields: [
      field('how', { label: 'from now on', text: BLOCK, about: '', choices: [BLOCK, ASK] }),
      ...ruleFields('how', ASK, a.agent),
      noteField(),
    ],
    purpose: {
      actId: 'approval.deny',
      input: { id: a.id },
      kind: 'never',
      values: valuesFor(a.agent),
    },
  })
  void loadProposals(context, a, true)
}

/** A warning where the lock asks each time, whatever rules and leases say. */
function lockLines(a: Approval): string[] {
  const bound = a.reasons.find((r) => r.layer === 'lock')
  return bound === undefined
    ? []
    : [
        `⚠ The lock asks each time, whatever rules and leases say: ${plain(bound.text, 200).replace(/\.$/, '')}.`,
      ]
}

/** Loads the widths that are possible, and what each would have covered, into the open form. */
async function loadProposals(
  { store, link }: ConsoleContext,
  a: Approval,
  ask: boolean,
): Promise<void> {
  let found: readonly RuleProposal[] = []
  let problem = ''
  try {
    found = (await link.do('rule.proposals', {
      approval: a.id,
      ...(ask ? { ask } : {}),
    })) as RuleProposal[]
  } catch (thrown) {
    problem = asFault(thrown).message
  }
  changeTop(store, 'form', (layer) => {
    const { purpose } = layer
    if ((purpose.kind !== 'more' && purpose.kind !== 'never') || purpose.input['id'] !== a.id)
      return layer
    const values = {
      ...purpose.values,
      ...Object.fromEntries(found.map((p) => [choiceOf(p), p.width])),
    }
    const loaded = problem === '' ? withProposals(found, ask) : { about: plain(problem, 200) }
    return {
      ...layer,
      purpose: { ...purpose, values },
      fields: layer.fields.map((f) => (f.key === 'width' ? { ...f, ...loaded } : f)),
    }
  })
  simulateForm({ store, link })
}

const choiceOf = ({ width, says }: RuleProposal): string =>
  width === 'exact' ? EXACT : plain(says, 60)

function withProposals(found: readonly RuleProposal[], ask: boolean): Partial<FormField> {
  if (found.length === 0) return { about: 'nothing wider is possible' }
  return {
    about: '',
    choices: found.map(choiceOf),
    notes: Object.fromEntries(found.map((p) => [choiceOf(p), pastText(p, ask)])),
  }
}

/** What it would have covered. An earlier denial speaks against allowing, not against asking. */
function pastText({ past }: RuleProposal, ask: boolean): string {
  if (past.asked === 0) return 'never asked before'
  const warning = past.denied > 0 && !ask ? '⚠ ' : ''
  return `${warning}asked ${past.asked}×, allowed ${past.allowed}, denied ${past.denied}`
}

const noteOf = (note: string | undefined): { note?: string } => (note ? { note } : {})

function proposeStep(
  { input, values = {} }: FormPurpose,
  { width = '', scope = '', days = '', note }: Values,
  rest: Pick<FormStep, 'next'> & { ask?: boolean },
): FormStep {
  const { next, ...ask } = rest
  return {
    actId: 'rule.propose',
    input: {
      approval: input['id'],
      width: values[width] ?? 'exact',
      scope: values[scope] ?? 'project',
      days: DURATIONS[days] ?? '7',
      ...ask,
      ...noteOf(note),
    },
    next,
  }
}

export function moreStep(purpose: FormPurpose, values: Values): FormStep {
  const { how, target, uses, minutes, note } = values
  const allow: FormStep = {
    actId: 'approval.allow',
    input: {
      ids: [purpose.input['id']],
      ...(how === LEASE ? { lease: { target, uses, minutes } } : {}),
      ...noteOf(note),
    },
  }
  return how === RULE ? proposeStep(purpose, values, { next: allow }) : allow
}

export function neverStep(purpose: FormPurpose, values: Values): FormStep {
  const block = values['how'] === BLOCK
  const deny: FormStep = {
    actId: 'approval.deny',
    input: {
      ids: [purpose.input['id']],
      ...(block ? { remember: true } : {}),
      ...noteOf(values['note']),
    },
  }
  return block ? deny : proposeStep(purpose, values, { ask: true, next: deny })
}

/** What is severe about what the rule of a form would have allowed. */
export function severeLines({ purpose, trial, fields }: LayerOf<'form'>): TextLine[] {
  const isRule = purpose.kind === 'more' && askedFields(fields).some((f) => f.key === 'width')
  const found = isRule ? (trial?.found ?? null) : null
  if (found === null || found.severe === 0) return []
  const line = (flip: ChangedAnswer): TextLine =>
    textLine(
      'bad',
      `${plain(flip.agent, 40)}: ${plain(flip.type, 20)} ${plain(flip.target, 400)}, ${flip.was}`,
    )
  const severe = found.flips.filter((flip) => flip.severe).slice(0, 4)
  return [
    BLANK_LINE,
    textLine(
      'bad',
      `⚠ It would have allowed ${found.toAllow} past questions without asking. ${severeText(found)}`,
    ),
    ...severe.map(line),
  ]
}
