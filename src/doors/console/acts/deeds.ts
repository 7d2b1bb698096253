import { asFault } from '../../../base/fault.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import type { Subject } from '../keys/resolve.ts'
import type { ConsoleHandlerName, SubjectKind } from '../../../commands/face.ts'
import { placeOf } from '../store/layer.ts'
import { contextOf } from '../store/select.ts'
import { changeTop, popLayer, pushLayer, setUi, toast } from '../store/store.ts'
import { isPane } from '../store/ui.ts'
import { edit } from '../text/edit.ts'
import type { Bridge } from './bridge.ts'
import { decide } from './decide.ts'
import { openEdit, openPolicy, openReason, openWizard } from './forms.ts'
import { openLogs } from './logs.ts'
import { focusNext, mark, move, moveAside } from './move.ts'
import { openMore, openNever, openRuleEdit } from './rule-forms.ts'
import { confirmRules, mergeRules, openRule, tryRule } from './rules.ts'
import { showAnswer, showWhy } from './send.ts'
import { findFace } from '../../../commands/registry.ts'

/** `ids`: those of the marked rows, or of what is under the cursor. */
type Doing = (bridge: Bridge, subject: Subject | undefined, ids: readonly string[]) => void

const inputsFor = (ids: readonly string[]) => ids.map((id) => ({ id }))

const onSubject =
  (act: (bridge: Bridge, subject: Subject) => void): Doing =>
  (bridge, subject) => {
    if (subject !== undefined) act(bridge, subject)
  }

const onApproval =
  (act: (bridge: Bridge, a: Approval) => void): Doing =>
  (bridge, subject) => {
    if (subject !== undefined) act(bridge, subject.row as Approval)
  }

const onRule =
  (act: (bridge: Bridge, rule: RuleRow) => void): Doing =>
  (bridge, subject) => {
    if (subject !== undefined) act(bridge, subject.row as RuleRow)
  }

/** What the console does by itself, or instead of sending an act at once. */
export const deeds: Record<ConsoleHandlerName, Doing> = {
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
  zoom: ({ store }) => setUi(store, (ui) => ({ zoomed: !ui.zoomed })),
  redraw: (bridge) => bridge.redraw(),
  'next-theme': (bridge) => bridge.nextTheme(),
  quit: (bridge) => bridge.quit(),
  palette: ({ store }) =>
    pushLayer(store, { kind: 'palette', edit: edit(), cursor: 0, history: -1 }),
  help: ({ store }) => pushLayer(store, { kind: 'help', scroll: 0 }),
  filter: filter,
  mark: ({ store }) => {
    if (store.getState().ui.layers.at(-1)?.kind === 'logs')
      changeTop(store, 'logs', (l) => ({
        ...l,
        follow: !l.follow,
        scroll: l.follow ? Math.max(0, l.lines.length - store.getState().ui.rows + 4) : l.scroll,
      }))
    else mark(store)
  },
  open: open,
  back: back,
  'allow-more': onApproval(openMore),
  'edit-and-allow': onApproval(openEdit),
  'decide-with-reason': onApproval(openReason),
  'deny-and-remember': onApproval(openNever),
  'edit-rule': onRule(openRuleEdit),
  'merge-rules': onRule((bridge, rule) => mergeRules(bridge, rule.id)),
  'why-rule': onRule((bridge, rule) => showWhy(bridge, 'rule', rule.id)),
  'add-policy': openPolicy,
  'close-pane': (bridge, subject) => {
    if (subject !== undefined) closePane(bridge, subject.id)
  },
  'attach-pane': ({ terminals }, subject) => {
    if (subject !== undefined) void terminals.open(subject.id)
  },
  attach: ({ terminals }, subject) => {
    if (subject !== undefined) void terminals.whole(subject.id)
  },
  'openclaw-tui': ({ terminals }, subject) => {
    if (subject !== undefined) void terminals.whole(subject.id, { argv: ['openclaw', 'tui'] })
  },
  // Which pane is meant is said by the key itself.
  'pane-by-number': () => undefined,
  'create-wizard': (bridge) => openWizard(bridge),
  logs: onSubject((bridge, { id }) => openLogs(bridge, id)),
  allow: (bridge, _subject, ids) => decide(bridge, 'allow', inputsFor(ids)),
  deny: (bridge, _subject, ids) => decide(bridge, 'deny', inputsFor(ids)),
  'why-approval': onSubject((bridge, { id }) => showWhy(bridge, 'approval', id)),
  'rule-page': onSubject((bridge, { id }) => openRule(bridge, id)),
  'confirm-rules': (bridge, _subject, ids) => confirmRules(bridge, ids),
  'try-rule': onSubject((bridge, { id }) => tryRule(bridge, id)),
  'show-budget': (bridge) => {
    const face = findFace('budget.set')
    if (face !== undefined) void showAnswer(bridge, face, {})
  },
  'start-supervisor': (bridge) => {
    void startSupervisor(bridge)
  },
  demo: (bridge) => {
    if (bridge.demo === undefined) toast(bridge.store, 'In another terminal: clawdeck demo', 'info')
    else bridge.demo()
  },
}

