import type { ConsoleHandlerName } from '../../../commands/face.ts'
import type { SubjectKind } from '../../../commands/subject.ts'
import { findFace } from '../../../commands/registry.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { LedgerLine } from '../../../domain/governance/ledger/types.ts'
import type { PairingRow } from '../../../domain/operators/pairing/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import { placeOf, type LayerOf } from '../store/layer.ts'
import { rowAtCursor } from '../store/listed.ts'
import { changeTop, popLayer, pushLayer, setUi, toast, toastFault } from '../store/store.ts'
import { subjectsAtCursor, type Subject } from '../store/subjects.ts'
import { isPane } from '../store/ui.ts'
import { edit } from '../text/edit.ts'
import { openAnswer, showWhy } from './answer.ts'
import type { ConsoleContext } from './context.ts'
import { openActions, openAgent, openApproval } from './ledger.ts'
import { decide } from './decide.ts'
import { openEdit, openPolicyForm, openReason, openWizard } from './forms.ts'
import { openLogs } from './logs.ts'
import { focusNext, mark, move, moveAside, scrollCard } from './move.ts'
import { confirmPairing, openPairForm } from './pairing.ts'
import { confirmRules, tryRule } from './preview.ts'
import { openRuleEdit } from './rule-edit.ts'
import { openMore, openNever } from './rule-forms.ts'
import { openMergeForm, openRule } from './rules.ts'

/** `ids`: those of the marked rows, or of the subject. */
type Handler = (
  context: ConsoleContext,
  subject: Subject | undefined,
  ids: readonly string[],
) => void

const onSubject =
  (run: (context: ConsoleContext, subject: Subject) => void): Handler =>
  (context, subject) => {
    if (subject !== undefined) run(context, subject)
  }

const onApproval = (run: (context: ConsoleContext, approval: Approval) => void): Handler =>
  onSubject((context, { row }) => run(context, row as Approval))

const onRule = (run: (context: ConsoleContext, rule: RuleRow) => void): Handler =>
  onSubject((context, { row }) => run(context, row as RuleRow))

const onAction = (run: (context: ConsoleContext, action: LedgerLine) => void): Handler =>
  onSubject((context, { row }) => run(context, row as LedgerLine))

/** What the console does itself, or before it sends an act. */
export const consoleHandlers: Record<ConsoleHandlerName, Handler> = {
  up: ({ store }) => move(store, 'up'),
  down: ({ store }) => move(store, 'down'),
  'page-up': ({ store }) => move(store, 'page_up'),
  'page-down': ({ store }) => move(store, 'page_down'),
  top: ({ store }) => move(store, 'top'),
  bottom: ({ store }) => move(store, 'bottom'),
  left: ({ store }) => moveAside(store, 'left'),
  right: ({ store }) => moveAside(store, 'right'),
  'next-pane': ({ store }) => focusNext(store, 1),
  'previous-pane': ({ store }) => focusNext(store, -1),
  // The key itself says which pane.
  'pane-by-number': () => undefined,
  zoom: ({ store }) => setUi(store, (ui) => ({ zoomed: !ui.zoomed })),
  redraw: (context) => context.redraw(),
  suspend: (context) => context.suspend(),
  'next-theme': (context) => context.nextTheme(),
  quit: (context) => context.quit(),
  palette: ({ store }) => pushLayer(store, { kind: 'palette', edit: edit(), cursor: 0 }),
  help: ({ store }) => pushLayer(store, { kind: 'help', scroll: 0 }),
  filter,
  mark: markOrPause,
  open,
  back,
  allow: (context, _subject, ids) => decide(context, 'allow', ids),
  deny: (context, _subject, ids) => decide(context, 'deny', ids),
  'card-down': ({ store }) => scrollCard(store, 1),
  'card-up': ({ store }) => scrollCard(store, -1),
  'allow-more': onApproval(openMore),
  'edit-and-allow': onApproval(openEdit),
  'decide-with-reason': onApproval(openReason),
  'deny-and-remember': onApproval(openNever),
  'why-approval': onSubject((context, { id }) => showWhy(context, 'approval', id)),
  'why-rule': onSubject((context, { id }) => showWhy(context, 'rule', id)),
  'rule-page': onSubject((context, { id }) => openRule(context, id)),
  'confirm-rules': (context, _subject, ids) => confirmRules(context, ids),
  'try-rule': onSubject((context, { id }) => tryRule(context, id)),
  'edit-rule': onRule(openRuleEdit),
  'merge-rules': onSubject((context, { id }) => openMergeForm(context, id)),
  'add-policy': openPolicyForm,
  'close-pane': onSubject((context, { id }) => closePane(context, id)),
  'attach-pane': onSubject(({ terminals }, { id }) => void terminals.open(id)),
  attach: onSubject(({ terminals }, { id }) => void terminals.whole(id)),
  'openclaw-tui': onSubject(
    ({ terminals }, { id }) => void terminals.whole(id, { argv: ['openclaw', 'tui'] }),
  ),
  'create-wizard': openWizard,
  logs: onSubject((context, { id }) => openLogs(context, id)),
  'show-budget': (context) => {
    const face = findFace('budget.set')
    if (face !== undefined) openAnswer(context, face, {})
  },
  'agent-actions': onSubject((context, { id }) => openActions(context, id)),
  'action-why': onAction((context, { question }) => showWhy(context, 'action', question)),
  'action-approval': onAction(openApproval),
  'action-agent': onAction((context, { agent }) => openAgent(context, agent)),
  pair: openPairForm,
  'confirm-pairing': onSubject((context, { row }) => confirmPairing(context, row as PairingRow)),
  'start-supervisor': (context) => {
    void startSupervisor(context)
  },
  demo: ({ store, demo }) => {
    if (demo === undefined) toast(store, 'In another terminal, run: clawdeck demo', 'info')
    else demo()
  },
}

