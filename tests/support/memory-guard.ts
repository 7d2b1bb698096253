import { Fault } from '../../src/base/fault.ts'
import type { Guard } from '../../src/domain/approvals/guard.ts'
import type { Answer, Outcome } from '../../src/domain/approvals/types.ts'
import { normalise } from '../../src/domain/policy/normalise.ts'
import { assessRisk } from '../../src/domain/policy/risk/risk.ts'
import type { Action, Decision, Question } from '../../src/domain/policy/types.ts'

export interface Asked {
  id: string
  agent: string
  action: Action
  answer: Answer
}

/** A guard without a journal: `judge` decides, and what it leaves pending is decided by the test. */
export class MemoryGuard implements Guard {
  readonly asked: Asked[] = []
  readonly outcomes: { id: string; outcome: Omit<Outcome, 'at'> }[] = []
  readonly refusals: { agent: string; reason: string; what: string }[] = []
  readonly waits: { id: string; signal: AbortSignal }[] = []
  judge: (question: Question) => Decision
  #changed = new Set<() => void>()

  constructor(judge: (question: Question) => Decision = () => 'allow') {
    this.judge = judge
  }

  async ask(agent: string, question: Question): Promise<Answer> {
    const action = normalise(question)
    const decision = this.judge(question)
    const id = `act_${this.asked.length + 1}`
    const answer: Answer = {
      id,
      decision,
      pending: decision === 'require_approval',
      reasons: [{ layer: 'policy', id: 'p1', text: `the test says ${decision}` }],
      risk: assessRisk(action),
      edited: null,
      expiresAt: decision === 'require_approval' ? Date.UTC(2030, 0, 1) : null,
    }
    this.asked.push({ id, agent, action, answer })
    this.#tell()
    return answer
  }

  async wait(agent: string, id: string, waitMs: number, signal: AbortSignal): Promise<Answer> {
    const found = () => {
      const asked = this.asked.find((a) => a.id === id && a.agent === agent)
      if (asked === undefined)
        throw new Fault('approval.unknown', `no question ${id} of this agent`, {
          hint: 'Ask again.',
        })
      return asked.answer
    }
    found()
    this.waits.push({ id, signal })
    this.#tell()
    const timeout =
      waitMs <= 0 ? AbortSignal.abort() : AbortSignal.any([signal, AbortSignal.timeout(waitMs)])
    while (found().pending && !timeout.aborted) await this.#change(timeout)
    return found()
  }

  async report(agent: string, id: string, outcome: Omit<Outcome, 'at'>): Promise<void> {
    if (!this.asked.some((a) => a.id === id && a.agent === agent))
      throw new Fault('approval.unknown', `no question ${id} of this agent`)
    this.outcomes.push({ id, outcome })
    this.#tell()
  }

  refused(agent: string, reason: string, what: string): void {
    this.refusals.push({ agent, reason, what })
    this.#tell()
  }

  foresee(agent: string, question: Question) {
    const action = normalise(question)
    const risk = assessRisk(action)
    const verdict = { decision: this.judge(question), reasons: [], risk, policies: [agent] }
    return { action, verdict }
  }
  whoami(agent: string) {
    return { agent, template: 'coder', guard: 1 as const }
  }

  decide(
    id: string,
    decision: 'allow' | 'block',
    more: { edited?: Action; note?: string } = {},
  ): void {
    const asked = this.asked.find((a) => a.id === id) as Asked
    asked.answer = {
      ...asked.answer,
      decision,
      pending: false,
      edited: more.edited ?? null,
      reasons: [{ layer: 'operator', text: more.note ?? `operator:console said ${decision}` }],
    }
    this.#tell()
  }

  /** Resolves as soon as `test` holds; looked at after each thing that happens here. */
  async until(test: () => boolean): Promise<void> {
    while (!test()) await this.#change(new AbortController().signal)
  }

  #tell(): void {
    for (const go of this.#changed) go()
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        this.#changed.delete(go)
        signal.removeEventListener('abort', go)
        resolve()
      }
      this.#changed.add(go)
      signal.addEventListener('abort', go)
    })
  }
}
