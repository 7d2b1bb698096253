import { Fault } from '../../base/fault.ts'

export const AGENTS = ['claude', 'codex', 'gemini'] as const
export const AUTOMATION = ['low', 'medium', 'high'] as const
export const STYLES = ['brief', 'detailed', 'interactive'] as const
export const CONFIRM = [false, true] as const

/** How many values each choice of an action has, in order: agent, automation, style, confirmation. */
export const HEADS = [AGENTS.length, AUTOMATION.length, STYLES.length, CONFIRM.length] as const
export const ACTION_SIZE = HEADS.reduce((sum, size) => sum + size, 0)

export interface Action {
  readonly agent: (typeof AGENTS)[number]
  readonly automation: (typeof AUTOMATION)[number]
  readonly style: (typeof STYLES)[number]
  readonly confirm: boolean
}

/** An action by the position of each of its choices. */
export type ActionIndex = readonly [
  agent: number,
  automation: number,
  style: number,
  confirm: number,
]

/** An action as 11 numbers, one 1 for each choice. */
export function actionVector(action: Action): number[] {
  const index = actionIndex(action)
  return HEADS.flatMap((size, head) =>
    Array.from({ length: size }, (_, i) => (i === index[head] ? 1 : 0)),
  )
}

/** Throws Fault `input.invalid` for a value that is none of its choice's. */
export function actionIndex({ agent, automation, style, confirm }: Action): ActionIndex {
  return checked([
    AGENTS.indexOf(agent),
    AUTOMATION.indexOf(automation),
    STYLES.indexOf(style),
    CONFIRM.indexOf(confirm),
  ])
}

/** Throws Fault `input.invalid` for a position out of range. */
export function actionAt(index: readonly number[]): Action {
  const [agent, automation, style, confirm] = checked(index)
  return {
    agent: AGENTS[agent] as Action['agent'],
    automation: AUTOMATION[automation] as Action['automation'],
    style: STYLES[style] as Action['style'],
    confirm: CONFIRM[confirm] as boolean,
  }
}

/** The action whose choices have the highest numbers, the first one of equals. */
export function actionOfVector(vector: readonly number[]): Action {
  let from = 0
  return actionAt(
    HEADS.map((size) => {
      const part = vector.slice(from, (from += size))
      return part.indexOf(Math.max(...part))
    }),
  )
}

function checked(index: readonly number[]): ActionIndex {
  const bad =
    index.length !== HEADS.length ||
    HEADS.some(
      (size, head) =>
        !Number.isInteger(index[head]) ||
        (index[head] as number) < 0 ||
        (index[head] as number) >= size,
    )
  if (bad) {
    throw new Fault('input.invalid', `[${index.join(', ')}] is no action`, {
      hint: `An action has ${HEADS.length} numbers, each from 0 and below ${HEADS.join(', ')}.`,
    })
  }
  return index as unknown as ActionIndex
}
