import type { Assumption, LedgerRow, LoopRow } from '../types.ts'
import { parentChain, relatedActions, type ActionsById } from './relations.ts'

/** What belongs to an action. */
export interface ActionSurroundings {
  action: LedgerRow
  assumptions: readonly Assumption[]
  loops: readonly LoopRow[]
  /** At least its parents. */
  ancestors: ActionsById
  subActions: readonly LedgerRow[]
  /** Candidates for related actions: those around its start. */
  neighbours: readonly LedgerRow[]
}

/** A hint at why an action failed. */
export interface RootCauseIndicator {
  type: 'invalidated_assumptions' | 'unresolved_loops' | 'parent_failures' | 'related_failures'
  severity: 'high' | 'medium'
  count: number
  detail: unknown[]
}

export interface ActionTrace {
  assumptions: {
    total: number
    validated: number
    invalidated: number
    unvalidated: number
    items: readonly Assumption[]
  }
  loops: {
    total: number
    open: number
    resolved: number
    cancelled: number
    items: readonly LoopRow[]
  }
  parent_chain: readonly LedgerRow[]
  sub_actions: readonly LedgerRow[]
  related_actions: readonly LedgerRow[]
  root_cause_indicators: readonly RootCauseIndicator[]
}

export function traceOf(given: ActionSurroundings): ActionTrace {
  const { action, assumptions, loops, ancestors, subActions, neighbours } = given
  const parents = parentChain(action, ancestors)
  const related = relatedActions(action, neighbours)
  const invalidated = assumptions.filter((each) => each.invalidated)
  const validated = assumptions.filter((each) => each.validated && !each.invalidated)
  const loopsWith = (status: LoopRow['status']) =>
    loops.filter((loop) => loop.status === status).length
  return {
    assumptions: {
      total: assumptions.length,
      validated: validated.length,
      invalidated: invalidated.length,
      unvalidated: assumptions.length - validated.length - invalidated.length,
      items: assumptions,
    },
    loops: {
      total: loops.length,
      open: loopsWith('open'),
      resolved: loopsWith('resolved'),
      cancelled: loopsWith('cancelled'),
      items: loops,
    },
    parent_chain: parents,
    sub_actions: subActions,
    related_actions: related,
    root_cause_indicators: [
      indicator('invalidated_assumptions', invalidated.map(pick('assumption_id', 'assumption'))),
      indicator(
        'unresolved_loops',
        loops.filter((loop) => loop.status === 'open').map(pick('loop_id', 'description')),
      ),
      indicator('parent_failures', failures(parents)),
      indicator('related_failures', failures(related)),
    ].filter(({ count }) => count > 0),
  }
}

const SEVERITIES: Readonly<Record<RootCauseIndicator['type'], 'high' | 'medium'>> = {
  invalidated_assumptions: 'high',
  unresolved_loops: 'medium',
  parent_failures: 'high',
  related_failures: 'medium',
}

function indicator(type: RootCauseIndicator['type'], detail: unknown[]): RootCauseIndicator {
  return { type, severity: SEVERITIES[type], count: detail.length, detail }
}

function failures(actions: readonly LedgerRow[]): unknown[] {
  return actions
    .filter(({ status }) => status === 'failed')
    .map(pick('action_id', 'action_type', 'error_message'))
}

function pick<K extends string>(...keys: K[]): (row: Record<K, unknown>) => Record<K, unknown> {
  return (row) => Object.fromEntries(keys.map((key) => [key, row[key]])) as Record<K, unknown>
}