async function startSupervisor({ store, startSupervisor: start }: Bridge): Promise<void> {
  if (store.getState().world.line.state === 'live') {
    toast(store, 'The supervisor is there.', 'good')
    return
  }
  if (start === undefined) {
    toast(store, 'In another terminal: clawdeck supervisor start', 'info')
    return
  }
  toast(store, 'Starting the supervisor…', 'info')
  try {
    await start()
  } catch (thrown) {
    const fault = asFault(thrown)
    toast(store, `${fault.message}${fault.hint === undefined ? '' : ` ${fault.hint}`}`, 'bad')
  }
}

/** Closes the pane of a shell, if there is one; the shell lives on. */
export function closePane({ store, terminals }: Bridge, shell: string): void {
  const tile = store.getState().ui.tiles.find((t) => t.shell === shell)
  if (tile !== undefined) terminals.close(tile.id)
}

function filter({ store }: Bridge): void {
  const { ui } = store.getState()
  const top = ui.layers.at(-1)
  if (top?.kind === 'logs') {
    pushLayer(store, { kind: 'filter', pane: 'logs', edit: edit(top.filter), before: top.filter })
    return
  }
  if (ui.layers.length > 0 || !isPane(ui.focus)) return
  pushLayer(store, {
    kind: 'filter',
    pane: ui.focus,
    edit: edit(ui.filter[ui.focus]),
    before: ui.filter[ui.focus],
  })
}

function open(bridge: Bridge): void {
  const { store } = bridge
  const { ui } = store.getState()
  const body = ui.layers.findLast((l) => placeOf(l) === 'body')
  if (body !== undefined && body.kind !== 'table') return
  if (body === undefined && !isPane(ui.focus)) {
    bridge.terminals.enter(ui.focus)
    return
  }
  const first = contextOf(store.getState()).subjects[0]
  if (first?.noun === 'rule') openRule(bridge, first.id)
  else if (first !== undefined)
    pushLayer(store, {
      kind: 'detail',
      noun: first.noun as Exclude<SubjectKind, 'deck'>,
      id: first.id,
      scroll: 0,
    })
}

function back({ store, terminals }: Bridge): void {
  const { ui } = store.getState()
  if (ui.layers.length > 0) {
    popLayer(store)
    return
  }
  const tile = ui.tiles.find((t) => t.id === ui.focus)
  if (tile !== undefined) {
    if (tile.state === 'ended') terminals.close(tile.id)
    setUi(store, { focus: 'agents' })
    return
  }
  if (ui.zoomed) {
    setUi(store, { zoomed: false })
    return
  }
  if (!isPane(ui.focus)) return
  const pane = ui.focus
  if (ui.filter[pane] !== '') setUi(store, { filter: { ...ui.filter, [pane]: '' } })
  else if (ui.marks[pane].length > 0) setUi(store, { marks: { ...ui.marks, [pane]: [] } })
  else if (pane === 'audit') setUi(store, { cursor: { ...ui.cursor, audit: null } })
}
