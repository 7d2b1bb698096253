import type { DeckEvent } from '../../src/journal/types.ts'
import type { GuardLoad, Told } from './guard-load.ts'

type Handlers = { [T in DeckEvent['type']]?: (event: DeckEvent<T>) => void }

/** What the journal says became of each question; what contradicts itself there is in `wrong`. */
export class Outcomes {
  readonly requested = new Map<string, { expiresAt: number }>()
  readonly settled = new Map<string, string>()
  readonly reported = new Set<string>()
  readonly leases = new Map<string, { left: number }>()
  readonly wrong: string[] = []

  readonly #handlers: Handlers = {
    'approval.requested': ({ body }) => {
      this.requested.set(body.id, body)
    },
    'approval.expired': ({ body }) => this.#settle(body.id, 'block'),
    'approval.decided': ({ body, at }) => {
      this.#settle(body.id, decisionOf(body.state))
      if (at >= (this.requested.get(body.id)?.expiresAt ?? 0))
        this.wrong.push(`${body.id} was decided after its time`)
    },
    'action.decided': ({ body }) => {
      this.#settle(body.id, body.decision)
      if (body.lease !== null) this.#use(body.lease)
    },
    'action.reported': ({ body }) => {
      this.reported.add(body.id)
    },
    'lease.granted': ({ body }) => {
      this.leases.set(body.lease.id, { left: body.lease.uses })
    },
  }

  constructor(events: readonly DeckEvent[]) {
    for (const event of events)
      (this.#handlers[event.type] as ((event: DeckEvent) => void) | undefined)?.(event)
    for (const id of this.requested.keys())
      if (!this.settled.has(id)) this.wrong.push(`${id} still waits`)
  }

  /** What the load heard and the journal does not hold, or what nobody allowed. */
  contradictions(load: GuardLoad): string[] {
    return [
      ...this.wrong,
      ...load.told
        .filter((told) => !this.#holds(told))
        .map(
          ({ id, target, decision }) =>
            `${target}: told ${decision} of ${id}, the journal says ${this.settled.get(id) ?? 'nothing'}`,
        ),
      ...load.told
        .filter((told) => told.decision === 'allow' && !somebodyAllowed(told, load))
        .map(({ id, target, layer }) => `${target} was allowed by nobody (${id}, ${layer})`),
      ...load.acknowledged
        .filter(({ id, state }) => this.settled.get(id) !== decisionOf(state))
        .map(
          ({ id, state }) =>
            `an operator was told that ${id} is ${state}, the journal says ${this.settled.get(id) ?? 'nothing'}`,
        ),
      ...load.reported
        .filter((id) => !this.reported.has(id))
        .map((id) => `the outcome of ${id} was acknowledged and is lost`),
    ]
  }

  #holds({ id, pending, decision }: Told): boolean {
    return pending ? this.requested.has(id) : this.settled.get(id) === decision
  }

  #settle(id: string, decision: string): void {
    if (this.settled.has(id)) this.wrong.push(`${id} was decided twice`)
    this.settled.set(id, decision)
  }

  #use(lease: string): void {
    const left = (this.leases.get(lease)?.left ?? 0) - 1
    this.leases.set(lease, { left })
    if (left < 0) this.wrong.push(`${lease} was used more often than it was granted for`)
  }
}

function decisionOf(state: 'allowed' | 'denied'): string {
  return state === 'allowed' ? 'allow' : 'block'
}

/** The template's own policy, a person, a person's lease, or what was learned from a person's word on the very same command. */
function somebodyAllowed({ id, target, layer }: Told, load: GuardLoad): boolean {
  return (
    target === 'git status' ||
    load.tried.get(id)?.has('allowed') === true ||
    (layer === 'lease' && target.startsWith('deploy lease ')) ||
    (layer === 'rule' && load.wanted.has(target))
  )
}
