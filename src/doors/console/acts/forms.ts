import { asFault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Row } from '../../../commands/command.ts'
import { findRow } from '../../../commands/registry.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { Field, FormPurpose } from '../store/layer.ts'
import { changeTop, holdKeys, popLayer, pushLayer, setUi, type ConsoleStore } from '../store/store.ts'
import { edit } from '../text/edit.ts'
import { HIGH_RISK, whyText } from '../views/approvals.ts'
import type { Bridge } from './bridge.ts'
import { send, showAnswer } from './send.ts'

function open(bridge: Bridge, title: string, intro: string[], fields: Field[], purpose: FormPurpose): void {
  pushLayer(bridge.store, { kind: 'form', title, intro, fields, at: 0, problem: '', busy: false, purpose })
}

const field = (key: string, label: string, text: string, about: string, choices?: readonly string[]): Field => ({ key, label, edit: edit(text), about, ...(choices === undefined ? {} : { choices }) })

/** A form for a row that needs more than what is under the cursor, from its command-line spelling. */
export function openForm(bridge: Bridge, row: Row, known: Record<string, unknown>): void {
  const words = [...(row.cli ?? '').matchAll(/(<|\[|-- <)([a-zA-Z]+)(\.\.\.)?[>\]]/g)].map(([, open, key = '', many]) => field(key, key, String(known[key] ?? ''), `${open === '[' ? 'may stay empty' : 'needed'}${many === undefined ? '' : '; words apart by spaces'}`))
  const flags = Object.entries(row.flags ?? {}).map(([key, f]) => f.value === undefined ? field(key, key, 'no', f.about, ['no', 'yes']) : field(key, key, '', f.about))
  const fields = [...words, ...flags]
  const first = fields.findIndex((f) => f.edit.text === '')
  open(bridge, row.title, [row.help], fields, { row: row.id, input: known, kind: 'row' })
  changeTop(bridge.store, 'form', (l) => ({ ...l, at: Math.max(0, first) }))
}

function asked(a: Approval): string[] {
  return [`${a.agent} asks: ${plain(a.action.type)} ${plain(a.action.target, 400)}`, ...(a.risk.score >= HIGH_RISK ? [`⚠ risk ${a.risk.score}: ${whyText(a)}`] : [])]
}

export function openLease(bridge: Bridge, a: Approval): void {
  open(bridge, 'Allow with a lease', [...asked(a), ...noLease(a)], [
    field('target', 'covers', a.action.target, 'exactly this, or with * for any run of letters'), field('uses', 'uses', '5', 'how often, 1 to 1000'), field('minutes', 'minutes', '60', 'for how long, to a week'),
    field('note', 'tell the agent', '', 'may stay empty'),
  ], { row: 'approval.allow', input: { id: a.id }, kind: 'lease' })
}

/** What the lock wants a person for, it wants one for each time: there a lease would be waited for in vain. */
function noLease(a: Approval): string[] {
  const bound = a.reasons.find((r) => r.layer === 'lock')
  return bound === undefined ? [] : [`⚠ A lease will not spare you the next question: ${plain(bound.text, 200)}. The lock always asks; this allows once.`]
}

export function openEdit(bridge: Bridge, a: Approval): void {
  open(bridge, 'Edit, then allow', asked(a), [field('target', a.action.type.slice(0, 12), a.action.target, 'the agent receives what stands here'), field('note', 'tell the agent', '', 'may stay empty')], { row: 'approval.allow', input: { id: a.id }, kind: 'edit' })
}

export function openReason(bridge: Bridge, a: Approval): void {
  open(bridge, 'Decide with a reason', asked(a), [field('verb', 'decide', 'deny', '', ['deny', 'allow']), field('note', 'tell the agent', '', 'why, in words that it can act on')], { row: '', input: { id: a.id }, kind: 'reason' })
}

export function openPolicy(bridge: Bridge): void {
  open(bridge, 'Add policy', ['What matches is answered without you, but never beyond an agent\'s lock. Empty fields match anything.'], [
    field('effect', 'effect', 'ask', '', ['allow', 'warn', 'ask', 'block']), field('type', 'type', 'exec', 'exec, net, file, tool, spend, message or your own'), field('target', 'target', '', 'as git push *'),
    field('agent', 'agent', '', 'a name, or with *'), field('riskAtLeast', 'risk from', '', '0 to 100'), field('riskAtMost', 'risk to', '', '0 to 100'), field('reason', 'reason', '', 'what agents are told'),
  ], { row: 'policy.add', input: {}, kind: 'policy' })
}

