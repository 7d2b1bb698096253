import { plain } from '../../../base/text.ts'
import { changes, type Face } from '../../../commands/face.ts'
import { findFace } from '../../../commands/registry.ts'
import { ruleAbout, ruleSentence } from '../../text/rules.ts'
import type { Offer } from '../keys/resolve.ts'
import type { PendingAct } from '../store/layer.ts'
import { pushLayer, setUi, toast } from '../store/store.ts'
import { isPane } from '../store/ui.ts'
import { hiddenMarks } from '../store/visible.ts'
import { tableOf } from '../store/world.ts'
import { openAnswer } from './answer.ts'
import type { ConsoleContext } from './context.ts'
import { justShifted, sendDecision } from './decide.ts'
import { askForced, forceable } from './force.ts'
import { openActForm } from './forms.ts'
import { closePane, consoleHandlers } from './handlers.ts'
import { ruleById } from './rules.ts'
import { sendForm } from './send-form.ts'
import { send } from './send.ts'

/** Runs a face on the marked rows or the subject. Asks first if it is dangerous or needs more. */
export function runOffer(context: ConsoleContext, offer: Offer): void {
  const { face, subject, why } = offer
  const marked = markedIds(context, face)
  if (marked.length === 0 && forceable(offer)) askForced(context, offer)
  else if (marked.length === 0 && why !== undefined)
    toast(context.store, `${face.title}: ${why}`, 'warn')
  else if (face.about !== 'approval' || !changes(face) || !justShifted(context)) {
    const ids = subject === undefined ? [] : [subject.id]
    runFace(context, offer, marked.length > 0 ? marked : ids)
  }
}

function runFace(context: ConsoleContext, { face, subject }: Offer, ids: readonly string[]): void {
  if (face.inConsole !== undefined) consoleHandlers[face.inConsole](context, subject, ids)
  else if (face.table !== undefined)
    pushLayer(context.store, { kind: 'table', table: face.table, cursor: null })
  else if (face.list !== undefined && face.about === 'deck') openAnswer(context, face, {})
  else if (face.act !== undefined) runAct(context, face, ids)
  else
    toast(
      context.store,
      `${face.title}: run it on the command line: clawdeck ${face.cli ?? face.id}`,
      'info',
    )
}

/** Runs an act on these ids, or on the deck if there are none. */
function runAct(context: ConsoleContext, face: Face, ids: readonly string[]): void {
  const { subjectKey } = face
  const inputs: Record<string, unknown>[] =
    subjectKey === undefined || ids.length === 0 ? [{}] : ids.map((id) => ({ [subjectKey]: id }))
  if (face.input !== undefined && !face.input.safeParse(inputs[0]).success)
    openActForm(context, face, inputs[0] ?? {})
  else if (face.danger !== undefined || hiddenAmong(context, ids).length > 0)
    ask(context, face, { actId: face.id, inputs })
  else runInputs(context, { actId: face.id, inputs })
}

const MARK_NOUNS = { agents: 'agent', approvals: 'approval', audit: 'event' } as const

/** The marked rows that a face acts on: those of its noun, in the focused pane. */
function markedIds({ store }: ConsoleContext, face: Face): string[] {
  const { ui } = store.getState()
  if (face.many !== true || !isPane(ui.focus) || ui.layers.length > 0) return []
  const marks = ui.marks[ui.focus]
  if (ui.focus === 'agents' && face.about === 'agent') {
    const { world } = store.getState()
    return marks.filter((name) => tableOf(world, 'agent').has(name))
  }
  if (ui.focus !== 'policies') return MARK_NOUNS[ui.focus] === face.about ? [...marks] : []
  return marks
    .filter((key) => key.startsWith(`${face.about}:`))
    .map((key) => key.slice(face.about.length + 1))
}

function ask(context: ConsoleContext, face: Face, act: PendingAct): void {
  const { store } = context
  const names = act.inputs
    .map((input) => (face.subjectKey === undefined ? '' : String(input[face.subjectKey])))
    .filter((name) => name !== '')
  const [first = ''] = names
  const title = `${face.title}${onWhat(context, face, names)}?`
  const subjects =
    names.length > 1 ? [names.join(', ')] : DESCRIPTIONS[face.about]?.(context, first)
  const hidden = hiddenAmong(context, names)
  const outside = hidden.length === 0 ? [] : [`⚠ Outside of the filter: ${hidden.join(', ')}`]
  const lines = [...(subjects ?? []), ...outside, face.help]
  if (face.danger === 'typed')
    pushLayer(store, {
      kind: 'typed',
      title,
      lines,
      word: first || 'yes',
      edit: { text: '', caret: 0 },
      act,
    })
  else pushLayer(store, { kind: 'confirm', title, lines, yes: 'y', danger: false, act })
}

/** Those of these that are marked in the focused pane, and hidden by its filter. */
function hiddenAmong({ store }: ConsoleContext, ids: readonly string[]): string[] {
  const state = store.getState()
  const { focus, layers } = state.ui
  if (!isPane(focus) || layers.length > 0) return []
  const hidden = hiddenMarks(state, focus).map((key) => key.slice(key.indexOf(':') + 1))
  return ids.filter((id) => hidden.includes(id))
}

function onWhat(context: ConsoleContext, face: Face, names: readonly string[]): string {
  const [first] = names
  if (first === undefined) return ''
  if (names.length > 1) return ` × ${names.length}`
  return ` ${TITLES[face.about]?.(context, first) ?? first}`
}

type Describe<T> = (context: ConsoleContext, id: string) => T

const TITLES: Partial<Record<Face['about'], Describe<string | undefined>>> = {
  rule: ({ store }, id) => {
    const rule = ruleById(store, id)
    return rule === undefined ? undefined : `“${plain(ruleAbout(rule), 40)}”`
  },
}

/** What something is, where its id does not say it. */
const DESCRIPTIONS: Partial<Record<Face['about'], Describe<string[]>>> = {
  shell: ({ store }, id) => {
    const shell = tableOf(store.getState().world, 'shell').get(id)
    return [shell === undefined ? id : `${shell.agent}: ${plain(shell.title, 60) || 'a shell'}`]
  },
  rule: ({ store }, id) => {
    const rule = ruleById(store, id)
    return rule === undefined ? [] : [ruleSentence(rule)]
  },
}

/** Sends the inputs of an act. Whatever had to be confirmed was. */
export function runInputs(
  context: ConsoleContext,
  { actId, inputs, next, form }: PendingAct,
): void {
  const face = findFace(actId)
  const first = inputs[0] ?? {}
  if (face === undefined) return
  if (form === true) sendForm(context, { actId, input: first, next })
  else if (face.inConsole === 'allow' || face.inConsole === 'deny')
    void sendDecision(context, face.inConsole, first)
  else if (!changes(face) || face.act?.stream === true) openAnswer(context, face, first)
  else sendAll(context, face, inputs)
}

function sendAll(context: ConsoleContext, face: Face, inputs: PendingAct['inputs']): void {
  unmark(context)
  if (face.closesPane === true)
    for (const input of inputs) closePane(context, String(input[face.subjectKey ?? 'id']))
  for (const input of inputs) void send(context, face, input)
}

function unmark({ store }: ConsoleContext): void {
  if (isPane(store.getState().ui.focus))
    setUi(store, (ui) => ({ marks: { ...ui.marks, [ui.focus]: [] } }))
}
