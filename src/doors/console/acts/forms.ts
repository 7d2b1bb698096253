import { asFault } from '../../../base/fault.ts'
import { changes, type Face } from '../../../commands/face.ts'
import { findFace } from '../../../commands/registry.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import { askedFields, type FormPurpose, type FormStep } from '../store/layer.ts'
import {
  changeTop,
  holdKeys,
  popLayer,
  pushLayer,
  setUi,
  toast,
  type ConsoleStore,
} from '../store/store.ts'
import type { Bridge } from './bridge.ts'
import { askedLines, field, openLayer } from './fields.ts'
import { doubt, ruleShapes } from './rule-forms.ts'
import { send, showAnswer } from './send.ts'
import { tableOf } from '../store/world.ts'

/** A form for an act that needs more than what is under the cursor, from its command-line spelling. */
export function openForm(bridge: Bridge, face: Face, known: Record<string, unknown>): void {
  const words = [...(face.cli ?? '').matchAll(/(<|\[|-- <)([a-zA-Z]+)(\.\.\.)?[>\]]/g)].map(
    ([, open, key = '', many]) =>
      field(
        key,
        key,
        String(known[key] ?? ''),
        `${open === '[' ? 'may stay empty' : 'needed'}${many === undefined ? '' : '; words apart by spaces'}`,
      ),
  )
  const flags = Object.entries(face.flags ?? {}).map(([key, f]) =>
    f.value === undefined
      ? field(key, key, 'no', f.about, ['no', 'yes'])
      : field(key, key, '', f.about),
  )
  const fields = [...words, ...flags]
  const first = fields.findIndex((f) => f.edit.text === '')
  openLayer(bridge, face.title, [face.help], fields, { actId: face.id, input: known, kind: 'act' })
  changeTop(bridge.store, 'form', (l) => ({ ...l, at: Math.max(0, first) }))
}

export function openEdit(bridge: Bridge, a: Approval): void {
  openLayer(
    bridge,
    'Edit, then allow',
    askedLines(a),
    [
      field(
        'target',
        a.action.type.slice(0, 12),
        a.action.target,
        'the agent receives what stands here',
      ),
      field('note', 'tell the agent', '', 'may stay empty'),
    ],
    { actId: 'approval.allow', input: { id: a.id }, kind: 'edit' },
  )
}

export function openReason(bridge: Bridge, a: Approval): void {
  openLayer(
    bridge,
    'Decide with a reason',
    askedLines(a),
    [
      field('verb', 'decide', 'deny', '', ['deny', 'allow']),
      field('note', 'tell the agent', '', 'why, in words that it can act on'),
    ],
    { actId: '', input: { id: a.id }, kind: 'reason' },
  )
}

export function openPolicy(bridge: Bridge): void {
  openLayer(
    bridge,
    'Add policy',
    [
      "What matches is answered without you, but never beyond an agent's lock. Empty fields match anything.",
    ],
    [
      field('effect', 'effect', 'ask', '', ['allow', 'warn', 'ask', 'block']),
      field('type', 'type', 'exec', 'exec, net, file, tool, spend, message or your own'),
      field('target', 'target', '', 'as git push *'),
      field('agent', 'agent', '', 'a name, or with *'),
      field('riskAtLeast', 'risk from', '', '0 to 100'),
      field('riskAtMost', 'risk to', '', '0 to 100'),
      field('reason', 'reason', '', 'what agents are told'),
    ],
    { actId: 'policy.add', input: {}, kind: 'policy' },
  )
}

/** Reads the templates and lets one be chosen. */
export function openWizard(bridge: Bridge): void {
  pushLayer(bridge.store, { kind: 'wizard', templates: null, problem: '' })
  bridge.link.do('template.list', {}).then(
    (list) =>
      changeTop(bridge.store, 'wizard', (l) => ({
        ...l,
        templates: list as { name: string; description: string }[],
      })),
    (thrown: unknown) =>
      changeTop(bridge.store, 'wizard', (l) => ({ ...l, problem: asFault(thrown).message })),
  )
}

/** The wizard's second step: a template was chosen, now the name. */
export function chooseTemplate(bridge: Bridge, template: string): void {
  const agents = tableOf(bridge.store.getState().world, 'agent')
  let name = template
  for (let n = 2; agents.has(name); n++) name = `${template}-${n}`
  setUi(bridge.store, (ui) => ({ layers: ui.layers.filter((l) => l.kind !== 'wizard') }))
  openLayer(
    bridge,
    `Create agent from ${template}`,
    [],
    [field('agent', 'name', name, 'a–z, 0–9 and -, beginning with a letter')],
    { actId: 'agent.create', input: { template }, kind: 'act' },
  )
}