/** Reads the templates and lets one be chosen. */
export function openWizard(bridge: Bridge): void {
  pushLayer(bridge.store, { kind: 'wizard', templates: null, problem: '' })
  bridge.link.do('template.list', {}).then(
    (list) => changeTop(bridge.store, 'wizard', (l) => ({ ...l, templates: list as { name: string; description: string }[] })),
    (thrown: unknown) => changeTop(bridge.store, 'wizard', (l) => ({ ...l, problem: asFault(thrown).message })),
  )
}

/** The wizard's second step: a template was chosen, now the name. */
export function chooseTemplate(bridge: Bridge, template: string): void {
  const { agents } = bridge.store.getState().world
  let name = template
  for (let n = 2; agents.has(name); n++) name = `${template}-${n}`
  setUi(bridge.store, (ui) => ({ layers: ui.layers.filter((l) => l.kind !== 'wizard') }))
  open(bridge, `Create agent from ${template}`, [], [field('agent', 'name', name, 'a–z, 0–9 and -, beginning with a letter')], { row: 'agent.create', input: { template }, kind: 'row' })
}

/** Sends a form; it stays open with what is wrong until the deck has said yes. */
export function submit(bridge: Bridge): void {
  const layer = bridge.store.getState().ui.layers.at(-1)
  if (layer?.kind !== 'form' || layer.busy) return
  const values = Object.fromEntries(layer.fields.map((f) => [f.key, f.edit.text.trim()]))
  const { row: id, input } = SHAPES[layer.purpose.kind](layer.purpose, values)
  const row = findRow(id)
  if (row === undefined) return
  const checked = row.input?.safeParse(input)
  if (checked?.success === false) {
    const issue = checked.error.issues[0]
    changeTop(bridge.store, 'form', (l) => ({ ...l, problem: `${String(issue?.path[0] ?? '')}: ${issue?.message ?? 'not possible'}`, at: Math.max(0, l.fields.findIndex((f) => f.key === issue?.path[0])) }))
    return
  }
  if (row.kind === 'query' || row.stream === true) { popLayer(bridge.store); void showAnswer(bridge, row, input); return }
  changeTop(bridge.store, 'form', (l) => ({ ...l, busy: true, problem: '' }))
  void send(bridge, row, input).then((done) => {
    if (done) {
      setUi(bridge.store, (ui) => ({ layers: ui.layers.filter((l) => l.kind !== 'form' || l.purpose !== layer.purpose) }))
      if (id === 'agent.create') goToAgent(bridge.store, String(input['agent']))
    } else changeTop(bridge.store, 'form', (l) => ({ ...l, busy: false }))
  })
}

/** Puts the cursor on an agent as soon as it is there. */
function goToAgent(store: ConsoleStore, name: string): void {
  const isThere = (): boolean => store.getState().world.agents.has(name)
  const go = (): void => {
    if (store.getState().ui.focus !== 'agents') holdKeys(store)
    setUi(store, (ui) => ({ focus: 'agents', cursor: { ...ui.cursor, agents: name } }))
  }
  if (isThere()) { go(); return }
  // Going changes the store, so the watch ends first.
  const stop = store.subscribe(() => { if (isThere()) { stop(); go() } })
}

type Values = Record<string, string>
interface Shaped { row: string; input: Record<string, unknown> }

const filled = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([, v]) => v !== ''))

const SHAPES: Record<FormPurpose['kind'], (purpose: FormPurpose, values: Values) => Shaped> = {
  row: ({ row, input }, values) => {
    const many = [...(findRow(row)?.cli ?? '').matchAll(/[<[]([a-zA-Z]+)\.\.\./g)].map((m) => m[1])
    const switches = Object.entries(findRow(row)?.flags ?? {}).filter(([, f]) => f.value === undefined).map(([key]) => key)
    const shape = (key: string, text: string): unknown => switches.includes(key) ? text === 'yes' : many.includes(key) ? text.split(/\s+/) : text
    return { row, input: { ...input, ...Object.fromEntries(Object.entries(filled(values)).map(([k, v]) => [k, shape(k, v)])) } }
  },
  lease: ({ row, input }, { target, uses, minutes, note }) => ({ row, input: { ...input, lease: { target, uses, minutes }, ...(note ? { note } : {}) } }),
  edit: ({ row, input }, { target, note }) => ({ row, input: { ...input, target, ...(note ? { note } : {}) } }),
  reason: ({ input }, { verb, note }) => ({ row: `approval.${verb ?? 'deny'}`, input: { ...input, ...(note ? { note } : {}) } }),
  policy: ({ row }, values) => ({ row, input: filled(values) }),
}
