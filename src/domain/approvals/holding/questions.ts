import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { timeLeft } from './rules.ts'
import type { Approval } from '../types.ts'

/** Whose questions are meant. */
type Of = (agent: string) => boolean

/** Questions of frozen agents: their time stands still, and nobody decides them. */
export class HeldQuestions {
  readonly #pending: () => Approval[]

  constructor(store: Store) {
    const pending = store.prepare<[], string>("SELECT row FROM approval WHERE state = 'pending'")
    this.#pending = () =>
      pending
        .pluck()
        .all()
        .map((row) => JSON.parse(row) as Approval)
  }

  /** Events that hold what still waited at `since`, in Unix milliseconds. */
  hold(of: Of, since: number): Draft[] {
    return this.#pending()
      .filter((one) => one.heldSince === undefined && of(one.agent) && timeLeft(one, since) > 0)
      .map(({ id, agent }) => ({
        type: 'approval.held',
        actor: 'supervisor',
        subject: agent,
        body: { id, since },
      }))
  }

  /** Events that let time go on for what is held, with as much left as there was. */
  release(of: Of, now: number): Draft[] {
    return this.#pending()
      .filter(({ agent }) => of(agent))
      .flatMap(({ id, agent, expiresAt, heldSince }): Draft[] => {
        if (heldSince === undefined) return []
        const heldMs = Math.max(0, now - heldSince)
        const body = { id, heldMs, expiresAt: expiresAt + heldMs }
        return [{ type: 'approval.resumed', actor: 'supervisor', subject: agent, body }]
      })
  }
}
