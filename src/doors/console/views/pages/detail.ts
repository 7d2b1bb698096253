import type { RuleRow } from '../../../../domain/rules/types.ts'
import type { MirroredNoun } from '../../../../journal/types.ts'
import type { LayerOf } from '../../store/layer.ts'
import { eventBySeq, policyPaneRow } from '../../store/rows.ts'
import type { ConsoleState } from '../../store/state.ts'
import { tableOf } from '../../store/world.ts'
import type { Canvas } from '../frame.ts'
import { BLANK_LINE, textLine } from '../lines.ts'
import { othersAt, othersText } from '../others.ts'
import { jsonLines, textLines } from '../text-view.ts'
import type { BodyView } from '../view.ts'
import { agentPage } from './agent-page.ts'
import { approvalPage } from './approval-page.ts'
import { eventPage, leasePage, policyPage, shellPage } from './other-pages.ts'
import type { DetailPage } from './page.ts'
import { rulePage } from './rule-page.ts'

type Detail = LayerOf<'detail'>

/** Everything about one thing, live: what changes on the deck changes here. */
export function detailView(state: ConsoleState, layer: Detail, room: Canvas): BodyView {
  const page: DetailPage = pageOf(state, layer) ?? {
    title: layer.id,
    right: 'deleted',
    lines: [BLANK_LINE, textLine('dim', 'This no longer exists. Esc goes back.')],
  }
  const { title, right, lines, toRead } = page
  const view = { title, right, lines: textLines(room, lines), scroll: layer.scroll }
  if (toRead === undefined) return view
  const to = textLines(room, lines.slice(0, toRead)).length
  return { ...view, reading: { key: layer.id, from: 0, to } }
}

function pageOf(state: ConsoleState, layer: Detail): DetailPage | undefined {
  const { noun, id } = layer
  const page = PAGES[noun]
  if (page !== undefined) return page(state, id, layer)
  return ifFound(tableOf(state.world, noun as MirroredNoun).get(id), (row) => ({
    title: `${noun} ${id}`,
    right: '',
    lines: jsonLines(row),
  }))
}

/** Pages of nouns that show more than their row. */
const PAGES: {
  [N in Detail['noun']]?: (state: ConsoleState, id: string, layer: Detail) => DetailPage | undefined
} = {
  approval: (state, id) =>
    ifFound(tableOf(state.world, 'approval').get(id), (a) => {
      const page = approvalPage(a, state.ui.now)
      const others = othersText(othersAt(state, id))
      return others === '' ? page : { ...page, right: `${others} · ${page.right}` }
    }),
  agent: (state, id) => ifFound(tableOf(state.world, 'agent').get(id), (a) => agentPage(state, a)),
  policy: ({ world, ui }, id) =>
    ifFound(tableOf(world, 'policy').get(id), (p) =>
      policyPage(p, ui.now, world.deck?.policyFile.path ?? ''),
    ),
  lease: ({ world, ui }, id) =>
    ifFound(tableOf(world, 'lease').get(id), (l) => leasePage(l, ui.now)),
  rule: (state, id, layer) =>
    ifFound(policyPaneRow(state.world, `rule:${id}`)?.row as RuleRow | undefined, (r) =>
      rulePage(state, r, layer),
    ),
  shell: ({ world, ui }, id) =>
    ifFound(tableOf(world, 'shell').get(id), (s) => shellPage(s, ui.now)),
  event: ({ world }, id) => ifFound(eventBySeq(world, Number(id)), eventPage),
}

function ifFound<T>(row: T | undefined, page: (row: T) => DetailPage): DetailPage | undefined {
  return row === undefined ? undefined : page(row)
}
