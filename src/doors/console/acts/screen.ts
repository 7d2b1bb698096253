import { asFault } from '../../../base/fault.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import type { Subject } from '../keys/resolve.ts'
import type { Noun } from '../../../commands/command.ts'
import { placeOf } from '../store/layer.ts'
import { contextOf } from '../store/select.ts'
import { changeTop, popLayer, pushLayer, setUi, toast } from '../store/store.ts'
import { isPane } from '../store/ui.ts'
import { edit } from '../text/edit.ts'
import type { Bridge } from './bridge.ts'
import { openEdit, openPolicy, openReason } from './forms.ts'
import { focusNext, mark, move, moveAside } from './move.ts'
import { openMore, openNever, openRuleEdit } from './rule-forms.ts'
import { mergeRules, openRule } from './rules.ts'
import { showWhy } from './send.ts'

type Act = (bridge: Bridge, subject: Subject | undefined) => void

const onApproval =
  (act: (bridge: Bridge, a: Approval) => void): Act =>
  (bridge, subject) => {
    if (subject !== undefined) act(bridge, subject.row as Approval)
  }

const onRule =
  (act: (bridge: Bridge, rule: RuleRow) => void): Act =>
  (bridge, subject) => {
    if (subject !== undefined) act(bridge, subject.row as RuleRow)
  }

/** What the console does by itself, by the id of the row. */
export const screenActs: Record<string, Act> = {
  'screen.up': ({ store }) => move(store, 'up'),
  'screen.down': ({ store }) => move(store, 'down'),
  'screen.page_up': ({ store }) => move(store, 'page_up'),
  'screen.page_down': ({ store }) => move(store, 'page_down'),
  'screen.top': ({ store }) => move(store, 'top'),
  'screen.bottom': ({ store }) => move(store, 'bottom'),
  'screen.left': ({ store }) => moveAside(store, 'left'),
  'screen.right': ({ store }) => moveAside(store, 'right'),
  'screen.aside': ({ store }) => moveAside(store, 'right'),
  'screen.next': ({ store }) => focusNext(store, 1),
  'screen.previous': ({ store }) => focusNext(store, -1),
  'screen.zoom': ({ store }) => setUi(store, (ui) => ({ zoomed: !ui.zoomed })),
  'screen.redraw': (bridge) => bridge.redraw(),
  'screen.theme': (bridge) => bridge.nextTheme(),
  'screen.quit': (bridge) => bridge.quit(),
  'screen.palette': ({ store }) =>
    pushLayer(store, { kind: 'palette', edit: edit(), cursor: 0, history: -1 }),
  'screen.help': ({ store }) => pushLayer(store, { kind: 'help', scroll: 0 }),
  'screen.filter': filter,
  'screen.mark': ({ store }) => {
    if (store.getState().ui.layers.at(-1)?.kind === 'logs')
      changeTop(store, 'logs', (l) => ({
        ...l,
        follow: !l.follow,
        scroll: l.follow ? Math.max(0, l.lines.length - store.getState().ui.rows + 4) : l.scroll,
      }))
    else mark(store)
  },
  'screen.open': open,
  'screen.back': back,
  'approval.lease': onApproval(openMore),
  'approval.edit': onApproval(openEdit),
  'approval.reason': onApproval(openReason),
  'approval.never': onApproval(openNever),
  'rule.edit_form': onRule(openRuleEdit),
  'rule.merge_form': onRule((bridge, rule) => mergeRules(bridge, rule.id)),
  'rule.reasons': onRule((bridge, rule) => showWhy(bridge, 'rule', rule.id)),
  'policy.add_form': openPolicy,
  'shell.close_pane': (bridge, subject) => {
    if (subject !== undefined) closePane(bridge, subject.id)
  },
  'agent.attach_pane': ({ terminals }, subject) => {
    if (subject !== undefined) void terminals.open(subject.id)
  },
  'agent.attach': ({ terminals }, subject) => {
    if (subject !== undefined) void terminals.whole(subject.id)
  },
  'agent.tui': ({ terminals }, subject) => {
    if (subject !== undefined) void terminals.whole(subject.id, { argv: ['openclaw', 'tui'] })
  },
  'supervisor.start': (bridge) => {
    void startSupervisor(bridge)
  },
  'deck.demo': (bridge) => {
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
  if (ui.layers.some((l) => placeOf(l) === 'body')) return
  if (!isPane(ui.focus)) {
    bridge.terminals.enter(ui.focus)
    return
  }
  const first = contextOf(store.getState()).subjects[0]
  if (first?.noun === 'rule') openRule(bridge, first.id)
  else if (first !== undefined)
    pushLayer(store, {
      kind: 'detail',
      noun: first.noun as Exclude<Noun, 'deck'>,
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