async function startSupervisor({ store, startSupervisor: start }: ConsoleContext): Promise<void> {
  if (store.getState().world.connection.state === 'live') {
    toast(store, 'The supervisor is running.', 'good')
    return
  }
  if (start === undefined) {
    toast(store, 'In another terminal, run: clawdeck supervisor start', 'info')
    return
  }
  toast(store, 'Starting the supervisor…', 'info')
  await start().catch((thrown: unknown) => toastFault(store, thrown))
}

/** Closes the pane of a shell, if it has one; the shell keeps running. */
export function closePane({ store, terminals }: ConsoleContext, shell: string): void {
  const tile = store.getState().ui.tiles.find((t) => t.shell === shell)
  if (tile !== undefined) terminals.close(tile.id)
}

/** In logs, the key that marks pauses and resumes. */
function markOrPause({ store }: ConsoleContext): void {
  const { layers, rows } = store.getState().ui
  if (layers.at(-1)?.kind !== 'logs') {
    mark(store)
    return
  }
  changeTop(store, 'logs', (l) => ({
    ...l,
    follow: !l.follow,
    scroll: l.follow ? Math.max(0, l.lines.length - rows + 4) : l.scroll,
  }))
}

function filter({ store }: ConsoleContext): void {
  const { ui } = store.getState()
  const top = ui.layers.at(-1)
  if (top !== undefined && 'filter' in top)
    pushLayer(store, { kind: 'filter', pane: 'view', edit: edit(top.filter) })
  else if (ui.layers.length === 0 && isPane(ui.focus))
    pushLayer(store, { kind: 'filter', pane: ui.focus, edit: edit(ui.filter[ui.focus]) })
}

function open(context: ConsoleContext): void {
  const { store } = context
  const { ui } = store.getState()
  const body = ui.layers.findLast((l) => placeOf(l) === 'body')
  if (body?.kind === 'list') {
    openRow(context, body)
    return
  }
  if (body !== undefined && body.kind !== 'table') return
  if (body === undefined && !isPane(ui.focus)) {
    context.terminals.enter(ui.focus)
    return
  }
  const first = subjectsAtCursor(store.getState())[0]
  if (first?.noun === 'rule') openRule(context, first.id)
  else if (first?.noun === 'api_agent') openAgent(context, first.id)
  else if (first !== undefined)
    pushLayer(store, {
      kind: 'detail',
      noun: first.noun as Exclude<SubjectKind, 'deck'>,
      id: first.id,
      scroll: 0,
    })
}

/** Opens the row under the cursor of a list: another list, or a page. */
function openRow(context: ConsoleContext, layer: LayerOf<'list'>): void {
  const row = rowAtCursor(layer, context.store.getState().ui.now)
  const opened = row === undefined ? undefined : layer.face.list.opens?.(row as never)
  if (opened === undefined) return
  if ('noun' in opened) pushLayer(context.store, { kind: 'detail', ...opened, scroll: 0 })
  else {
    const face = findFace(opened.face)
    if (face !== undefined) openAnswer(context, face, opened.input)
  }
}

/**
 * Undoes the last step: a layer, a terminal, the zoom, then the filter, the marks or the cursor.
 */
function back({ store, terminals }: ConsoleContext): void {
  const { ui } = store.getState()
  const tile = ui.tiles.find((t) => t.id === ui.focus)
  const top = ui.layers.at(-1)
  if (top?.kind === 'list' && top.filter !== '')
    changeTop(store, 'list', (l) => ({ ...l, filter: '' }))
  else if (top !== undefined) popLayer(store)
  else if (tile !== undefined) {
    if (tile.state === 'ended') terminals.close(tile.id)
    setUi(store, { focus: 'agents' })
  } else if (ui.zoomed) setUi(store, { zoomed: false })
  else if (isPane(ui.focus)) {
    const pane = ui.focus
    if (ui.filter[pane] !== '') setUi(store, { filter: { ...ui.filter, [pane]: '' } })
    else if (ui.marks[pane].length > 0) setUi(store, { marks: { ...ui.marks, [pane]: [] } })
    else if (pane === 'audit') setUi(store, { cursor: { ...ui.cursor, audit: null } })
  }
}
