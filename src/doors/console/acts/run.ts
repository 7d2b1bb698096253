import { plain } from '../../../base/text.ts'
import { changes, type Face } from '../../../commands/face.ts'
import { findFace } from '../../../commands/registry.ts'
import { ruleAbout, ruleSentence } from '../../text/rules.ts'
import type { Offer } from '../keys/resolve.ts'
import type { Pending } from '../store/layer.ts'
import { isPane } from '../store/ui.ts'
import { pushLayer, setUi, toast } from '../store/store.ts'
import type { Bridge } from './bridge.ts'
import { decide, justShifted } from './decide.ts'
import { openForm, sendForm } from './forms.ts'
import { ruleOf } from './rules.ts'
import { askForced, forceable } from './force.ts'
import { closePane, deeds } from './deeds.ts'
import { send, showAnswer } from './send.ts'
import { tableOf } from '../store/world.ts'

/** Does what a face says, to what is under the cursor or marked; asks first where it is dangerous or needs more. */
export function runOffer(bridge: Bridge, offer: Offer): void {
  const { row, subject, why } = offer
  const marked = markedIds(bridge, row)
  if (marked.length === 0 && forceable(offer)) askForced(bridge, offer)
  else if (marked.length === 0 && why !== undefined)
    toast(bridge.store, `${row.title}: ${why}`, 'warn')
  else if (row.about !== 'approval' || !changes(row) || !justShifted(bridge))
    doIt(bridge, offer, marked.length > 0 ? marked : subject === undefined ? [] : [subject.id])
}

function doIt(bridge: Bridge, { row, subject }: Offer, ids: readonly string[]): void {
  if (row.deed !== undefined) deeds[row.deed](bridge, subject, ids)
  else if (row.table !== undefined)
    pushLayer(bridge.store, { kind: 'table', table: row.table, cursor: null })
  else if (row.act !== undefined) runAct(bridge, row, ids)
  else
    toast(
      bridge.store,
      `${row.title} is done on the command line: clawdeck ${row.cli ?? row.id}`,
      'info',
    )
}

/** Runs an act on these ids, or on the deck when there are none. */
function runAct(bridge: Bridge, row: Face, ids: readonly string[]): void {
  const { subjectKey } = row
  const inputs: Record<string, unknown>[] =
    subjectKey === undefined || ids.length === 0 ? [{}] : ids.map((id) => ({ [subjectKey]: id }))
  if (row.input !== undefined && !row.input.safeParse(inputs[0]).success)
    openForm(bridge, row, inputs[0] ?? {})
  else if (row.danger !== undefined) ask(bridge, row, { row: row.id, inputs })
  else runInputs(bridge, { row: row.id, inputs })
}

/** The marked rows that a row acts on: those of its own noun, in the focused pane. */
function markedIds(bridge: Bridge, row: Face): string[] {
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

function ask(bridge: Bridge, row: Face, act: Pending): void {
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

function onWhat(bridge: Bridge, row: Face, names: readonly string[]): string {
  const [first] = names
  if (first === undefined) return ''
  return names.length > 1 ? ` × ${names.length}` : ` ${TITLES[row.about]?.(bridge, first) ?? first}`
}

const TITLES: Partial<Record<Face['about'], (bridge: Bridge, id: string) => string | undefined>> = {
  rule: ({ store }, id) => {
    const rule = ruleOf(store, id)
    return rule === undefined ? undefined : `“${plain(ruleAbout(rule), 40)}”`
  },
}

/** What a thing is called that has only an id. */
const NAMES: Partial<Record<Face['about'], (bridge: Bridge, id: string) => string[]>> = {
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
  const row = findFace(id)
  if (row === undefined) return
  if (form === true) {
    sendForm(bridge, { row: id, input: inputs[0] ?? {}, next })
    return
  }
  if (row.deed === 'allow' || row.deed === 'deny') decide(bridge, row.deed, inputs, true)
  else if (!changes(row) || row.act?.stream === true) void showAnswer(bridge, row, inputs[0] ?? {})
  else sendAll(bridge, row, inputs)
}

function sendAll(bridge: Bridge, row: Face, inputs: Pending['inputs']): void {
  unmark(bridge)
  if (row.closesPane === true)
    for (const input of inputs) closePane(bridge, String(input[row.subjectKey ?? 'id']))
  for (const input of inputs) void send(bridge, row, input)
}

function unmark({ store }: Bridge): void {
  if (isPane(store.getState().ui.focus))
    setUi(store, (ui) => ({ marks: { ...ui.marks, [ui.focus]: [] } }))
}
