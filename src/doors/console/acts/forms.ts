import { asFault } from '../../../base/fault.ts'
import { inputProblem } from '../../../commands/input.ts'
import { changes, type Face } from '../../../commands/face.ts'
import { findFace } from '../../../commands/registry.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import { askedFields, type FormField, type FormPurpose, type FormStep } from '../store/layer.ts'
import { changeTop, popLayer, pushLayer, setUi } from '../store/store.ts'
import { tableOf } from '../store/world.ts'
import type { ConsoleContext } from './context.ts'
import { agreedLines, askedLines, field, noteField, openForm } from './fields.ts'
import { editStep } from './rule-edit.ts'
import { confirmForm } from './confirm-form.ts'
import { moreStep, neverStep } from './rule-forms.ts'
import { openAnswer } from './answer.ts'

/** A form for an act that needs more than the subject, made from its command-line syntax. */
export function openActForm(
  context: ConsoleContext,
  face: Face,
  known: Record<string, unknown>,
): void {
  const fields = [...argumentFields(face, known), ...flagFields(face)]
  openForm(context, {
    title: face.title,
    intro: [face.help],
    fields,
    purpose: { actId: face.id, input: known, kind: 'act' },
  })
  const first = fields.findIndex((f) => f.edit.text === '')
  changeTop(context.store, 'form', (l) => ({ ...l, at: Math.max(0, first) }))
}

function argumentFields({ cli }: Face, known: Record<string, unknown>): FormField[] {
  return [...(cli ?? '').matchAll(/(<|\[|-- <)([a-zA-Z]+)(\.\.\.)?[>\]]/g)].map(
    ([, open, key = '', many]) =>
      field(key, {
        label: labelOf(key),
        text: String(known[key] ?? ''),
        about: `${open === '[' ? 'optional' : 'required'}${many === undefined ? '' : ', separated by spaces'}`,
      }),
  )
}

function flagFields({ flags = {} }: Face): FormField[] {
  return Object.entries(flags).map(([key, { about, value }]) =>
    value === undefined
      ? field(key, { label: labelOf(key), text: 'no', about, choices: ['no', 'yes'] })
      : field(key, { label: labelOf(key), text: '', about }),
  )
}

/** `riskAtLeast` is shown as `risk at least`. */
function labelOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** What somebody else would allow instead: two who agree have to agree to the same. */
function othersEdit({ quorum }: Approval): string | undefined {
  return quorum?.agreements.findLast(({ edited }) => edited !== null)?.edited?.target
}

export function openEdit(context: ConsoleContext, a: Approval): void {
  openForm(context, {
    title: 'Edit, then allow',
    intro: [...askedLines(a), ...agreedLines(a)],
    fields: [
      field('target', {
        label: a.action.type.slice(0, 12),
        text: othersEdit(a) ?? a.action.target,
        about: 'the agent receives this text',
      }),
      noteField(),
    ],
    purpose: { actId: 'approval.allow', input: { id: a.id }, kind: 'edit' },
  })
}

export function openReason(context: ConsoleContext, a: Approval): void {
  openForm(context, {
    title: 'Decide with a reason',
    intro: askedLines(a),
    fields: [
      field('verb', { label: 'decision', text: 'deny', about: '', choices: ['deny', 'allow'] }),
      { ...noteField(), about: 'why, so that it can act on it' },
    ],
    purpose: { actId: '', input: { id: a.id }, kind: 'reason' },
  })
}

export function openPolicyForm(context: ConsoleContext): void {
  const risk = { text: '', about: '0 to 100' }
  openForm(context, {
    title: 'Add policy',
    intro: [
      "The policy answers what matches, within each agent's lock. Empty fields match anything.",
    ],
    fields: [
      field('effect', {
        label: 'effect',
        text: 'ask',
        about: '',
        choices: ['allow', 'warn', 'ask', 'block'],
      }),
      field('type', {
        label: 'type',
        text: 'exec',
        about: 'exec, net, file, tool, spend, message or a custom type',
      }),
      field('target', { label: 'target', text: '', about: 'such as git push *' }),
      field('agent', { label: 'agent', text: '', about: 'a name; * matches any text' }),
      field('riskAtLeast', { label: 'risk from', ...risk }),
      field('riskAtMost', { label: 'risk to', ...risk }),
      field('reason', { label: 'reason', text: '', about: 'shown to agents' }),
    ],
    purpose: { actId: 'policy.add', input: {}, kind: 'policy' },
  })
}

