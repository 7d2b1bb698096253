import { plain } from '../../../base/text.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleProposal, RuleRow } from '../../../domain/rules/types.ts'
import { ruleAbout, ruleSentence } from '../../text/rules.ts'
import {
  askedFields,
  type FormField,
  type FormPurpose,
  type Layer,
  type FormStep,
} from '../store/layer.ts'
import { changeTop, type ConsoleState } from '../store/store.ts'
import { HIGH_RISK, whyText } from '../views/approvals.ts'
import { graveText } from '../views/preview.ts'
import type { Bridge } from './bridge.ts'
import { askedLines, field, fieldWhen, openLayer } from './fields.ts'
import { tryForm } from './simulate.ts'
import type { ChangedAnswer, Simulation } from '../../../domain/rules/trials/types.ts'
import { tableOf } from '../store/world.ts'

type Form = Extract<Layer, { kind: 'form' }>
type Values = Record<string, string>

const EXACT = 'exactly this'
const EVERYONE = 'every agent'
const ITS_WORK = 'its kind of work'
const DAYS: Record<string, string> = {
  '1 day': '1',
  '7 days': '7',
  '30 days': '30',
  'I end it': '0',
}
const RULE = 'a rule'
const LEASE = 'a lease'
const ONCE = 'only this once'
const BLOCK = 'block exactly this'
const ASK = 'always ask me'
/** So many of a rule's triggers can be changed in its form; more than a few are the work of a file. */
const TRIGGERS = 5

/** What a rule from a question may cover, where, and until when: the narrowest first. */
function ruleFields(key: string, is: string, agent: string): FormField[] {
  return [
    fieldWhen(key, [is], {
      ...field('width', 'covers', EXACT, 'reading what it could cover…', [EXACT]),
    }),
    fieldWhen(
      key,
      [is],
      field('scope', 'for', agent, 'where it holds', [agent, ITS_WORK, EVERYONE]),
    ),
    fieldWhen(
      key,
      [is],
      field('days', 'until', '7 days', 'after that it asks again', Object.keys(DAYS)),
    ),
  ]
}

const valuesFor = (agent: string): Record<string, string> => ({
  [EXACT]: 'exact',
  [agent]: 'project',
  [ITS_WORK]: 'domain',
  [EVERYONE]: 'global',
})

/** Yes to this, and to more like it: by a rule at one of three widths, or by a lease. Where the lock wants a person each time, a yes to this alone comes first. */
export function openMore(bridge: Bridge, a: Approval): void {
  const bound = lockLines(a)
  openLayer(
    bridge,
    'Allow more like this',
    [...askedLines(a), ...bound],
    [
      field(
        'how',
        'by',
        bound.length > 0 ? ONCE : RULE,
        'a rule answers from now on, a lease a few times',
        [...(bound.length > 0 ? [ONCE] : []), RULE, LEASE],
      ),
      ...ruleFields('how', RULE, a.agent),
      fieldWhen(
        'how',
        [LEASE],
        field(
          'target',
          'covers',
          a.action.target,
          'exactly this, or with * for any run of letters',
        ),
      ),
      fieldWhen('how', [LEASE], field('uses', 'uses', '5', 'how often, 1 to 1000')),
      fieldWhen('how', [LEASE], field('minutes', 'minutes', '60', 'for how long, to a week')),
      field('note', 'tell the agent', '', 'may stay empty'),
    ],
    { actId: 'approval.allow', input: { id: a.id }, kind: 'more', values: valuesFor(a.agent) },
  )
  void readProposals(bridge, a, false)
}

/** No to this, and a word for the next time: a block, or a rule that always asks. */
export function openNever(bridge: Bridge, a: Approval): void {
  openLayer(
    bridge,
    'Deny, and remember',
    askedLines(a),
    [
      field('how', 'from now on', BLOCK, '', [BLOCK, ASK]),
      ...ruleFields('how', ASK, a.agent),
      field('note', 'tell the agent', '', 'may stay empty'),
    ],
    { actId: 'approval.deny', input: { id: a.id }, kind: 'never', values: valuesFor(a.agent) },
  )
  void readProposals(bridge, a, true)
}

