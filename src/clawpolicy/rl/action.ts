import { Fault } from '../../base/fault.ts'

export const AGENT_NAMES = ['claude', 'codex', 'gemini'] as const
export const AUTOMATION_LEVELS = ['low', 'medium', 'high'] as const
export const COMMUNICATION_STYLES = ['brief', 'detailed', 'interactive'] as const
const CONFIRMATION_VALUES = [false, true] as const

/** The number of values of each choice, in order: agent, automation, style, confirmation. */
export const HEAD_SIZES = [
  AGENT_NAMES.length,
  AUTOMATION_LEVELS.length,
  COMMUNICATION_STYLES.length,
  CONFIRMATION_VALUES.length,
] as const
export const ACTION_SIZE = HEAD_SIZES.reduce((sum, size) => sum + size, 0)

export interface AgentAction {
  readonly agent: (typeof AGENT_NAMES)[number]
  readonly automation: (typeof AUTOMATION_LEVELS)[number]
  readonly style: (typeof COMMUNICATION_STYLES)[number]
  readonly confirm: boolean
}

/** An action as the index of each of its choices. */
export type ActionIndex = readonly [
  agent: number,
  automation: number,
  style: number,
  confirm: number,
]

/** An action as 11 numbers: a one-hot part for each choice. */
export function actionVector(action: AgentAction): number[] {
  const index = actionIndex(action)
  return HEAD_SIZES.flatMap((size, head) =>
    Array.from({ length: size }, (_, i) => (i === index[head] ? 1 : 0)),
  )
}

/** The indexes of an action. Throws Fault `input.invalid` for an unknown value. */
export function actionIndex({ agent, automation, style, confirm }: AgentAction): ActionIndex {
  return checked([
    AGENT_NAMES.indexOf(agent),
    AUTOMATION_LEVELS.indexOf(automation),
    COMMUNICATION_STYLES.indexOf(style),
    CONFIRMATION_VALUES.indexOf(confirm),
  ])
}

/** The action of four indexes. Throws Fault `input.invalid` for an index out of range. */
export function actionAt(index: readonly number[]): AgentAction {
  const [agent, automation, style, confirm] = checked(index)
  return {
    agent: AGENT_NAMES[agent] as AgentAction['agent'],
    automation: AUTOMATION_LEVELS[automation] as AgentAction['automation'],
    style: COMMUNICATION_STYLES[style] as AgentAction['style'],
    confirm: CONFIRMATION_VALUES[confirm] as boolean,
  }
}

/** The action with the highest number in each part of a vector, the first of equal ones. */
export function actionOfVector(vector: readonly number[]): AgentAction {
  let from = 0
  return actionAt(
    HEAD_SIZES.map((size) => {
      const part = vector.slice(from, (from += size))
      return part.indexOf(Math.max(...part))
    }),
  )
}

function checked(index: readonly number[]): ActionIndex {
  const bad =
    index.length !== HEAD_SIZES.length ||
    HEAD_SIZES.some(
      (size, head) =>
        !Number.isInteger(index[head]) ||
        (index[head] as number) < 0 ||
        (index[head] as number) >= size,
    )
  if (bad) {
    throw new Fault('input.invalid', `[${index.join(', ')}] is no action`, {
      hint: `Give ${HEAD_SIZES.length} numbers, each from 0 and below ${HEAD_SIZES.join(', ')}.`,
    })
  }
  return index as unknown as ActionIndex
}