/** The wizard's first step: choose a template. */
export function openWizard({ store, link }: ConsoleContext): void {
  pushLayer(store, { kind: 'wizard', templates: null, problem: '' })
  link.do('template.list', {}).then(
    (list) =>
      changeTop(store, 'wizard', (l) => ({
        ...l,
        templates: list as { name: string; description: string }[],
      })),
    (thrown: unknown) =>
      changeTop(store, 'wizard', (l) => ({ ...l, problem: asFault(thrown).message })),
  )
}

/** The wizard's second step: name the agent. */
export function chooseTemplate(context: ConsoleContext, template: string): void {
  const agents = tableOf(context.store.getState().world, 'agent')
  let name = template
  for (let n = 2; agents.has(name); n++) name = `${template}-${n}`
  setUi(context.store, (ui) => ({ layers: ui.layers.filter((l) => l.kind !== 'wizard') }))
  openForm(context, {
    title: `Create agent from ${template}`,
    intro: [],
    fields: [
      field('agent', {
        label: 'name',
        text: name,
        about: 'a–z, 0–9 and -; starts with a letter',
      }),
    ],
    purpose: { actId: 'agent.create', input: { template }, kind: 'act' },
  })
}

/**
 * Sends a form. It stays open, and says what is wrong, until the deck has accepted it. High risk
 * takes a second, different key first.
 */
export function submit(context: ConsoleContext): void {
  const { store } = context
  const layer = store.getState().ui.layers.at(-1)
  if (layer?.kind !== 'form' || layer.busy) return
  const fields = askedFields(layer.fields)
  const values = Object.fromEntries(fields.map((f) => [f.key, f.edit.text.trim()]))
  const step = STEPS[layer.purpose.kind](layer.purpose, values)
  const face = findFace(step.actId)
  if (face === undefined) return
  const problem = problemIn(step)
  if (problem !== undefined) {
    const at = Math.max(
      0,
      fields.findIndex((f) => f.key === problem.key),
    )
    changeTop(store, 'form', (l) => ({ ...l, problem: problem.text, at }))
    return
  }
  if (!changes(face) || face.act?.stream === true) {
    popLayer(store)
    openAnswer(context, face, step.input)
    return
  }
  confirmForm(context, layer, step)
}

function problemIn({ actId, input, next }: FormStep): { key: string; text: string } | undefined {
  const schema = findFace(actId)?.input
  const problem = schema === undefined ? undefined : inputProblem(schema, input)
  return problem ?? (next === undefined ? undefined : problemIn(next))
}

type Values = Record<string, string>

const withoutEmpty = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))

const STEPS: Record<FormPurpose['kind'], (purpose: FormPurpose, values: Values) => FormStep> = {
  act: actStep,
  edit: ({ actId, input }, { target, note }) => ({
    actId,
    input: { ids: [input['id']], target, ...(note ? { note } : {}) },
  }),
  reason: ({ input }, { verb, note }) => ({
    actId: `approval.${verb ?? 'deny'}`,
    input: { ids: [input['id']], ...(note ? { note } : {}) },
  }),
  policy: ({ actId }, values) => ({ actId, input: withoutEmpty(values) }),
  more: moreStep,
  never: neverStep,
  rule: editStep,
}

function actStep({ actId, input }: FormPurpose, values: Values): FormStep {
  const { cli = '', flags = {} } = findFace(actId) ?? {}
  const lists = [...cli.matchAll(/[<[]([a-zA-Z]+)\.\.\./g)].map((m) => m[1])
  const valueOf = (key: string, text: string): unknown => {
    if (flags[key] !== undefined && flags[key].value === undefined) return text === 'yes'
    return lists.includes(key) ? text.split(/\s+/) : text
  }
  const typed = Object.entries(withoutEmpty(values)).map(([key, text]) => [key, valueOf(key, text)])
  return { actId, input: { ...input, ...Object.fromEntries(typed) } }
}