/** What the lock wants a person for, it wants one for each time: there neither a rule nor a lease helps. */
function lockLines(a: Approval): string[] {
  const bound = a.reasons.find((r) => r.layer === 'lock')
  return bound === undefined
    ? []
    : [
        `⚠ Neither a rule nor a lease will spare you the next question: ${plain(bound.text, 200).replace(/\.$/, '')}. The lock always asks.`,
      ]
}

/** Asks which widths there are, and what each would have covered; the form is open meanwhile. */
async function readProposals(
  { store, link, ...bridge }: Bridge,
  a: Approval,
  ask: boolean,
): Promise<void> {
  const mine = (layer: Form): boolean =>
    (layer.purpose.kind === 'more' || layer.purpose.kind === 'never') &&
    layer.purpose.input['id'] === a.id
  let found: readonly RuleProposal[] = []
  let problem = ''
  try {
    found = (await link.do('rule.proposals', {
      approval: a.id,
      ...(ask ? { ask } : {}),
    })) as RuleProposal[]
  } catch (thrown) {
    problem = (thrown as Error).message
  }
  changeTop(store, 'form', (layer) => {
    if (!mine(layer)) return layer
    const values = {
      ...layer.purpose.values,
      ...Object.fromEntries(found.map((p) => [said(p), p.width])),
    }
    return {
      ...layer,
      purpose: { ...layer.purpose, values },
      fields: layer.fields.map((f) => (f.key !== 'width' ? f : widthField(f, found, problem, ask))),
    }
  })
  tryForm({ store, link, ...bridge })
}

const said = ({ width, says }: RuleProposal): string =>
  width === 'exact' ? EXACT : plain(says, 60)

function widthField(
  known: FormField,
  found: readonly RuleProposal[],
  problem: string,
  ask: boolean,
): FormField {
  if (found.length === 0)
    return { ...known, about: problem === '' ? 'nothing wider is offered' : plain(problem, 200) }
  return {
    ...known,
    about: '',
    choices: found.map(said),
    notes: Object.fromEntries(found.map((p) => [said(p), pastText(p, ask)])),
  }
}

/** What it would have covered. That a person once said no speaks against allowing, not against asking. */
function pastText({ past }: RuleProposal, ask: boolean): string {
  if (past.asked === 0) return 'never asked before'
  return `${past.denied > 0 && !ask ? '⚠ ' : ''}asked ${past.asked}×, allowed ${past.allowed}, denied ${past.denied}`
}

/** Changes a learned rule: only what was changed is sent. */
export function openRuleEdit(bridge: Bridge, rule: RuleRow): void {
  const when = [...rule.trigger.slice(0, TRIGGERS), ''].map((text, i) =>
    field(
      `trigger${i}`,
      i === 0 ? 'when' : 'and when',
      text,
      'as command:npm test, runs:git push; empty takes it away',
    ),
  )
  const [now, ...days] = ['as it is', ...Object.keys(DAYS)]
  openLayer(
    bridge,
    `Change: ${ruleAbout(rule)}`,
    [
      ruleSentence(rule),
      ...(rule.trigger.length > TRIGGERS
        ? [
            `Its first ${TRIGGERS} conditions are here; the other ${rule.trigger.length - TRIGGERS} stay as they are.`,
          ]
        : []),
      ...(rule.status === 'confirmed'
        ? ['Made to be about something else, it has to be confirmed again.']
        : []),
    ],
    [
      field('summary', 'called', rule.summary, 'what it is called'),
      ...when,
      field('decision', 'it', rule.decision === 'ask' ? 'asks' : 'allows', '', ['allows', 'asks']),
      field('scope', 'holds for', rule.scope, '', ['project', 'domain', 'global']),
      fieldWhen(
        'scope',
        ['project', 'domain'],
        field(
          'key',
          'which',
          rule.scopeKey,
          'the agent, or the kind of work: code, ops, docs, review, analysis',
        ),
      ),
      field('days', 'until', now as string, '', [now as string, ...days]),
    ],
    { actId: 'rule.edit', input: { id: rule.id, was: rule }, kind: 'rule' },
  )
}

