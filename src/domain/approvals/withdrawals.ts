import type { Journal } from '../../journal/journal.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { mayDecide } from '../operators/people/rules.ts'
import { deviceOf } from '../operators/rules.ts'
import type { Agreement, Approval } from './types.ts'
import type { Voters } from '../operators/people/voters.ts'

interface WithdrawalParts {
  journal: Journal
  store: Store
  voters: Voters
  problem: (what: string) => void
}

/** Whether an agreement about this agent is not one any more, and why. */
type Ended = (agreement: Agreement, agent: string) => string | undefined

/**
 * Takes agreements back when whoever gave them loses the right to decide, or their device its
 * trust. A decision looks at their rights itself, so that it never counts one that is still to be
 * taken back here.
 */
export class Withdrawals implements Disposable {
  readonly #parts: WithdrawalParts
  readonly #pending: () => Approval[]
  readonly #unfollow: () => void

  constructor(parts: WithdrawalParts) {
    this.#parts = parts
    const pending = parts.store.prepare<[], { row: string }>(
      "SELECT row FROM approval WHERE state = 'pending'",
    )
    this.#pending = () => pending.all().map(({ row }) => JSON.parse(row) as Approval)
    this.#unfollow = parts.journal.follow(({ events }) => {
      for (const event of events) {
        const ended = endedBy(event)
        if (ended !== undefined) this.#withdraw(ended)
      }
    })
    const { voters } = parts
    // What a crash left undone.
    if (this.#drafts(lapsed(voters)).length > 0) this.#withdraw(lapsed(voters))
  }

  [Symbol.dispose](): void {
    this.#unfollow()
  }

  #withdraw(ended: Ended): void {
    const { journal, problem } = this.#parts
    journal
      .append(() => this.#drafts(ended))
      .catch((thrown: unknown) => problem(`an agreement was not taken back: ${String(thrown)}`))
  }

  #drafts(ended: Ended): Draft[] {
    return this.#pending().flatMap(({ id, agent, quorum }) =>
      (quorum?.agreements ?? []).flatMap((agreement): Draft[] => {
        const why = ended(agreement, agent)
        const { operator } = agreement
        if (why === undefined) return []
        const body = { id, operator, why }
        return [{ type: 'approval.agreement_withdrawn', actor: 'supervisor', subject: agent, body }]
      }),
    )
  }
}

function lapsed(voters: Voters): Ended {
  return (agreement, agent) =>
    voters.counts(agreement, agent) ? undefined : `${agreement.operator} may not decide any more`
}

/** Which agreements an event ends: those given before it. What comes later was given anew. */
function endedBy(event: DeckEvent): Ended | undefined {
  const given = (agreement: Agreement) => agreement.at <= event.at
  if (event.type === 'operator.removed') {
    const { id } = (event as DeckEvent<'operator.removed'>).body
    return (one) => (one.operator === id && given(one) ? `${id} was removed` : undefined)
  }
  if (event.type === 'operator.rights_changed') {
    const { id, ...rights } = (event as DeckEvent<'operator.rights_changed'>).body
    const after = { ...rights, state: 'active' } as const
    return (one, agent) =>
      one.operator === id && given(one) && !mayDecide(after, agent)
        ? `${id} may not decide on ${agent} any more`
        : undefined
  }
  if (event.type === 'device.revoked') {
    const { id } = (event as DeckEvent<'device.revoked'>).body
    return (one) =>
      deviceOf(one.actor) === id && given(one) ? `the device ${id} was revoked` : undefined
  }
  return undefined
}
