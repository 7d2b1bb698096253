import type { SubjectKind } from '../../../commands/subject.ts'
import { findFace } from '../../../commands/registry.ts'
import type { LedgerLine } from '../../../domain/governance/ledger/types.ts'
import { pushLayer } from '../store/store.ts'
import { tableOf } from '../store/world.ts'
import { openAnswer, showWhy } from './answer.ts'
import type { ConsoleContext } from './context.ts'
import { openList, type ListFace } from './list.ts'

/** Shows what an agent did in the ledger. */
export function openActions(context: ConsoleContext, agent: string): void {
  const face = findFace('ledger.list')
  if (face?.list !== undefined) openList(context, face as ListFace, { filter: `agent:${agent}` })
}

/** Shows the page of an agent: of its pod, or of what is known of an agent elsewhere. */
export function openAgent(context: ConsoleContext, agent: string): void {
  const { store } = context
  const face = findFace('ledger.work')
  if (tableOf(store.getState().world, 'agent').has(agent)) openPage(context, 'agent', agent)
  else if (face !== undefined) openAnswer(context, face, { agent }, 'api_agent')
}

/** Shows the approval of an action; how it was decided if it is too old to be mirrored. */
export function openApproval(context: ConsoleContext, { approval }: LedgerLine): void {
  const isKnown = tableOf(context.store.getState().world, 'approval').has(approval)
  if (isKnown) openPage(context, 'approval', approval)
  else showWhy(context, 'approval', approval)
}

function openPage({ store }: ConsoleContext, noun: Exclude<SubjectKind, 'deck'>, id: string): void {
  pushLayer(store, { kind: 'detail', noun, id, scroll: 0 })
}
