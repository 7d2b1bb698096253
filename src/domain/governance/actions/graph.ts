import type { Assumption, LedgerRow, LoopRow } from '../types.ts'
import { parentChain, relatedActions } from './relations.ts'
import type { ActionSurroundings } from './trace.ts'

export interface GraphNode {
  id: string
  type: 'action' | 'assumption' | 'loop'
  label: string
  status: string
  riskScore?: number
  agentId?: string
  agentName?: string | null
  actionType?: string
  timestamp?: string
  isRoot?: boolean
  meta: Readonly<Record<string, unknown>>
}

export interface GraphEdge {
  id: string
  source: string
  target: string
  type: 'parent_child' | 'related' | 'assumption_of' | 'loop_from'
  label: string
}

export interface ActionGraph {
  rootActionId: string
  nodes: GraphNode[]
  edges: GraphEdge[]
}

/** An action, what belongs to it and what is around it, every node once. */
export function graphOf(given: ActionSurroundings): ActionGraph {
  const { action, assumptions, loops, ancestors, subActions, neighbours } = given
  const parents = parentChain(action, ancestors)
  const related = relatedActions(action, neighbours)
  const line = [action, ...parents]
  const nodes = new Map<string, GraphNode>()
  for (const each of [...line, ...subActions, ...related]) {
    const node = actionNode(each, each.action_id === action.action_id)
    if (!nodes.has(node.id)) nodes.set(node.id, node)
  }
  for (const node of [...assumptions.map(assumptionNode), ...loops.map(loopNode)])
    if (!nodes.has(node.id)) nodes.set(node.id, node)
  const root = actionId(action)
  const edges = [
    ...line.slice(1).map((parent, i) => child(parent, line[i] as LedgerRow)),
    ...subActions.map((each) => child(action, each)),
    ...related.map((each) => edge('related', root, actionId(each))),
    ...assumptions.map((each) => edge('assumption_of', assumptionId(each), root)),
    ...loops.map((each) => edge('loop_from', loopId(each), root)),
  ]
  return {
    rootActionId: action.action_id,
    nodes: [...nodes.values()],
    edges: [...new Map(edges.map((each) => [each.id, each])).values()],
  }
}

const EDGE_LABELS: Readonly<Record<GraphEdge['type'], string>> = {
  parent_child: 'parent of',
  related: 'related to',
  assumption_of: 'assumed by',
  loop_from: 'opened by',
}

function edge(type: GraphEdge['type'], source: string, target: string): GraphEdge {
  return { id: `${type}:${source}->${target}`, source, target, type, label: EDGE_LABELS[type] }
}

function child(parent: LedgerRow, of: LedgerRow): GraphEdge {
  return edge('parent_child', actionId(parent), actionId(of))
}

function actionId({ action_id }: LedgerRow): string {
  return `action:${action_id}`
}

function assumptionId({ assumption_id }: Assumption): string {
  return `assumption:${assumption_id}`
}

function loopId({ loop_id }: LoopRow): string {
  return `loop:${loop_id}`
}

function actionNode(action: LedgerRow, isRoot: boolean): GraphNode {
  return {
    id: actionId(action),
    type: 'action',
    label: action.declared_goal || action.action_type,
    status: action.status,
    riskScore: action.risk_score,
    agentId: action.agent_id,
    agentName: action.agent_name,
    actionType: action.action_type,
    timestamp: action.timestamp_start,
    isRoot,
    meta: { error_message: action.error_message, parent_action_id: action.parent_action_id },
  }
}

function assumptionNode(each: Assumption): GraphNode {
  const checked = each.validated ? 'validated' : 'unresolved'
  return {
    id: assumptionId(each),
    type: 'assumption',
    label: each.assumption,
    status: each.invalidated ? 'invalidated' : checked,
    meta: { invalidated_reason: each.invalidated_reason },
  }
}

function loopNode(loop: LoopRow): GraphNode {
  return {
    id: loopId(loop),
    type: 'loop',
    label: loop.description,
    status: loop.status,
    meta: { priority: loop.priority, loop_type: loop.loop_type },
  }
}