/** Sends a form; it stays open with what is wrong until the deck has said yes. What is grave asks for a second, different key first. */
export function submit(bridge: Bridge): void {
  const layer = bridge.store.getState().ui.layers.at(-1)
  if (layer?.kind !== 'form' || layer.busy) return
  const values = Object.fromEntries(
    askedFields(layer.fields).map((f) => [f.key, f.edit.text.trim()]),
  )
  const step = SHAPES[layer.purpose.kind](layer.purpose, values)
  const face = findFace(step.actId)
  if (face === undefined) return
  const wrong = wrongIn(step)
  if (wrong !== undefined) {
    changeTop(bridge.store, 'form', (l) => ({
      ...l,
      problem: `${wrong.key}: ${wrong.message}`,
      at: Math.max(
        0,
        askedFields(l.fields).findIndex((f) => f.key === wrong.key),
      ),
    }))
    return
  }
  if (!changes(face) || face.act?.stream === true) {
    popLayer(bridge.store)
    void showAnswer(bridge, face, step.input)
    return
  }
  const doubted = doubt(bridge.store.getState(), layer)
  if (doubted === undefined) sendForm(bridge, step)
  else
    pushLayer(bridge.store, {
      kind: 'confirm',
      danger: true,
      yes: 'a',
      title: doubted.title,
      lines: doubted.lines,
      act: { actId: step.actId, inputs: [step.input], next: step.next, form: true },
    })
}

function wrongIn({ actId, input, next }: FormStep): { key: string; message: string } | undefined {
  const checked = findFace(actId)?.input?.safeParse(input)
  if (checked?.success !== false) return next === undefined ? undefined : wrongIn(next)
  const issue = checked.error.issues[0]
  return { key: String(issue?.path[0] ?? ''), message: issue?.message ?? 'not possible' }
}

/** Does what the topmost form says, step by step. When a later step fails, what was done before stays, and that is said. */
export function sendForm(bridge: Bridge, first: FormStep): void {
  const layer = bridge.store.getState().ui.layers.at(-1)
  if (layer?.kind !== 'form') return
  changeTop(bridge.store, 'form', (l) => ({ ...l, busy: true, problem: '' }))
  void sendSteps(bridge, first).then((done) => {
    if (done === 0) {
      changeTop(bridge.store, 'form', (l) => ({ ...l, busy: false }))
      return
    }
    setUi(bridge.store, (ui) => ({
      layers: ui.layers.filter((l) => l.kind !== 'form' || l.purpose !== layer.purpose),
    }))
    if (first.actId === 'agent.create') goToAgent(bridge.store, String(first.input['agent']))
  })
}

/** How many steps were done. */
async function sendSteps(bridge: Bridge, first: FormStep): Promise<number> {
  let done = 0
  for (let step: FormStep | undefined = first; step !== undefined; step = step.next) {
    const face = findFace(step.actId)
    if (face === undefined || !(await send(bridge, face, step.input))) {
      if (done > 0)
        toast(
          bridge.store,
          'The rule was made and stays; the question itself was not decided.',
          'warn',
        )
      return done
    }
    done++
  }
  return done
}

/** Puts the cursor on an agent as soon as it is there. */
function goToAgent(store: ConsoleStore, name: string): void {
  const isThere = (): boolean => tableOf(store.getState().world, 'agent').has(name)
  const go = (): void => {
    if (store.getState().ui.focus !== 'agents') holdKeys(store)
    setUi(store, (ui) => ({ focus: 'agents', cursor: { ...ui.cursor, agents: name } }))
  }
  if (isThere()) {
    go()
    return
  }
  // Going changes the store, so the watch ends first.
  const stop = store.subscribe(() => {
    if (isThere()) {
      stop()
      go()
    }
  })
}

type Values = Record<string, string>

const filled = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, v]) => v !== ''))

const SHAPES: Record<FormPurpose['kind'], (purpose: FormPurpose, values: Values) => FormStep> = {
  act: ({ actId, input }, values) => {
    const many = [...(findFace(actId)?.cli ?? '').matchAll(/[<[]([a-zA-Z]+)\.\.\./g)].map(
      (m) => m[1],
    )
    const switches = Object.entries(findFace(actId)?.flags ?? {})
      .filter(([, f]) => f.value === undefined)
      .map(([key]) => key)
    const shape = (key: string, text: string): unknown =>
      switches.includes(key) ? text === 'yes' : many.includes(key) ? text.split(/\s+/) : text
    return {
      actId,
      input: {
        ...input,
        ...Object.fromEntries(Object.entries(filled(values)).map(([k, v]) => [k, shape(k, v)])),
      },
    }
  },
  edit: ({ actId, input }, { target, note }) => ({
    actId,
    input: { ...input, target, ...(note ? { note } : {}) },
  }),
  reason: ({ input }, { verb, note }) => ({
    actId: `approval.${verb ?? 'deny'}`,
    input: { ...input, ...(note ? { note } : {}) },
  }),
  policy: ({ actId }, values) => ({ actId, input: filled(values) }),
  ...ruleShapes,
}
