import type { Question } from '../../policy/types.ts'

/** What an agent of the API asks. */
export interface ApiQuestion {
  /** As the agent names itself; null for nobody in particular. */
  agentId: string | null
  actionType: string
  goal: string | null
  systems: readonly string[]
  reversible: boolean | null
  scope: string | null
  claimedRisk: number | null
  /** The action of the ledger that this asks about, where there is one. */
  actionId?: string
  /** What its tools report, in any form. */
  intel: Readonly<Record<string, unknown>>
}

/** The same as a question of the deck's guard: what the agent means to do is its target. */
export function deckQuestion(asked: ApiQuestion): Question {
  const goal = clean(asked.goal ?? '')
  return {
    type: deckType(asked.actionType),
    target: goal.trim() === '' ? clean(asked.actionType) : goal,
    argv: [],
    cwd: '',
    reversible: asked.reversible,
    systems: [...asked.systems],
    goal,
    scope: clean(asked.scope ?? ''),
    risk: asked.claimedRisk,
    extra: {
      action_type: asked.actionType,
      ...(asked.actionId === undefined ? {} : { action_id: asked.actionId }),
      intel: asked.intel,
    },
  }
}

const MOST_OF_TYPE = 32

/** A type of action as policies of the deck name it: in lower case, with `-` for what is none. */
function deckType(actionType: string): string {
  const tidy = actionType
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z]+/, '')
  return tidy === '' ? 'other' : tidy.slice(0, MOST_OF_TYPE)
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
