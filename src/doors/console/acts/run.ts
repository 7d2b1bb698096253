import { plain } from '../../../base/text.ts'
import type { Row } from '../../../commands/command.ts'
import { findRow } from '../../../commands/registry.ts'
import { ruleAbout, ruleSentence } from '../../text/rules.ts'
import type { Offer } from '../keys/resolve.ts'
import type { Pending } from '../store/layer.ts'
import { isPane } from '../store/ui.ts'
import { pushLayer, setUi, toast } from '../store/store.ts'
import type { Bridge } from './bridge.ts'
import { decide, justShifted } from './decide.ts'
import { openForm, openWizard, sendForm } from './forms.ts'
import { openLogs } from './logs.ts'
import { confirmRules, openRule, ruleOf, tryRule } from './rules.ts'
import { askForced, forceable } from './force.ts'
import { closePane, screenActs } from './screen.ts'
import { send, showAnswer, showWhy } from './send.ts'
import { tableOf } from '../store/world.ts'

/** Does what a row says, to what is under the cursor or marked; asks first where the row is dangerous or needs more. */
export function runOffer(bridge: Bridge, offer: Offer): void {
  const { row, subject, why } = offer
  const marked = markedIds(bridge, row)
  if (forceable(offer) && marked.length === 0) {
    askForced(bridge, offer)
    return
  }
  if (why !== undefined && marked.length === 0) {
    toast(bridge.store, `${row.title}: ${why}`, 'warn')
    return
  }
  if (row.about === 'approval' && row.kind === 'command' && justShifted(bridge)) return
  const special = SPECIAL[row.id]
  if (row.kind === 'screen') runScreen(bridge, offer)
  else if (special !== undefined) special(bridge, subject)
  else runAct(bridge, row, marked.length > 0 ? marked : subject === undefined ? [] : [subject.id])
}

function runScreen(bridge: Bridge, { row, subject }: Offer): void {
  const act = screenActs[row.id]
  if (act === undefined)
    toast(
      bridge.store,
      `${row.title} is done on the command line: clawdeck ${row.cli ?? row.id}`,
      'info',
    )
  else act(bridge, subject)
}

const VERBS: Record<string, 'allow' | 'deny'> = {
  'approval.allow': 'allow',
  'approval.deny': 'deny',
}

/** Runs a row on these ids, or on the deck when there are none. */
function runAct(bridge: Bridge, row: Row, ids: readonly string[]): void {
  const { subjectKey } = row
  const inputs: Record<string, unknown>[] =
    subjectKey === undefined || ids.length === 0 ? [{}] : ids.map((id) => ({ [subjectKey]: id }))
  if (row.input !== undefined && !row.input.safeParse(inputs[0]).success)
    openForm(bridge, row, inputs[0] ?? {})
  else if (VERBS[row.id] !== undefined) decide(bridge, VERBS[row.id] as 'allow' | 'deny', inputs)
  else if (row.id === 'rule.confirm') confirmRules(bridge, ids)
  else if (row.danger !== undefined) ask(bridge, row, { row: row.id, inputs })
  else runInputs(bridge, { row: row.id, inputs })
}

const SPECIAL: Record<string, (bridge: Bridge, subject: Offer['subject']) => void> = {
  'agent.create': (bridge) => openWizard(bridge),
  'agent.logs': (bridge, subject) => openLogs(bridge, subject?.id ?? ''),
  'approval.why': (bridge, subject) => showWhy(bridge, 'approval', subject?.id ?? ''),
  'budget.set': (bridge) => {
    const row = findRow('budget.set')
    if (row !== undefined) void showAnswer(bridge, row, {})
  },
  'rule.get': (bridge, subject) => openRule(bridge, subject?.id ?? ''),
  'rule.edit': (bridge, subject) => screenActs['rule.edit_form']?.(bridge, subject),
  'rule.simulate': (bridge, subject) => tryRule(bridge, subject?.id ?? ''),
  'policy.add': (bridge) => screenActs['policy.add_form']?.(bridge, undefined),
}

/** The marked rows that a row acts on: those of its own noun, in the focused pane. */
function markedIds(bridge: Bridge, row: Row): string[] {
  const { ui } = bridge.store.getState()
  if (row.many !== true || !isPane(ui.focus) || ui.layers.length > 0) return []
  const marks = ui.marks[ui.focus]
  if (ui.focus === 'policies')
    return marks
      .filter((place) => place.startsWith(`${row.about}:`))
      .map((place) => place.slice(row.about.length + 1))
  return { agents: 'agent', approvals: 'approval', audit: 'event' }[ui.focus] === row.about
    ? [...marks]
    : []
}

function ask(bridge: Bridge, row: Row, act: Pending): void {
  const names = act.inputs
    .map((i) => (row.subjectKey === undefined ? '' : String(i[row.subjectKey])))
    .filter((n) => n !== '')
  const [first = ''] = names
  const title = `${row.title}${onWhat(bridge, row, names)}?`
  const lines = [
    ...(names.length > 1 ? [names.join(', ')] : (NAMES[row.about]?.(bridge, first) ?? [])),
    row.help,
  ]
  if (row.danger === 'typed')
    pushLayer(bridge.store, {
      kind: 'typed',
      title,
      lines,
      word: first || 'yes',
      edit: { text: '', caret: 0 },
      act,
    })
  else pushLayer(bridge.store, { kind: 'confirm', title, lines, yes: 'y', danger: false, act })
}

function onWhat(bridge: Bridge, row: Row, names: readonly string[]): string {
  const [first] = names
  if (first === undefined) return ''
  return names.length > 1 ? ` × ${names.length}` : ` ${TITLES[row.about]?.(bridge, first) ?? first}`
}

const TITLES: Partial<Record<Row['about'], (bridge: Bridge, id: string) => string | undefined>> = {
  rule: ({ store }, id) => {
    const rule = ruleOf(store, id)
    return rule === undefined ? undefined : `“${plain(ruleAbout(rule), 40)}”`
  },
}

/** What a thing is called that has only an id. */
const NAMES: Partial<Record<Row['about'], (bridge: Bridge, id: string) => string[]>> = {
  shell: ({ store }, id) => {
    const shell = tableOf(store.getState().world, 'shell').get(id)
    return [shell === undefined ? id : `${shell.agent}: ${plain(shell.title, 60) || 'a shell'}`]
  },
  rule: ({ store }, id) => {
    const rule = ruleOf(store, id)
    return rule === undefined ? [] : [ruleSentence(rule)]
  },
}

/** Sends a row's inputs, whatever had to be confirmed being confirmed. */
export function runInputs(bridge: Bridge, { row: id, inputs, next, form }: Pending): void {
  const row = findRow(id)
  if (row === undefined) return
  if (form === true) {
    sendForm(bridge, { row: id, input: inputs[0] ?? {}, next })
    return
  }
  const verb = VERBS[id]
  if (verb !== undefined) {
    decide(bridge, verb, inputs, true)
    return
  }
  if (row.kind === 'query' || row.stream === true) {
    void showAnswer(bridge, row, inputs[0] ?? {})
    return
  }
  unmark(bridge)
  if (id === 'shell.end') for (const input of inputs) closePane(bridge, String(input['id']))
  for (const input of inputs) void send(bridge, row, input)
}

function unmark({ store }: Bridge): void {
  if (isPane(store.getState().ui.focus))
    setUi(store, (ui) => ({ marks: { ...ui.marks, [ui.focus]: [] } }))
}