const noteOf = (note: string | undefined): { note?: string } => (note ? { note } : {})

function proposed(
  { input, values = {} }: FormPurpose,
  { width = '', scope = '', days = '' }: Values,
): Record<string, unknown> {
  return {
    approval: input['id'],
    width: values[width] ?? 'exact',
    scope: values[scope] ?? 'project',
    days: DAYS[days] ?? '7',
  }
}

/** What these forms ask of the deck. */
export const ruleShapes: Record<
  'more' | 'never' | 'rule',
  (purpose: FormPurpose, values: Values) => FormStep
> = {
  more: (purpose, values) => {
    const { how, target, uses, minutes, note } = values
    const allow = {
      actId: 'approval.allow',
      input: {
        ...purpose.input,
        ...(how === LEASE ? { lease: { target, uses, minutes } } : {}),
        ...noteOf(note),
      },
    }
    return how !== RULE
      ? allow
      : {
          actId: 'rule.propose',
          input: { ...proposed(purpose, values), ...noteOf(note) },
          next: allow,
        }
  },
  never: (purpose, values) => {
    const deny = {
      actId: 'approval.deny',
      input: {
        ...purpose.input,
        ...(values['how'] === BLOCK ? { remember: true } : {}),
        ...noteOf(values['note']),
      },
    }
    return values['how'] === BLOCK
      ? deny
      : {
          actId: 'rule.propose',
          input: { ...proposed(purpose, values), ask: true, ...noteOf(values['note']) },
          next: deny,
        }
  },
  rule: ({ actId, input: { id, was } }, values) => ({
    actId,
    input: { id, ...edited(was as RuleRow, values) },
  }),
}

function edited(was: RuleRow, values: Values): Record<string, unknown> {
  const written = Object.entries(values)
    .filter(([key, text]) => key.startsWith('trigger') && text !== '')
    .map(([, text]) => text)
  const now: Record<string, unknown> = {
    summary: values['summary'],
    trigger: [...written, ...was.trigger.slice(TRIGGERS)],
    decision: values['decision'] === 'asks' ? 'ask' : 'allow',
    scope: values['scope'],
    key: values['key'] ?? was.scopeKey,
    days: DAYS[values['days'] ?? ''],
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

/** Why a form that would allow more takes a second, different key: the question is of high risk, or the rule would have let grave things through. */
export function doubt(
  { world }: ConsoleState,
  { purpose, trial, fields }: Form,
): { title: string; lines: string[] } | undefined {
  if (purpose.kind !== 'more') return undefined
  const a = tableOf(world, 'approval').get(String(purpose.input['id']))
  const found = askedFields(fields).some((f) => f.key === 'width') ? (trial?.found ?? null) : null
  const grave = found === null || found.grave === 0 ? [] : graveLines(found)
  const high = a !== undefined && a.risk.score >= HIGH_RISK
  if (!high && grave.length === 0) return undefined
  return {
    title: high ? `Allow more like this, at risk ${a.risk.score}?` : 'Allow more like this?',
    lines: [
      ...(a === undefined
        ? []
        : [
            `${a.agent}: ${plain(a.action.type)} ${plain(a.action.target, 300)}`,
            `   ${whyText(a)}`,
          ]),
      ...grave,
    ],
  }
}

function graveLines(found: Simulation): string[] {
  const line = (flip: ChangedAnswer): string =>
    `   ${plain(flip.agent, 40)}: ${plain(flip.type, 20)} ${plain(flip.target, 120)}, ${flip.was}`
  return [
    `⚠ Of the past it would have allowed ${found.toAllow} unasked. ${graveText(found)}`,
    ...found.flips
      .filter((flip) => flip.grave)
      .slice(0, 4)
      .map(line),
  ]
}
