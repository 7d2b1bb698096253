import { plain } from '../../../base/text.ts'
import type { Row } from '../../../commands/command.ts'
import { findRow } from '../../../commands/registry.ts'
import type { Offer } from '../keys/resolve.ts'
import type { Pending } from '../store/layer.ts'
import { isPane } from '../store/ui.ts'
import { pushLayer, setUi, toast } from '../store/store.ts'
import type { Bridge } from './bridge.ts'
import { decide, justShifted } from './decide.ts'
import { openForm, openWizard } from './forms.ts'
import { openLogs } from './logs.ts'
import { askForced, forceable } from './force.ts'
import { closePane, screenActs } from './screen.ts'
import { send, showAnswer } from './send.ts'

/** Does what a row says, to what is under the cursor or marked; asks first where the row is dangerous or needs more. */
export function runOffer(bridge: Bridge, offer: Offer): void {
  const { row, subject, why } = offer
  const marked = markedIds(bridge, row)
  if (forceable(offer) && marked.length === 0) { askForced(bridge, offer); return }
  if (why !== undefined && marked.length === 0) { toast(bridge.store, `${row.title}: ${why}`, 'warn'); return }
  if (row.about === 'approval' && row.kind === 'command' && justShifted(bridge)) return
  const special = SPECIAL[row.id]
  if (row.kind === 'screen') runScreen(bridge, offer)
  else if (special !== undefined) special(bridge, subject)
  else runAct(bridge, row, marked.length > 0 ? marked : subject === undefined ? [] : [subject.id])
}

function runScreen(bridge: Bridge, { row, subject }: Offer): void {
  const act = screenActs[row.id]
  if (act === undefined) toast(bridge.store, `${row.title} is done on the command line: clawdeck ${row.cli ?? row.id}`, 'info')
  else act(bridge, subject)
}

/** Runs a row on these ids, or on the deck when there are none. */
function runAct(bridge: Bridge, row: Row, ids: readonly string[]): void {
  const { subjectKey } = row
  const inputs: Record<string, unknown>[] = subjectKey === undefined || ids.length === 0 ? [{}] : ids.map((id) => ({ [subjectKey]: id }))
  if (row.input !== undefined && !row.input.safeParse(inputs[0]).success) openForm(bridge, row, inputs[0] ?? {})
  else if (row.id === 'approval.allow' || row.id === 'approval.deny') decide(bridge, row.id === 'approval.allow' ? 'allow' : 'deny', inputs)
  else if (row.danger !== undefined) ask(bridge, row, { row: row.id, inputs })
  else runInputs(bridge, { row: row.id, inputs })
}

const SPECIAL: Record<string, (bridge: Bridge, subject: Offer['subject']) => void> = {
  'agent.create': (bridge) => openWizard(bridge),
  'agent.logs': (bridge, subject) => openLogs(bridge, subject?.id ?? ''),
  'policy.add': (bridge) => screenActs['policy.add_form']?.(bridge, undefined),
}

/** The marked rows that a row acts on: those of its own noun, in the focused pane. */
function markedIds(bridge: Bridge, row: Row): string[] {
  const { ui } = bridge.store.getState()
  if (row.many !== true || !isPane(ui.focus) || ui.layers.length > 0) return []
  const noun = { agents: 'agent', approvals: 'approval', policies: 'policy', audit: 'event' }[ui.focus]
  return noun === row.about ? [...ui.marks[ui.focus]] : []
}

function ask(bridge: Bridge, row: Row, act: Pending): void {
  const names = act.inputs.map((i) => row.subjectKey === undefined ? '' : String(i[row.subjectKey])).filter((n) => n !== '')
  const title = `${row.title}${names.length === 0 ? '' : names.length === 1 ? ` ${names[0] ?? ''}` : ` × ${names.length}`}?`
  const lines = [...(names.length > 1 ? [names.join(', ')] : row.about === 'session' ? [shellName(bridge, names[0] ?? '')] : []), row.help]
  if (row.danger === 'typed') pushLayer(bridge.store, { kind: 'typed', title, lines, word: names[0] ?? 'yes', edit: { text: '', caret: 0 }, act })
  else pushLayer(bridge.store, { kind: 'confirm', title, lines, yes: 'y', danger: false, act })
}

function shellName(bridge: Bridge, id: string): string {
  const session = bridge.store.getState().world.sessions.get(id)
  return session === undefined ? id : `${session.agent}: ${plain(session.title, 60) || 'a shell'}`
}

/** Sends a row's inputs, whatever had to be confirmed being confirmed. */
export function runInputs(bridge: Bridge, { row: id, inputs }: Pending): void {
  const row = findRow(id)
  if (row === undefined) return
  if (id === 'approval.allow' || id === 'approval.deny') { decide(bridge, id === 'approval.allow' ? 'allow' : 'deny', inputs, true); return }
  if (row.kind === 'query' || row.stream === true) { void showAnswer(bridge, row, inputs[0] ?? {}); return }
  if (isPane(bridge.store.getState().ui.focus)) setUi(bridge.store, (ui) => ({ marks: { ...ui.marks, [ui.focus]: [] } }))
  if (id === 'session.end') for (const input of inputs) closePane(bridge, String(input['id']))
  for (const input of inputs) void send(bridge, row, input)
}
