import { plain } from '../../../base/text.ts'
import { changes, type Face } from '../../../commands/face.ts'
import { findFace } from '../../../commands/registry.ts'
import { ruleAbout, ruleSentence } from '../../text/rules.ts'
import type { Offer } from '../keys/resolve.ts'
import type { PendingAct } from '../store/layer.ts'
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
  const { face, subject, why } = offer
  const marked = markedIds(bridge, face)
  if (marked.length === 0 && forceable(offer)) askForced(bridge, offer)
  else if (marked.length === 0 && why !== undefined)
    toast(bridge.store, `${face.title}: ${why}`, 'warn')
  else if (face.about !== 'approval' || !changes(face) || !justShifted(bridge))
    doIt(bridge, offer, marked.length > 0 ? marked : subject === undefined ? [] : [subject.id])
}

function doIt(bridge: Bridge, { face, subject }: Offer, ids: readonly string[]): void {
  if (face.inConsole !== undefined) deeds[face.inConsole](bridge, subject, ids)
  else if (face.table !== undefined)
    pushLayer(bridge.store, { kind: 'table', table: face.table, cursor: null })
  else if (face.act !== undefined) runAct(bridge, face, ids)
  else
    toast(
      bridge.store,
      `${face.title} is done on the command line: clawdeck ${face.cli ?? face.id}`,
      'info',
    )
}

/** Runs an act on these ids, or on the deck when there are none. */
function runAct(bridge: Bridge, face: Face, ids: readonly string[]): void {
  const { subjectKey } = face
  const inputs: Record<string, unknown>[] =
    subjectKey === undefined || ids.length === 0 ? [{}] : ids.map((id) => ({ [subjectKey]: id }))
  if (face.input !== undefined && !face.input.safeParse(inputs[0]).success)
    openForm(bridge, face, inputs[0] ?? {})
  else if (face.danger !== undefined) ask(bridge, face, { actId: face.id, inputs })
  else runInputs(bridge, { actId: face.id, inputs })
}

/** The marked rows that a face acts on: those of its own noun, in the focused pane. */
function markedIds(bridge: Bridge, face: Face): string[] {
  const { ui } = bridge.store.getState()
  if (face.many !== true || !isPane(ui.focus) || ui.layers.length > 0) return []
  const marks = ui.marks[ui.focus]
  if (ui.focus === 'policies')
    return marks
      .filter((place) => place.startsWith(`${face.about}:`))
      .map((place) => place.slice(face.about.length + 1))
  return { agents: 'agent', approvals: 'approval', audit: 'event' }[ui.focus] === face.about
    ? [...marks]
    : []
}

function ask(bridge: Bridge, face: Face, act: PendingAct): void {
  const names = act.inputs
    .map((i) => (face.subjectKey === undefined ? '' : String(i[face.subjectKey])))
    .filter((n) => n !== '')
  const [first = ''] = names
  const title = `${face.title}${onWhat(bridge, face, names)}?`
  const lines = [
    ...(names.length > 1 ? [names.join(', ')] : (NAMES[face.about]?.(bridge, first) ?? [])),
    face.help,
  ]
  if (face.danger === 'typed')
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

function onWhat(bridge: Bridge, face: Face, names: readonly string[]): string {
  const [first] = names
  if (first === undefined) return ''
  return names.length > 1
    ? ` × ${names.length}`
    : ` ${TITLES[face.about]?.(bridge, first) ?? first}`
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

/** Sends a face's inputs, whatever had to be confirmed being confirmed. */
export function runInputs(bridge: Bridge, { actId: id, inputs, next, form }: PendingAct): void {
  const face = findFace(id)
  if (face === undefined) return
  if (form === true) {
    sendForm(bridge, { actId: id, input: inputs[0] ?? {}, next })
    return
  }
  if (face.inConsole === 'allow' || face.inConsole === 'deny')
    decide(bridge, face.inConsole, inputs, true)
  else if (!changes(face) || face.act?.stream === true)
    void showAnswer(bridge, face, inputs[0] ?? {})
  else sendAll(bridge, face, inputs)
}

function sendAll(bridge: Bridge, face: Face, inputs: PendingAct['inputs']): void {
  unmark(bridge)
  if (face.closesPane === true)
    for (const input of inputs) closePane(bridge, String(input[face.subjectKey ?? 'id']))
  for (const input of inputs) void send(bridge, face, input)
}

function unmark({ store }: Bridge): void {
  if (isPane(store.getState().ui.focus))
    setUi(store, (ui) => ({ marks: { ...ui.marks, [ui.focus]: [] } }))
}
